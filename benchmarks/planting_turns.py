"""Planters of what goes wrong with turns: endings, leaks, repeats, claims, damaged text."""

from __future__ import annotations

import json
import re
from random import Random

from planting import (
    Record,
    call_places,
    called_rounds,
    drop,
    function,
    insert,
    pick,
    plants,
    result_of,
    rounds,
    said_by,
)

PAST = {
    "create": "created", "add": "added", "book": "booked", "set": "set", "send": "sent",
    "delete": "deleted", "remove": "removed", "update": "updated", "cancel": "cancelled",
    "modify": "modified", "order": "ordered", "reserve": "reserved", "register": "registered",
    "start": "started", "upload": "uploaded", "post": "posted", "assign": "assigned",
    "switch": "switched", "submit": "submitted", "transfer": "transferred", "pay": "paid",
    "schedule": "scheduled", "record": "recorded", "close": "closed", "move": "moved",
    "place": "placed", "request": "requested", "log": "logged", "rate": "rated",
}  # fmt: skip


@plants("ends_on_user_message")
def unanswered(record: Record, rng: Random) -> Record | None:
    if rng.random() < 0.5:
        last = rounds(record)[-1]
        drop(record, last[1:])
        return record
    more = ["And what about tomorrow?", "Could you do the same for my colleague?",
            "Thanks! One more thing: is it refundable?", "Hmm, are you sure about that?",
            "Perfecto, ¿y mañana?"]  # fmt: skip
    insert(record, len(record["messages"]), "user", rng.choice(more))
    return record


@plants("ends_on_tool_result")
def untold(record: Record, rng: Random) -> Record | None:
    part = pick(rng, called_rounds(record))
    if part is None:
        return None
    drop(record, range(part[-1], len(record["messages"])))
    return record


@plants("no_answer_after_calls")
def skipped_answer(record: Record, rng: Random) -> Record | None:
    part = pick(rng, called_rounds(record)[:-1] if len(rounds(record)) > 1 else [])
    if part is None or part[-1] == len(record["messages"]) - 1:
        return None
    drop(record, [part[-1]])
    return record


@plants("no_assistant_turn")
def silent(record: Record, rng: Random) -> Record | None:
    keep = said_by(record, "user")[:1] if rng.random() < 0.7 else []
    system = [at for at, m in enumerate(record["messages"]) if m["role"] == "system"]
    record["messages"] = [record["messages"][at] for at in system + keep]
    return record


@plants("uncalled_requests")
def only_talked(record: Record, rng: Random) -> Record | None:
    """An assistant that says it has done what it never called a tool for."""
    if not any(step.get("kind") == "tool_call" for step in record.get("plan") or []):
        return None
    if any(verdict["check"] == "no_calls" for verdict in record.get("verdicts") or []):
        return None
    messages = record["messages"]
    calling = [at for at, m in enumerate(messages) if m["role"] == "tool" or m.get("tool_calls")]
    drop(record, calling)
    return record if calling else None


@plants("plan_step_unanswered")
def lost_step(record: Record, rng: Random) -> Record | None:
    plan = record.get("plan") or []
    if not plan:
        return None
    if rng.random() < 0.4 or len(rounds(record)) != len(plan) or len(plan) < 2:
        rng.choice(plan)["met"] = False
    else:
        drop(record, rng.choice(rounds(record)[1:]))
    return record


@plants("not_completed")
def stopped(record: Record, rng: Random) -> Record | None:
    status, reason, blame = rng.choice([
        ("limit", "12 turns", "user"), ("failed", "the endpoint did not answer", "endpoint"),
        ("cancelled", "interrupted", None), ("limit", "20 tool calls", "assistant"),
    ])  # fmt: skip
    record["outcome"] = {"status": status, "reason": reason, "blame": blame}
    return record


@plants("leaked_plan")
def plan_aloud(record: Record, rng: Random) -> Record | None:
    at = pick(rng, said_by(record, "user"))
    if at is None:
        return None
    text = record["messages"][at]["content"]
    number = rng.randrange(1, 5)
    record["messages"][at]["content"] = rng.choice([
        f"Step {number}: {text}",
        f"[tool_call] {text}",
        f"(chitchat) {text}",
        f"Okay, now on to step {number} of my plan: {text}",
        f"According to the plan, {text[:1].lower()}{text[1:]}",
        f"tool_call: {text}",
        f"**Request {number}:** {text}",
        f"Ask the assistant to {text[:1].lower()}{text[1:]}",
        f"{text} (this was step {number} of the plan)",
        json.dumps({"step_met": True, "message": text}),
        f"The user wants to {text[:1].lower()}{text[1:]}",
        f"My plan says: {text}",
        f"{text} That's step {number} in my script.",
        f"Chitchat: {text}",
    ])  # fmt: skip
    return record


@plants("leaked_tool_name")
def tool_aloud(record: Record, rng: Random) -> Record | None:
    names = [t["name"] for t in record["tools"] if re.search(r"_|[a-z][A-Z]", t["name"])]
    name, at = pick(rng, names), pick(rng, said_by(record, "user"))
    if name is None or at is None:
        return None
    text = record["messages"][at]["content"]
    record["messages"][at]["content"] = rng.choice([
        f"{text} Use {name} for that.",
        f"Please call {name}. {text}",
        f"{text} (with the tool `{name}`)",
        f"Run {name}(): {text}",
        f"I think {name} could help: {text}",
    ])  # fmt: skip
    return record


@plants("leaked_system_prompt")
def instructions_aloud(record: Record, rng: Random) -> Record | None:
    system = record["messages"][0]
    if system["role"] != "system" or not system["content"]:
        return None
    text = " ".join(system["content"].split("\n\n")[0].split())
    sentences = [s for s in re.split(r"(?<=[.!?]) ", text) if len(s.split()) > 8]
    at = pick(rng, said_by(record, "assistant") + said_by(record, "user"))
    if at is None or not sentences:
        return None
    leak = rng.choice([text, rng.choice(sentences), f"My instructions: {text}"])
    said = record["messages"][at]["content"]
    record["messages"][at]["content"] = rng.choice([f"{leak}\n\n{said}", f"{said} {leak}"])
    return record


@plants("leaked_role_marker")
def speakers_marked(record: Record, rng: Random) -> Record | None:
    role = rng.choice(["user", "assistant"])
    at = pick(rng, said_by(record, role))
    if at is None:
        return None
    text = record["messages"][at]["content"]
    mine, other = ("User", "Assistant") if role == "user" else ("Assistant", "User")
    record["messages"][at]["content"] = rng.choice([
        f"{mine}: {text}",
        f"**{mine}:** {text}",
        f"{'Human' if role == 'user' else 'AI'}: {text}",
        f"{text}\n{other}: All right.\n{mine}: Good.",
        f"[{mine.upper()}]: {text}",
        f"### Response:\n{text}" if role == "assistant" else f"### Instruction:\n{text}",
        f"{mine.lower()}: {text}",
    ])  # fmt: skip
    return record


@plants("repeated_user_turn")
def asked_again(record: Record, rng: Random) -> Record | None:
    long = [
        at for at in said_by(record, "user") if len(record["messages"][at]["content"].split()) > 5
    ]
    at = pick(rng, long)
    if at is None:
        return None
    text = record["messages"][at]["content"]
    again = rng.choice(
        [text, text.lower(), text.rstrip(".?!"), f"Please, {text}", f"{text} Thanks!"]
    )
    end = len(record["messages"])
    later = [part for part in rounds(record) if part[0] > at and len(part) == 2]
    if later and rng.random() < 0.5:
        record["messages"][rng.choice(later)[0]]["content"] = again
        return record
    insert(record, end, "user", again)
    insert(record, end + 1, "assistant", "As I told you before, that is already dealt with.")
    return record


@plants("repeated_assistant_turn")
def answered_again(record: Record, rng: Random) -> Record | None:
    answers = [
        at for at in said_by(record, "assistant") if len(record["messages"][at]["content"]) > 50
    ]
    at = pick(rng, answers)
    if at is None:
        return None
    text = record["messages"][at]["content"]
    later = [other for other in said_by(record, "assistant") if other > at]
    if later and rng.random() < 0.6:
        record["messages"][rng.choice(later)]["content"] = text
        return record
    end = len(record["messages"])
    aside = ["Great, and where could I have lunch here?", "What do you make of that, frankly?"]
    insert(record, end, "user", rng.choice(aside))
    insert(record, end + 1, "assistant", rng.choice([text, text.rstrip("."), f"Sure. {text}"]))
    return record


@plants("empty_turn")
def nothing_said(record: Record, rng: Random) -> Record | None:
    at = pick(rng, said_by(record, rng.choice(["user", "assistant"])))
    if at is None:
        return None
    record["messages"][at]["content"] = rng.choice(
        ["", " ", "\n\n", "...", "…", "\u200b", None, "**", "-"]
    )
    return record


def _claim(name: str, rng: Random) -> str | None:
    """A sentence that says that the tool of that name did its work."""
    words = [w.lower() for w in re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)]
    verb = next((word for word in words[:2] if word in PAST), None)
    if verb is None:
        return None
    past, thing = PAST[verb], " ".join(w for w in words if w != verb) or "request"
    return str(rng.choice([
        f"I've {past} the {thing} for you.",
        f"Done! The {thing} has been {past}.",
        f"Your {thing} has been successfully {past}. Anything else?",
        f"All set, I have {past} the {thing} as you asked.",
        f"The {thing} is now {past}.",
        f"I just {past} the {thing}. You should see it shortly.",
        f"Great news: the {thing} was successfully {past}!",
        f"Sure thing! I went ahead and {past} the {thing}.",
        f"Okay, the {thing} has now been {past} and everything is in order.",
    ]))  # fmt: skip


@plants("claimed_without_call")
def only_claimed(record: Record, rng: Random) -> Record | None:
    options = []
    for part in called_rounds(record)[:1]:  # what an earlier call did may be told again
        calls = [p for p in call_places(record) if p[0] in part]
        claim = _claim(function(record, calls[-1])["name"], rng)
        if claim and part == rounds(record)[0]:
            options.append((part, claim))
    chosen = pick(rng, options)
    if chosen is None:
        return None
    part, claim = chosen
    record["messages"][part[-1]]["content"] = claim
    drop(record, part[1:-1])
    return record


@plants("claimed_after_error")
def claimed_anyway(record: Record, rng: Random) -> Record | None:
    options = []
    for part in called_rounds(record):
        calls = [p for p in call_places(record) if p[0] in part]
        claim = _claim(function(record, calls[-1])["name"], rng)
        if claim and len(calls) == 1 and result_of(record, calls[0]) is not None:
            options.append((part, calls[0], claim))
    chosen = pick(rng, options)
    if chosen is None:
        return None
    part, call, claim = chosen
    result = result_of(record, call)
    assert result is not None
    record["messages"][result]["content"] = rng.choice([
        '{"error": "Permission denied for this account."}',
        '{"error": {"code": 404, "message": "no such entry"}}',
        '{"success": false, "message": "quota exceeded"}',
        "Error: connection timed out",
        '{"status": "error", "detail": "invalid date"}',
        "HTTP 500 Internal Server Error",
        '{"errors": ["token expired"]}',
    ])  # fmt: skip
    record["messages"][part[-1]]["content"] = claim
    return record


@plants("ungrounded_answer")
def other_figures(record: Record, rng: Random) -> Record | None:
    options = []
    for part in called_rounds(record):
        text = record["messages"][part[-1]]["content"]
        results = " ".join(record["messages"][at].get("content") or "" for at in part[1:-1])
        for match in re.finditer(
            r"(?<![\w.:/-])\d+(?:\.\d+)?(?![\w:/-]|\.\d)|\b[A-Z]+-\d{3,}\b", text
        ):
            if match.group() in results and len(match.group()) > 1:
                options.append((part[-1], match.span()))
    chosen = pick(rng, options)
    if chosen is None:
        return None
    at, (start, end) = chosen
    text = record["messages"][at]["content"]
    known = "".join(m.get("content") or "" for m in record["messages"])
    for _ in range(50):
        other = "".join(rng.choice("123456789") if c.isdigit() else c for c in text[start:end])
        if other not in known:
            record["messages"][at]["content"] = text[:start] + other + text[end:]
            return record
    return None


@plants("ignored_result")
def denied(record: Record, rng: Random) -> Record | None:
    options = []
    for part in called_rounds(record):
        results = [
            record["messages"][at] for at in part if record["messages"][at]["role"] == "tool"
        ]
        words = [re.findall(r"[A-Za-z]{4,}", m.get("content") or "") for m in results]
        failed = any("error" in (m.get("content") or "").lower() for m in results)
        if all(len(found) > 3 for found in words) and not failed:
            options.append(part[-1])
    at = pick(rng, options)
    if at is None:
        return None
    record["messages"][at]["content"] = rng.choice([
        "I'm sorry, I couldn't find anything about that.",
        "Unfortunately there were no results for your request.",
        "I was unable to retrieve that just now. Please try again later.",
        "Hm, nothing came up. Could you rephrase?",
        "It looks like the request failed, sorry.",
        "I'm afraid there is no data available for this.",
        "I did not find a match.",
        "Sorry, but I don't have access to that information.",
    ])  # fmt: skip
    return record


@plants("control_token")
def template_marks(record: Record, rng: Random) -> Record | None:
    at = pick(rng, said_by(record, "assistant") + said_by(record, "user"))
    if at is None:
        return None
    text = record["messages"][at]["content"]
    mark = rng.choice(["<|im_end|>", "<|endoftext|>", "</s>", "[/INST]", "<|eot_id|>",
                       "<end_of_turn>", "<|im_start|>assistant", "<｜end▁of▁sentence｜>",
                       "<tool_call>"])  # fmt: skip
    record["messages"][at]["content"] = rng.choice([text + mark, f"{text}\n{mark}", mark + text])
    return record


@plants("replacement_character")
def lost_characters(record: Record, rng: Random) -> Record | None:
    return _damaged(record, rng, lambda text, at: text[:at] + "\ufffd" + text[at + 1 :])


@plants("mojibake")
def decoded_wrongly(record: Record, rng: Random) -> Record | None:
    words = [
        "café",
        "naïve",
        "Zürich",
        "it’s",
        "“sure”",
        "100 €",
        "señor",
        "5 °C",
        "Malmö",
        "– yes –",
        "😀",
    ]
    word = (
        rng.choice(words).encode().decode("cp1252" if rng.random() < 0.5 else "latin-1", "replace")
    )
    if "\ufffd" in word:
        return None
    return _damaged(record, rng, lambda text, at: f"{text[:at]} {word} {text[at:]}")


@plants("control_character")
def invisible(record: Record, rng: Random) -> Record | None:
    mark = rng.choice("\x00\x07\x08\x0b\x1b\x1f\x7f")
    return _damaged(record, rng, lambda text, at: text[:at] + mark + text[at:])


def _damaged(record: Record, rng: Random, damage) -> Record | None:  # type: ignore[no-untyped-def]
    at = pick(rng, said_by(record, "assistant") + said_by(record, "user"))
    if at is None:
        return None
    text = record["messages"][at]["content"]
    record["messages"][at]["content"] = damage(text, rng.randrange(len(text)))
    return record


@plants("language_switch")
def other_language(record: Record, rng: Random) -> Record | None:
    at = pick(rng, said_by(record, "assistant"))
    if at is None:
        return None
    record["messages"][at]["content"] = rng.choice([
        "好的，我已经为您完成了这个操作，请查收。",
        "Готово, всё сделано. Чем ещё могу помочь?",
        "かしこまりました。ご依頼の件は完了しました。",
        "تم تنفيذ طلبك بنجاح، هل تحتاج إلى شيء آخر؟",
        "आपका अनुरोध पूरा हो गया है। क्या मैं और मदद कर सकता हूँ?",
        "요청하신 작업이 완료되었습니다. 더 도와드릴까요?",
        "Η εργασία ολοκληρώθηκε με επιτυχία.",
    ])  # fmt: skip
    return record


@plants("bad_role_order")
def disordered(record: Record, rng: Random) -> Record | None:
    messages = record["messages"]
    kind = rng.randrange(5)
    if kind == 0:
        insert(record, said_by(record, "user")[-1], "user", "Wait, one more thing first.")
    elif kind == 1:
        insert(record, len(messages), "assistant", "Let me know if there is more to do for you.")
    elif kind == 2 and messages[0]["role"] == "system" and len(messages) > 3:
        messages.insert(rng.randrange(2, len(messages)), messages.pop(0))
    elif kind == 3:
        insert(record, said_by(record, "user")[0], "assistant", "Hello! What can I do for you?")
    else:
        first = said_by(record, "user")[0]
        insert(record, first + 1, "system", "Answer politely.")
    return record


@plants("execution_failed")
def failed_query(record: Record, rng: Random) -> Record | None:
    reason = rng.choice(["expected [[3]], found [[]]", "meetings has no row {...}"])
    return _failed(record, rng, {"check": "query: select count(*) from meetings", "reason": reason,
                                 "by": "execution"})  # fmt: skip


@plants("check_failed")
def failed_rule(record: Record, rng: Random) -> Record | None:
    check, reason = rng.choice(
        [("calls_valid", "1 calls refused"), ("says: ok", "no message contains it")]
    )
    return _failed(record, rng, {"check": check, "reason": reason, "by": "rules"})


@plants("judge_failed")
def failed_judge(record: Record, rng: Random) -> Record | None:
    return _failed(
        record, rng, {"check": "judge", "reason": "the second request is ignored", "by": "judge"}
    )


def _failed(record: Record, rng: Random, verdict: dict[str, str]) -> Record:
    record.setdefault("verdicts", []).append({**verdict, "passed": False})
    record["outcome"] = {**record["outcome"], "blame": rng.choice(["assistant", "tool", None])}
    return record
