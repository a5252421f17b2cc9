"""Where a module lets the order of a set decide something; that order differs between processes.

Knows what the syntax tree tells: displays, comprehensions, `set(...)`, operators between sets,
names that are assigned or annotated as sets in the same function, attributes annotated so in the
module. Not covered: sets that come out of a call of a function from elsewhere.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

_MAKES_SETS = {"set", "frozenset"}
_SET_TYPES = {"set", "frozenset", "Set", "AbstractSet", "MutableSet"}
_SET_METHODS = {"union", "intersection", "difference", "symmetric_difference"}
_ANY_ORDER = {"sorted", "any", "all", "sum", "len", "min", "max", "set", "frozenset"}
_KEEPS_ORDER = {"list", "tuple", "enumerate", "iter", "map", "filter", "zip", "dict", "reversed"}
_SCOPES = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.Module)


def lines_that_follow_a_set(module: ast.Module) -> list[int]:
    """Line numbers where the order of a set leaks into a result."""
    attributes = {
        node.target.attr if isinstance(node.target, ast.Attribute) else node.target.id
        for node in ast.walk(module)
        if isinstance(node, ast.AnnAssign)
        and isinstance(node.target, ast.Attribute | ast.Name)
        and _is_set_type(node.annotation)
    }
    scopes = [node for node in ast.walk(module) if isinstance(node, _SCOPES)]
    return sorted({line for scope in scopes for line in _leaks(scope, attributes)})


def _own(scope: ast.AST) -> Iterator[ast.AST]:
    """The nodes of a scope without those of the functions in it."""
    for child in ast.iter_child_nodes(scope):
        yield child
        if not isinstance(child, _SCOPES):
            yield from _own(child)


def _leaks(scope: ast.AST, attributes: set[str]) -> Iterator[int]:
    nodes = list(_own(scope))
    names = _set_names(scope, nodes)

    def is_set(node: ast.AST) -> bool:
        return _is_set(node, names, attributes)

    harmless = {
        id(argument)
        for node in nodes
        if isinstance(node, ast.Call)
        and _named(node.func) in _ANY_ORDER
        # The first of equals is another one in another order.
        and not (_named(node.func) in ("min", "max", "sorted") and _has_key(node))
        for argument in node.args
    }
    for node in nodes:
        if isinstance(node, ast.For | ast.AsyncFor) and is_set(node.iter):
            yield node.lineno
        elif isinstance(node, ast.ListComp | ast.GeneratorExp | ast.DictComp):
            if id(node) not in harmless and any(is_set(part.iter) for part in node.generators):
                yield node.lineno
        elif isinstance(node, ast.Starred) and is_set(node.value):
            yield node.lineno
        elif isinstance(node, ast.Call) and any(is_set(argument) for argument in node.args):
            function = node.func
            joins = isinstance(function, ast.Attribute) and function.attr in ("join", "extend")
            tied = _named(function) in ("min", "max", "sorted") and _has_key(node)
            if _named(function) in _KEEPS_ORDER or joins or tied:
                yield node.lineno
        elif (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Attribute)
            and node.func.attr == "pop"
            and not node.args
            and is_set(node.func.value)
        ):
            yield node.lineno


def _has_key(call: ast.Call) -> bool:
    return any(keyword.arg == "key" for keyword in call.keywords)


def _set_names(scope: ast.AST, nodes: list[ast.AST]) -> set[str]:
    names: set[str] = set()
    if isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
        every = [*scope.args.posonlyargs, *scope.args.args, *scope.args.kwonlyargs]
        names |= {a.arg for a in every if a.annotation and _is_set_type(a.annotation)}
    for node in nodes:
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            if _is_set_type(node.annotation):
                names.add(node.target.id)
        elif isinstance(node, ast.Assign) and _is_set(node.value, names, set()):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.NamedExpr) and _is_set(node.value, names, set()):
            names.add(node.target.id)
    return names


def _is_set(node: ast.AST, names: set[str], attributes: set[str]) -> bool:
    if isinstance(node, ast.Set | ast.SetComp):
        return True
    if isinstance(node, ast.Name):
        return node.id in names
    if isinstance(node, ast.Attribute):
        return node.attr in attributes
    if isinstance(node, ast.BinOp) and isinstance(
        node.op, ast.BitOr | ast.BitAnd | ast.Sub | ast.BitXor
    ):
        return _is_set(node.left, names, attributes) or _is_set(node.right, names, attributes)
    if isinstance(node, ast.Call):
        if isinstance(node.func, ast.Attribute) and node.func.attr in _SET_METHODS:
            return True
        return _named(node.func) in _MAKES_SETS
    return False


def _is_set_type(annotation: ast.AST) -> bool:
    if isinstance(annotation, ast.Subscript):
        return _is_set_type(annotation.value)
    if isinstance(annotation, ast.BinOp):
        return _is_set_type(annotation.left) or _is_set_type(annotation.right)
    return _named(annotation).rpartition(".")[2] in _SET_TYPES


def _named(node: ast.AST) -> str:
    return ast.unparse(node) if isinstance(node, ast.Name | ast.Attribute) else ""
