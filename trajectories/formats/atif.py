"""The Agent Trajectory Interchange Format of Harbor (RFC 0001, versions 1.0 to 1.7): `steps` of a
`system`, `user` or `agent`, an agent's with `tool_calls` and the `observation` of their results.

A result that names no call answers the first open call of its step; one in a step without calls is
a user's message. Reasoning is the thought. Text parts of a message are joined; images are refused.
What a file says about its agent, costs and subagents is kept as it stands in other information.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from ..trajectory import Message, ToolCallPart, Trajectory, Usage
from .conversation import (
    Call,
    Conversation,
    arguments_text,
    arguments_value,
    list_in,
    one_branch,
    text_in,
)
from .derived import used_tools
from .format import Format, Losses, Refused
from .tools import Tools, read_tools, write_tools

_NAME = "atif"
_VERSION = "ATIF-v1.7"
_KNOWN = ("schema_version", "trajectory_id", "session_id", "steps", "agent", "final_metrics")
_UNSAID = {"name": "callsheet", "version": "unknown"}
"""The agent of a trajectory that does not say which it was."""
_STEP_EXTRAS = {"timestamp": "times", "metrics": "measures of single steps",
                "reasoning_effort": "levels of reasoning effort",
                "extra": "extra fields of steps"}  # fmt: skip


def recognize(record: Any) -> str | None:
    if isinstance(record, dict) and str(record.get("schema_version")).startswith("ATIF-"):
        return f"schema_version {record['schema_version']:.20}"
    return None


def read(record: Any, losses: Losses) -> Iterator[Trajectory]:
    steps = list_in(record, "steps")
    agent = record.get("agent") or {}
    if not isinstance(agent, dict):
        raise Refused("agent is no object")
    tools = read_tools(agent.get("tool_definitions"), losses)
    reading = _Reading(tools, losses)
    for place, step in enumerate(steps, 1):
        reading.step(step, f"step {place}")
    conversation = reading.conversation
    if not tools.specs:
        tools.specs = used_tools(conversation.messages)
    id = record.get("trajectory_id") or record.get("session_id")
    metrics = record.get("final_metrics")
    described = {k: v for k, v in agent.items() if k not in ("tool_definitions", "model_name")}
    described = {} if described == _UNSAID else described
    yield conversation.trajectory(
        _NAME, tools, {**record, "id": id}, _KNOWN,
        model_name=text_in(agent.get("model_name") or "", "the agent's model_name"),
        usage=_usage(metrics if isinstance(metrics, dict) else {}),
        other_information={"agent": described or None, "final_metrics": metrics},
    )  # fmt: skip


class _Reading:
    """One record while it is read. Call ids that come again are made unique, step by step."""

    def __init__(self, tools: Tools, losses: Losses) -> None:
        self.conversation = Conversation()
        self._tools = tools
        self._losses = losses
        self._ids: set[str] = set()

    def step(self, step: Mapping[str, Any], place: str) -> None:
        for key, kind in _STEP_EXTRAS.items():
            self._losses.lose(kind, bool(step.get(key)))
        source = step.get("source")
        words = _text(step.get("message"), place)
        copied = 0 if step.get("is_copied_context") else None
        here: dict[str, str] = {}
        if source == "agent":
            thought = step.get("reasoning_content") or None
            calls = [self._call(call, place, here) for call in _objects(step, "tool_calls", place)]
            if calls:
                self.conversation.call(calls, words or None, thought=thought, weight=copied)
            else:
                self.conversation.say("assistant", words, thought=thought, weight=copied)
        elif source in ("system", "user"):
            self.conversation.say(source, words)
        else:
            raise Refused(f"{place} has no known source, but {source!r:.40}")
        observation = step.get("observation") or {}
        if not isinstance(observation, dict):
            raise Refused(f"{place}: the observation is no object")
        for result in _objects(observation, "results", place):
            self._result(result, here, place)

    def _call(self, call: Mapping[str, Any], place: str, here: dict[str, str]) -> Call:
        given = call.get("tool_call_id") or f"call_{len(self._ids)}"
        id, number = str(given), 2
        while id in self._ids:
            id, number = f"{given}_{number}", number + 1
        self._losses.lose("call ids that come again", id != given)
        self._ids.add(id)
        here[str(given)] = id
        name = self._tools.name(call.get("function_name"))
        return Call(name, arguments_text(call.get("arguments")), id)

    def _result(self, result: Mapping[str, Any], here: Mapping[str, str], place: str) -> None:
        self._losses.lose("references to subagents", bool(result.get("subagent_trajectory_ref")))
        words = _text(result.get("content"), place)
        named = result.get("source_call_id")
        named = None if named is None else str(named)
        if named is not None and named not in here:
            raise Refused(f"{place}: a result answers {named!r:.60}, which the step does not call")
        if self.conversation.open_calls and here:
            self.conversation.result(words, id=None if named is None else here[named])
        else:
            self.conversation.say("user", words)


def write(trajectory: Trajectory, losses: Losses) -> dict[str, Any]:
    held = ("id", "thought", "model_name", "usage", "other_information", "weight")
    path = one_branch(trajectory, _NAME, losses, held)
    losses.lose("weights of messages", sum(message.weight == 1 for message in path))
    information = dict(trajectory.other_information)
    described = information.pop("agent", None)
    agent = dict(described) if isinstance(described, dict) else dict(_UNSAID)
    if trajectory.model_name:
        agent["model_name"] = trajectory.model_name
    if trajectory.tools:
        agent["tool_definitions"] = write_tools(trajectory.tools, losses)
    metrics = _metrics(trajectory, information.pop("final_metrics", None))
    kept = {k: information.pop(k) for k in _OWN if k in information}
    losses.lose("other information", bool(information))
    return {"schema_version": _VERSION, "trajectory_id": trajectory.id, "agent": agent,
            "steps": _steps(path, losses), **kept,
            **({"final_metrics": metrics} if metrics else {})}  # fmt: skip


_OWN = ("notes", "extra", "continued_trajectory_ref", "subagent_trajectories")
"""The format's own keys that are other information here."""


def _steps(path: Sequence[Message], losses: Losses) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = []
    open_ids: set[str] = set()
    for message in path:
        if message.role != "tool":
            steps.append({"step_id": len(steps) + 1, **_step(message, losses)})
            open_ids = {call.id for call in message.tool_calls or ()}
            continue
        if message.tool_call_id not in open_ids:
            raise Refused(f"message {message.id} answers no call of the message before it")
        open_ids.discard(message.tool_call_id)
        observation = steps[-1].setdefault("observation", {"results": []})
        result = {"source_call_id": message.tool_call_id, "content": message.content or ""}
        observation["results"].append(result)
    return steps


def _step(message: Message, losses: Losses) -> dict[str, Any]:
    source = "agent" if message.role == "assistant" else message.role
    step: dict[str, Any] = {"source": source, "message": message.content or ""}
    if message.thought:
        step["reasoning_content"] = message.thought
    if message.tool_calls:
        step["tool_calls"] = [_written(call, losses) for call in message.tool_calls]
    if message.weight == 0:
        step["is_copied_context"] = True
    return step


def _written(call: ToolCallPart, losses: Losses) -> dict[str, Any]:
    arguments = arguments_value(call.function.arguments, losses)
    if arguments is None:
        raise Refused(f"the arguments of {call.function.name} are no JSON object")
    return {"tool_call_id": call.id, "function_name": call.function.name, "arguments": arguments}


def _objects(record: Mapping[str, Any], key: str, place: str) -> list[dict[str, Any]]:
    """The objects under `key`, where there are any. Raises `Refused`."""
    try:
        return list_in(record, key) if record.get(key) else []
    except Refused as problem:
        raise Refused(f"{place}: {problem}") from None


def _text(value: Any, place: str) -> str:
    if value is None or isinstance(value, str):
        return value or ""
    if not isinstance(value, list):
        raise Refused(f"{place}: a message is neither text nor parts")
    for part in value:
        if not isinstance(part, dict) or not isinstance(part.get("text"), str):
            raise Refused(f"{place}: a part is no text, and trajectories hold text")
    return "\n".join(part["text"] for part in value)


def _usage(metrics: Mapping[str, Any]) -> Usage:
    counts = (metrics.get("total_prompt_tokens"), metrics.get("total_completion_tokens"))
    prompt, completion = (count if isinstance(count, int) else 0 for count in counts)
    return Usage(prompt_tokens=prompt, completion_tokens=completion)


def _metrics(trajectory: Trajectory, kept: Any) -> dict[str, Any]:
    metrics = dict(kept) if isinstance(kept, dict) else {}
    usage = trajectory.usage
    if usage.prompt_tokens or usage.completion_tokens:
        metrics["total_prompt_tokens"] = usage.prompt_tokens
        metrics["total_completion_tokens"] = usage.completion_tokens
    return metrics


FORMAT = Format(
    name=_NAME,
    about="Harbor's Agent Trajectory Interchange Format (ATIF)",
    recognize=recognize,
    read=read,
    write=write,
    suffix=".json",
)
