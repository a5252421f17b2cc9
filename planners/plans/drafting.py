"""From slots to requests: what is said, what is left for the assistant to ask, what is expected."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random
from typing import Any

from ...agents.rules.arguments import lasting
from ...agents.rules.asking import put, several
from ...agents.rules.dialogue import Made
from ...agents.rules.labels import words_of
from ...agents.rules.leaks import leaks
from ...agents.rules.plausible import NoValue
from ...agents.rules.tool_index import CompiledTool, Param, ToolIndex
from ...agents.rules.understanding import Meant, is_talk, is_understood
from ...agents.rules.user_phrasing import word_request
from ...agents.rules.words import stems, tokens, word_set
from ...tools import ToolSpec
from ...tools.validation import SchemaUnusable, problems
from .answers import can_be_asked
from .checks import FEWEST_FOR_COMPLEX
from .connecting import connected
from .outputs import sentinel, stand_in
from .plan import Link, PlannedRequest
from .scene import Scene
from .sequence import Slot, slots
from .small_talk import remark

_ATTEMPTS = 6
_MANNERS = 3
"""Manners of speaking in which a request must be understood."""
_DRAFTS = 5
"""Drafts that are made until one has a complex request, where there should be one."""
_WITHHELD = 0.3
"""How often a required value is left for the assistant to ask."""
_TECHNICAL = word_set(
    """token cursor callback fields alt xgafv quota pretty oauth upload key etag mask expand marker
    continuation nonce signature header authorization accept select skip skiptoken embed include
    exclude raw debug trace checksum hash csrf session cookie idempotency dry run version user ip
    page offset metadata"""
)
"""Words of optional parameters that no user would bring up."""


@dataclass
class Draft:
    """A plan, with all that a scenario needs besides."""

    scene: Scene
    requests: list[PlannedRequest] = field(default_factory=list)
    knows: dict[str, Any] = field(default_factory=dict)
    """What the user says only when asked, by what it is called."""
    calls: list[tuple[int, str, dict[str, Any]]] = field(default_factory=list)
    """(step, tool, arguments) of the calls that are known beforehand."""


@dataclass
class _Want:
    """One tool, with everything that is said and not said."""

    tool: CompiledTool
    told: list[tuple[Param, Any]] = field(default_factory=list)
    settled: dict[str, Any] = field(default_factory=dict)
    """Arguments that the assistant knows without being told."""
    withheld: dict[str, Any] = field(default_factory=dict)
    linked: dict[str, Any] = field(default_factory=dict)
    """Arguments that come from an earlier result, with what stands for them here."""
    found: str = ""
    """What the linked arguments are of, in speech."""
    several: tuple[Param, list[Any]] | None = None

    def calls(self, *, whole: bool) -> list[dict[str, Any]]:
        """Arguments of each call, in the order of the parameters; `whole`: what is withheld too."""
        known = {p.name: v for p, v in self.told} | self.settled | self.linked
        if whole:
            known |= self.withheld
        calls = [known]
        if self.several is not None:
            param, values = self.several
            calls = [{**known, param.name: value} for value in values]
        order = [p.name for p in self.tool.params]
        return [{n: call[n] for n in order if n in call} for call in calls]


def drafted(
    tools: Sequence[ToolSpec], index: ToolIndex, links: Sequence[Link], turns: int, seed: int
) -> Draft:
    """A plan of exactly `turns` requests."""
    for again in range(_DRAFTS):
        draft = _Drafter(tools, index, links, seed, again).draft(turns)
        wanted = sum(r.kind == "tool_call" for r in draft.requests) >= FEWEST_FOR_COMPLEX
        if not wanted or any(request.is_complex for request in draft.requests):
            break
    return draft


class _Drafter:
    def __init__(
        self,
        tools: Sequence[ToolSpec],
        index: ToolIndex,
        links: Sequence[Link],
        seed: int,
        again: int,
    ) -> None:
        self._specs = {tool.name: tool for tool in tools}
        self._index = index
        self._links = links
        self._scene = Scene(seed)
        self._draft = Draft(self._scene)
        self._chance = self._scene.chance(f"plan {again}" if again else "plan")
        self._earlier: list[Made] = []
        self._last: CompiledTool | None = None
        self._owes_complex = False

    def draft(self, turns: int) -> Draft:
        wanted = slots(self._index.tools, self._links, turns, self._chance)
        calling = [slot for slot in wanted if slot.tools]
        self._owes_complex = len(calling) >= FEWEST_FOR_COMPLEX and not any(
            slot.times > 1 or len(slot.tools) > 1 for slot in calling
        )
        for slot in wanted:
            if not slot.tools:
                self._talk(len(self._draft.requests) == turns - 1)
                continue
            is_complex = slot.times > 1 or len(slot.tools) > 1
            if self._owes_complex and not is_complex and self._complex(slot.tools[0]):
                continue
            if not self._request(slot):
                self._something_else(slot)
                self._owes_complex = self._owes_complex or is_complex
            self._owes_complex = self._owes_complex and not self._draft.requests[-1].is_complex
        return self._draft

    def _talk(self, last: bool) -> None:
        thing = self._last.spoken.thing if self._last is not None else ""
        for _ in range(_ATTEMPTS):
            text = remark(thing, last, self._chance)
            if all(text != r.request for r in self._draft.requests) and is_talk(
                text, self._index, self._scene.now.replace(tzinfo=None)
            ):
                break
            thing = ""
        self._draft.requests.append(PlannedRequest(kind="chitchat", request=text))

    def _complex(self, tool: CompiledTool) -> bool:
        """A complex request with a tool, in place of one that could not be said clearly."""
        others = [t for t in self._index.tools if t is not tool]
        self._chance.shuffle(others)
        tries = [Slot((tool,), times=2), *(Slot((tool, other)) for other in others[:2])]
        return any(self._request(slot) for slot in tries)

    def _something_else(self, slot: Slot) -> None:
        """What was wanted cannot be said clearly: something simpler, of any tool."""
        others = [t for t in self._index.tools if t not in slot.tools]
        self._chance.shuffle(others)
        for tool in [*slot.tools, *others]:
            if self._request(Slot((tool,))):
                return
        self._unclear(slot.tools[0])

    def _unclear(self, tool: CompiledTool) -> None:
        """A request that may be misread, where no other was found; the user knows what it needs."""
        told: list[tuple[Param, Any]] = []
        try:
            told = self._want(tool, 1, _ATTEMPTS, False).told
        except NoValue:
            told = []
        text = put(tool, told, self._chance, _ATTEMPTS)
        if self._draft.requests:
            text = connected(text, self._last, tool, self._chance)
        for param, value in told:
            self._draft.knows.setdefault(param.label, value)
        self._draft.requests.append(
            PlannedRequest(kind="tool_call", request=text, tools=(tool.name,))
        )

    def _request(self, slot: Slot) -> bool:
        """Add a request for the slot; False where none was found that would be understood."""
        for attempt in range(_ATTEMPTS):
            try:
                alone = len(slot.tools) == 1 and slot.times == 1
                wants = [self._want(tool, slot.times, attempt, alone) for tool in slot.tools]
            except NoValue:
                continue
            text = self._worded(wants, attempt)
            if not self._is_good(text, wants):
                continue
            self._keep(text, wants)
            return True
        return False

    def _is_good(self, text: str, wants: Sequence[_Want]) -> bool:
        if leaks(text, self._index.tools) or any(text == r.request for r in self._draft.requests):
            return False
        if any(not self._is_valid(want) for want in wants):
            return False
        meant: list[Meant] = [(w.tool, w.calls(whole=False), frozenset(w.withheld)) for w in wants]
        context = self._scene.context
        for manner in range(_MANNERS):
            chance = self._scene.chance(f"manner {manner} {len(text)}")
            heard = word_request(text, self._scene.style, chance)
            if not is_understood(heard, meant, self._index, context, self._earlier):
                return False
        return all(
            can_be_asked(text, w.tool, w.calls(whole=True), w.withheld, self._index,
                         self._scene.context, self._earlier)
            for w in wants if w.withheld
        )  # fmt: skip

    def _is_valid(self, want: _Want) -> bool:
        """Whether the arguments fit the tool's schema; what comes from results cannot be known."""
        schema = self._specs[want.tool.name].parameters
        if want.linked:
            return True
        try:
            return not any(problems(schema, call) for call in want.calls(whole=True))
        except SchemaUnusable:
            return False

    def _keep(self, text: str, wants: Sequence[_Want]) -> None:
        step = len(self._draft.requests)
        count = 0
        for want in wants:
            for param, value in want.told:
                self._scene.use(param, value)
            for name, value in want.withheld.items():
                param = want.tool.by_name[name]
                self._scene.use(param, value)
                self._draft.knows[param.label] = value
            for name in want.linked:
                self._fall_back(want.tool.by_name[name], want.tool)
            calls = want.calls(whole=True)
            count += len(calls)
            for call in calls:
                if not want.linked:
                    self._draft.calls.append((step, want.tool.name, call))
                output = stand_in(self._specs[want.tool.name].returns)
                self._earlier.append(Made(want.tool.name, call, True, output))
            self._last = want.tool
        self._draft.requests.append(
            PlannedRequest(
                kind="tool_call",
                request=text,
                tools=tuple(w.tool.name for w in wants),
                calls=count,
            )
        )

    def _fall_back(self, param: Param, tool: CompiledTool) -> None:
        """What the user can say where the earlier result that was meant did not come about."""
        if param.label not in self._draft.knows:
            try:
                value = self._scene.value(param, tool, self._chance)
            except NoValue:
                return
            self._draft.knows[param.label] = value

    def _worded(self, wants: Sequence[_Want], attempt: int) -> str:
        chance = self._chance
        pieces = []
        for want in wants:
            if want.several is not None:
                param, values = want.several
                pieces.append(several(want.tool, want.told, param, values, chance))
            else:
                pieces.append(put(want.tool, want.told, chance, attempt))
        text = pieces[0]
        if wants[0].found:
            text = _for_the_found(text, wants[0], chance)
        if len(pieces) > 1:
            joint = chance.choice((". Then {}", ". After that, {}", ". Also {}", ", and then {}"))
            text += joint.format(pieces[1])
        if not self._draft.requests:
            return text
        return connected(text, self._last, wants[0].tool, chance)

    def _want(self, tool: CompiledTool, times: int, attempt: int, alone: bool) -> _Want:
        """What is said of one tool. `alone`: in a request of its own, where something may be left
        unsaid or come from an earlier result."""
        want = _Want(tool)
        chance = self._chance
        for param in tool.required:
            link = self._link(tool, param)
            if link is not None and attempt < 3 and alone:
                returns = self._specs[link.from_tool].returns
                want.linked[param.name] = sentinel(returns, link.field)
                want.found = want.found or self._found(link, param)
                continue
            if self._settles(param, want):
                continue
            value = self._scene.value(param, tool, chance)
            withhold = (
                chance.random() < _WITHHELD
                and attempt < 3
                and alone
                and not isinstance(value, dict | list)
                and param.label not in self._draft.knows
                and not (self._earlier and _is_looked_up(param))
            )
            if withhold:
                want.withheld[param.name] = value
            else:
                want.told.append((param, value))
        self._add_optional(want, chance, attempt)
        if times > 1:
            self._repeat(want, times, chance)
        return want

    def _add_optional(self, want: _Want, chance: Random, attempt: int) -> None:
        others = [p for p in want.tool.params if not p.required and _is_bringable(p)]
        few = len(want.told) + len(want.withheld) < 4
        count = chance.choice((0, 0, 1, 1, 2)) if few and attempt < 4 else 0
        if attempt >= 2:
            count = min(count, 1)
        for param in chance.sample(others, min(count, len(others))):
            try:
                want.told.append((param, self._scene.value(param, want.tool, chance)))
            except NoValue:
                continue

    def _repeat(self, want: _Want, times: int, chance: Random) -> None:
        """Make it several calls: other values for one of the parameters that are told."""
        able = [
            (p, v)
            for p, v in want.told
            if not isinstance(v, bool | dict | list)
            and not lasting(p.label)
            and p.kind not in ("number", "length", "boolean", "list", "datetime", "date", "time")
        ]
        if not able:
            raise NoValue("nothing to repeat with")
        param, first = chance.choice(able)
        values = [first]
        for _ in range(times * 4):
            value = self._scene.value(param, want.tool, chance, other=True)
            if value not in values:
                values.append(value)
            if len(values) == times:
                break
        if len(values) < 2:
            raise NoValue("nothing to repeat with")
        want.told = [(p, v) for p, v in want.told if p is not param]
        want.several = (param, values)

    def _settles(self, param: Param, want: _Want) -> bool:
        """Whether the assistant knows the value already: from its instructions, from the schema,
        or because it holds for the whole conversation and was said before."""
        only = param.schema.get("enum", ())
        if "const" in param.schema or len(only) == 1:
            want.settled[param.name] = param.schema.get("const", only[0] if only else None)
            return True
        if self._scene.is_configured(param):
            want.settled[param.name] = self._scene.context[param.label.casefold().replace(" ", "_")]
            return True
        if lasting(param.label):
            wanted = words_of(param.name)
            for made in reversed(self._earlier):
                for name, value in made.arguments.items():
                    if words_of(name) == wanted:
                        want.settled[param.name] = value
                        return True
        return False

    def _link(self, tool: CompiledTool, param: Param) -> Link | None:
        """The link that feeds this parameter, where its tool was used, and only once: else nobody
        knew which result is meant."""
        for link in self._links:
            if (link.to_tool, link.parameter) != (tool.name, param.name):
                continue
            times = sum(made.name == link.from_tool for made in self._earlier)
            spec = self._specs.get(link.from_tool)
            if times == 1 and spec and sentinel(spec.returns, link.field) is not None:
                return link
        return None

    def _found(self, link: Link, param: Param) -> str:
        """What a person calls what an earlier result gave."""
        giver = self._index.by_name[link.from_tool].spoken.thing
        label = param.label.removesuffix(" ID").removesuffix(" name")
        return giver if giver and tokens(link.field) in (("id",), ("name",)) else label or "result"


def _is_looked_up(param: Param) -> bool:
    """Whether an assistant would rather take the value from results than ask for it."""
    return param.kind in ("opaque", "email", "phone", "url") or param.type in ("integer", "number")


def _is_bringable(param: Param) -> bool:
    words = frozenset(tokens(param.name))
    if words & _TECHNICAL or param.kind in ("opaque", "credential") or len(param.label) < 3:
        return False
    if param.type == "object" and not param.schema.get("properties"):
        return False
    if param.label[-1:].isdigit() or not stems(param.label):
        return False
    return not param.name.startswith(("$", "@", "_", "X-", "x-"))


def _for_the_found(text: str, want: _Want, chance: Random) -> str:
    """The request, for what an earlier result gave."""
    thing = want.found
    behind = chance.choice(
        (f"for the {thing} from before", f"for that {thing}", f"using that {thing}")
    )
    head, dot, rest = text.partition(". ")
    return f"{head} {behind}{dot}{rest}"
