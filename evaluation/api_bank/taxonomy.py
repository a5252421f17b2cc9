"""The kinds of error of an API call, and the groups in which they are told.

The nine kinds of the benchmark's evaluator (counted there in capitals), and `failed_retrieval`,
which it counts among the wrong outputs: a search that finds another tool than the annotated one.
Which kind a call is, is decided in `scoring.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal, get_args

from ...environments.api_bank import Behaviour, CallRaised, Catalog
from ...environments.api_bank.coercion import coerced

ErrorKind = Literal[
    "no_api_call",
    "failed_parse_api_call",
    "api_name_mismatch",
    "invalid_input_parameter",
    "miss_input_argument",
    "has_exception",
    "key_error",
    "failed_retrieval",
    "output_mismatch",
    "input_mismatch",
]
"""no_api_call: no call in the answer, or no answer. failed_parse_api_call: a call that cannot be
read. invalid_input_parameter: an argument that the tool does not have, or of the wrong type.
miss_input_argument: a required one is not given. has_exception: the tool refuses. key_error: the
published checker itself fails. output_mismatch and input_mismatch: the call works, and gives or
takes another value than the annotated one."""

Group = Literal[
    "no call",
    "bad format",
    "wrong name",
    "invalid or missing parameters",
    "exception",
    "failed retrieval",
    "wrong result",
    "checker fails",
]
KINDS: tuple[ErrorKind, ...] = get_args(ErrorKind)
GROUP_OF: dict[ErrorKind, Group] = {
    "no_api_call": "no call",
    "failed_parse_api_call": "bad format",
    "api_name_mismatch": "wrong name",
    "invalid_input_parameter": "invalid or missing parameters",
    "miss_input_argument": "invalid or missing parameters",
    "has_exception": "exception",
    "key_error": "checker fails",
    "failed_retrieval": "failed retrieval",
    "output_mismatch": "wrong result",
    "input_mismatch": "wrong result",
}


def counted(kinds: Iterable[ErrorKind | None]) -> dict[str, int]:
    """How often each kind occurs, in the order of the kinds; those that do not occur are left
    out, and None is no error."""
    found = list(kinds)
    return {kind: found.count(kind) for kind in KINDS if kind in found}


def grouped(errors: dict[str, int]) -> dict[str, int]:
    """The counts of `counted` by group."""
    totals: dict[str, int] = {}
    for kind in KINDS:
        if kind in errors:
            totals[GROUP_OF[kind]] = totals.get(GROUP_OF[kind], 0) + errors[kind]
    return totals


def kind_of_raised(
    catalog: Catalog, name: str, arguments: Mapping[str, Any], behaviour: Behaviour
) -> ErrorKind:
    """The kind of a call that never reached its tool, or left it (level 3's weather).

    Upstream's evaluator stops at text that is no number and at an unknown tool; here they are
    errors of the call like the others.
    """
    api = catalog.apis.get(name)
    if api is None:
        return "api_name_mismatch"
    try:
        coerced(api.types, arguments, behaviour)
    except CallRaised:
        return "invalid_input_parameter"
    missing = any(required not in arguments for required in api.required)
    return "miss_input_argument" if missing else "has_exception"
