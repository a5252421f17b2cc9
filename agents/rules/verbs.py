"""Verbs with which tools' documentation says what they do, in their base form."""

from __future__ import annotations

from .words import ACTS, word_set

READS = word_set(
    """get gets retrieve fetch return read obtain describe show view display list search find query
    lookup provide see load download gather check enumerate request pull"""
)
"""Those that only look."""

VERBS = (
    READS
    | frozenset().union(*ACTS.values())
    | word_set(
        """activate deactivate enable disable generate validate verify execute invoke trigger
        initiate complete finish terminate abort kill restart reboot
        scale deploy undeploy publish
        unpublish import export sync synchronize refresh rotate revoke grant deny allow
        associate disassociate detach link unlink bind unbind map move migrate convert parse
        process analyze analyse detect predict classify extract match compute evaluate
        simulate authorize authenticate login logout sign subscribe unsubscribe follow
        unfollow like unlike vote rank score upload register deregister unregister provision
        configure modify patch replace upsert append retrieve fetch obtain describe
        enumerate set unset lock unlock mark flag tag untag label archive unarchive restore
        recover undelete purge flush reset resend retry redeem capture void settle reconcile
        charge tokenize encrypt decrypt hash translate transcribe render preview compile
        count aggregate calculate estimate quote schedule unschedule reschedule postpone
        assign unassign reassign delegate escalate approve reject accept decline confirm
        acknowledge dismiss ignore suspend resume pause unpause promote demote clone
        duplicate fork cancel stop start begin end open close reopen connect disconnect ping
        test check claim release reserve allocate submit send receive forward share invite
        join leave post put save store persist insert embed attach notify alert report
        record log monitor watch poll wait peek dequeue enqueue push pull merge rebase
        commit checkout compare diff rollback revert undo redo tail stream broadcast rename
        resolve reply comment withdraw deposit transfer swap trade buy sell order book
        purchase expire extend renew upgrade downgrade install uninstall update get perform
        run apply assume enroll unenroll issue prepare request"""
    )
) - word_set(
    """what which when who any times know see no information info data account number access name
    date report card plan point room model file photo"""
)
"""All of them."""


_IRREGULAR = {
    "get": "fetched", "find": "found", "send": "sent", "put": "put", "set": "set", "run": "run",
    "begin": "begun", "buy": "bought", "sell": "sold", "withdraw": "withdrawn", "undo": "undone",
    "leave": "left", "make": "made", "tell": "told", "give": "given", "show": "shown",
    "hide": "hidden", "write": "written", "take": "taken", "draw": "drawn", "build": "built",
    "split": "split", "bind": "bound", "unbind": "unbound", "read": "read", "reset": "reset",
    "upload": "uploaded", "rebuild": "rebuilt", "unset": "unset", "pay": "paid", "do": "done",
    "freeze": "frozen", "lead": "led", "hold": "held", "keep": "kept", "choose": "chosen",
    "speak": "spoken", "redo": "redone", "broadcast": "broadcast", "forget": "forgotten",
}  # fmt: skip
_DOUBLED = word_set("stop cancel submit commit tag plan map drop swap ban ship unmap pin unpin log")


def past(verb: str) -> str:
    """The past participle of a verb in its base form: "sent", "copied", "stopped"."""
    if verb in _IRREGULAR:
        return _IRREGULAR[verb]
    if verb in _DOUBLED:
        return f"{verb}{verb[-1]}ed" if verb != "cancel" else "cancelled"
    if verb.endswith("e"):
        return f"{verb}d"
    if verb.endswith("y") and verb[-2:-1] not in "aeiou":
        return f"{verb[:-1]}ied"
    return f"{verb}ed"
