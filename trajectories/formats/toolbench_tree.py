"""ToolBench's answers (Qin et al. 2023, section 3.3): the tree of a depth-first search, or the
tries of a chain of thought, as one trajectory with branches.

Nodes are `Thought`, `Action` and `Action Input` (with its observation); a thought and an action of
one turn are one message. The main branch ends in the answer; where the search gave up,
in the attempt that `answer_generation.train_messages` ends with, and the outcome says so. What
became of every other branch is under `branches` in other information. `train_messages` tells the
main branch again, with the prompts that asked for another attempt, which no branch keeps.

The source prefers no branch to another, so there are no preferences.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from ..trajectory import Outcome, Trajectory
from .conversation import Call, Conversation, arguments_text, result_text, text_in
from .format import Format, Losses, Refused
from .tools import Tools, read_tools

_NAME = "toolbench-tree"
_ANSWERED, _GAVE_UP = 3, 4
"""Codes of observations, as ToolBench has them."""
_KNOWN = ("tree", "trys", "answer_generation", "compare_candidates", "try_count", "query_id")
_KEPT = ("query_count", "total_tokens", "finish_type", "valid_data")

Node = Mapping[str, Any]
Turn = tuple[str | None, str | None, str | None]
"""What an assistant says or thinks, and the name and arguments of its call."""


def recognize(record: Any) -> str | None:
    if not isinstance(record, dict) or not isinstance(record.get("answer_generation"), dict):
        return None
    if isinstance(record.get("tree"), dict):
        return "the tree of a search with answer_generation"
    return "tries with answer_generation" if isinstance(record.get("trys"), list) else None


def read(record: Any, losses: Losses) -> Iterator[Trajectory]:
    answer = record["answer_generation"]
    tools = read_tools(answer.get("function"), losses)
    trained = _trained(answer)
    reading = _Reading(tools)
    _open(reading.conversation, answer, trained)
    start = reading.conversation.at
    for root in _roots(record):
        reading.grow(root, start)
    main = reading.main(str(answer.get("finish_type")), _turns_of(trained, tools))
    losses.lose("prompts for another attempt", sum(m.get("role") == "user" for m in trained[2:]))
    losses.lose("ratings of nodes", reading.rated)
    information = {key: answer.get(key) for key in _KEPT}
    yield reading.conversation.trajectory(
        _NAME, tools, {**record, "id": record.get("query_id")}, (*_KNOWN, "id"),
        id_key="query_id", environment="toolbench", main=main, outcome=reading.outcome(main),
        user_query=str(answer.get("query") or ""),
        other_information={**information, "branches": reading.branches},
    )  # fmt: skip


class _Reading:
    """One tree while it is read, without recursion: trees are as deep as searches are long."""

    def __init__(self, tools: Tools) -> None:
        self.conversation = Conversation()
        self.branches: dict[str, dict[str, Any]] = {}
        """What the source says of each branch, by its leaf."""
        self.rated = 0
        self._tools = tools
        self._codes: dict[int, int] = {}
        self._calls: dict[int | None, int] = {}
        """How many calls a branch has made when it comes to a message; ids count by branch."""

    def grow(self, root: Node, start: int | None) -> None:
        """Messages for all below `root`, after the message `start`."""
        waiting = [(node, start) for node in reversed(_children(root))]
        while waiting:
            node, parent = waiting.pop()
            self.conversation.at = parent
            last = self._say(node)
            at = self.conversation.at
            assert at is not None
            children = _children(last)
            if not children:
                self.branches[str(at)] = {
                    key: last[key] for key in ("pruned", "observation_code") if key in last
                }
            waiting += [(child, at) for child in reversed(children)]

    def _say(self, node: Node) -> Node:
        """The message or messages that begin with `node`; the last node that is told by them."""
        thought = None
        made = self._calls.get(self.conversation.at, 0)
        if node.get("node_type") == "Thought":
            thought = self._text(node)
            children = _children(node)
            # A node that was expanded ended its turn: the model was asked again after it.
            alone = len(children) == 1 and children[0].get("node_type") == "Action"
            if node.get("expand_num") or not alone:
                self.conversation.say("assistant", thought)
                self._calls[self.conversation.at] = made
                return node
            node = children[0]
        if node.get("node_type") != "Action":
            raise Refused(f"a node is no thought or action, but {node.get('node_type')!r:.40}")
        name = self._tools.name(self._text(node).strip() or "none")
        children = _children(node)
        if len(children) > 1:
            raise Refused("an action has more than one input")
        node = children[0] if children else {**node, "description": ""}
        arguments = arguments_text(node.get("description"))
        self.conversation.call([Call(name, arguments, f"call_{made}")], thought=thought)
        if "observation" in node:
            self.conversation.result(result_text(node["observation"]))
        at = self.conversation.at
        self._calls[at] = made + 1
        code = node.get("observation_code")
        if isinstance(code, int) and at is not None:
            self._codes[at] = code
        return node

    def _text(self, node: Node) -> str:
        self.rated += bool(node.get("matching_time"))
        return text_in(node.get("description"), "the description of a node")

    def main(self, finish: str, turns: list[Turn]) -> int | None:
        """The leaf of the branch that the source took: of those that end as it says, the one with
        these `turns`, else the first."""
        code = _GAVE_UP if finish == "give_up" else _ANSWERED
        ends = [int(leaf) for leaf in self.branches if self._codes.get(int(leaf)) == code]
        taken = next((leaf for leaf in ends if self._turns(leaf) == turns), None)
        return taken if taken is not None else next(iter(ends), None)

    def outcome(self, main: int | None) -> Outcome:
        code = None if main is None else self._codes.get(main)
        if code == _ANSWERED:
            return Outcome(status="completed")
        if code == _GAVE_UP:
            return Outcome(status="failed", reason="gave up", blame="assistant")
        return Outcome(status="limit", reason="no branch came to an end")

    def _turns(self, leaf: int) -> list[Turn]:
        messages, turns = self.conversation.messages, []
        at: int | None = leaf
        while at is not None:
            message = messages[at]
            for call in message.get("tool_calls") or ():
                function = call["function"]
                turns.append((message["thought"], function["name"], function["arguments"]))
            if message["role"] == "assistant" and not message.get("tool_calls"):
                turns.append((message["content"], None, None))
            at = message["parent"]
        return turns[::-1]


def _roots(record: Mapping[str, Any]) -> list[Node]:
    """The root of the tree; of tries, which are lists of nodes in a row, a root for each."""
    if "tree" in record:
        tree = record["tree"].get("tree")
        if not isinstance(tree, dict):
            raise Refused("the tree has no root")
        return [tree]
    return [_row(attempt) for attempt in record["trys"]]


def _row(attempt: Any) -> Node:
    nodes = attempt.get("chain") if isinstance(attempt, dict) else attempt
    if not isinstance(nodes, list) or not all(isinstance(node, dict) for node in nodes):
        raise Refused("a try is no list of nodes")
    below: list[Node] = []
    for node in reversed(nodes):
        below = [{**node, "children": below}]
    return {"children": below}


def _children(node: Node) -> list[Node]:
    children = node.get("children") or []
    if not isinstance(children, list) or not all(isinstance(child, dict) for child in children):
        raise Refused("the children of a node are no list of nodes")
    return children


def _trained(answer: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The longest of the states that are trained on: the whole main branch but its last result."""
    states = answer.get("train_messages") or []
    last = states[-1] if isinstance(states, list) and states else []
    if not isinstance(last, list) or not all(isinstance(message, dict) for message in last):
        raise Refused("train_messages is no list of conversations")
    return last


def _open(
    conversation: Conversation, answer: Mapping[str, Any], trained: list[dict[str, Any]]
) -> None:
    """The system message and the request, as the model was given them where that is told."""
    given = [message for message in trained[:2] if message.get("role") in ("system", "user")]
    for message in given:
        conversation.say(message["role"], text_in(message.get("content"), "a train message"))
    if not any(message["role"] == "user" for message in given):
        conversation.say("user", text_in(answer.get("query"), "the query"))


def _turns_of(trained: list[dict[str, Any]], tools: Tools) -> list[Turn]:
    turns: list[Turn] = []
    for message in trained:
        call, words = message.get("function_call"), message.get("content") or None
        if isinstance(call, dict):
            arguments = arguments_text(call.get("arguments"))
            turns.append((words, tools.name(call.get("name")), arguments))
        elif message.get("role") == "assistant":
            turns.append((words, None, None))
    return turns


FORMAT = Format(
    name=_NAME,
    about="ToolBench's answers: trees of depth-first searches, as branches",
    recognize=recognize,
    read=read,
)
