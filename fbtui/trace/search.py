"""Finds events of a trace: by text, by packet, by an expression over the value that a packet carries.

Nothing is executed: an expression is walked by code of ours over what was captured, which is read as a literal.
"""

from __future__ import annotations

import ast
import operator
import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from fbtui.protocol import GraphInfo, edge_names
from fbtui.protocol.plain import plain
from fbtui.trace.layout import Kind, Record
from fbtui.trace.reader import TraceReader

PORTION: Final = 2048
"""Records that are looked through at a time."""
CARRIES: Final = frozenset({Kind.SEND, Kind.CROSS, Kind.ACT})
"""Kinds of events that tell what a packet carries."""
_COMPARES: Final[dict[type, Callable[[Any, Any], Any]]] = {
    ast.Eq: operator.eq, ast.NotEq: operator.ne, ast.Lt: operator.lt, ast.LtE: operator.le, ast.Gt: operator.gt,
    ast.GtE: operator.ge, ast.In: lambda a, b: a in b, ast.NotIn: lambda a, b: a not in b, ast.Is: operator.is_,
    ast.IsNot: operator.is_not,
}  # fmt: skip
_BEGINS: Final = re.compile(r"(?:len\(\s*)?value\s*(?:\[|[<>=!]=?|(?:not\s+)?in\b|and\b|or\b)")
"""How expressions over a value begin."""


class BadQuery(Exception):  # noqa: N818 - a sentence for the person
    """What cannot be looked for; the sentence says why and what can be."""


@plain
class Query:
    """What is looked for.

    ``#12`` finds the moves of a packet, ``value > 5 and 'x' in value`` the packets of which an expression holds
    (comparisons, subscripts, ``len``, ``in``, ``and``, ``or``, ``not``, over literals), anything else the events in
    whose node, edge or text it occurs, in capitals or not.
    """

    text: str
    packet: int | None = None
    condition: ast.expr | None = None

    @staticmethod
    def of(text: str) -> Query:
        """Return the query that a text stands for.

        Raises:
            BadQuery: if it is empty, or an expression that cannot be evaluated here.
        """
        text = text.strip()
        if not text:
            raise BadQuery("say what to look for: a text, #12 for a packet, or value > 5")
        if text.startswith("#") and text[1:].isdecimal():
            return Query(text, int(text[1:]))
        condition = _expression(text)
        if condition is None and _BEGINS.match(text):
            raise BadQuery(f"{text!r} is no expression that Python reads, and begins like one")
        if condition is not None:
            _check(condition)
        return Query(text.casefold(), None, condition)

    def fits(self, trace: TraceReader, record: Record, names: dict[str, str], taken: Record | None = None) -> bool:
        """Return whether an event is looked for.

        Args:
            trace: the trace.
            record: the event.
            names: those of the edges by place.
            taken: of a receive the event by which its packet came onto the edge, where that is known: it tells what
                the packet carried.
        """
        if self.packet is not None:
            return record.packet == self.packet and record.edge >= 0
        carries = record if taken is None else taken
        if self.condition is not None:
            return carries.kind in CARRIES and _holds(self.condition, trace.text(carries))
        place = trace.edge_of(record)
        words = (trace.node_of(record), "" if place is None else names.get(place, place), trace.text(carries))
        return any(self.text in word.casefold() for word in words)


def found(
    trace: TraceReader, graph: GraphInfo, query: Query, start: int, *, forward: bool = True
) -> Iterator[int | None]:
    """Look for the next event from an index on, or for the one before it.

    Yields None after each portion in which nothing is, then the index, and ends.

    Raises:
        TraceError: if a record on the way is damaged.
    """
    names = edge_names(graph)
    way = range(start, len(trace)) if forward else range(min(start, len(trace)) - 1, -1, -1)
    for count, index in enumerate(way, 1):
        if query.fits(trace, trace[index], names):
            yield index
            return
        if not count % PORTION:
            yield None


# ------------------------------------------------------------------------------------ expressions


def _expression(text: str) -> ast.expr | None:
    """Return a text as an expression over ``value``; None if it is none."""
    try:
        body = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    names = {node.id for node in ast.walk(body) if isinstance(node, ast.Name)}
    return body if "value" in names and not isinstance(body, ast.Name) else None


def _check(tree: ast.expr) -> None:
    for node in ast.walk(tree):
        name = node.id if isinstance(node, ast.Name) else "value"
        if not isinstance(node, _ALLOWED) or name not in {"value", "len"}:
            what = ast.unparse(node) if isinstance(node, ast.expr) else type(node).__name__
            raise BadQuery(
                f"{what!r} cannot be looked for: an expression has comparisons, subscripts, len, in, and, or, not"
            )


_ALLOWED: Final = (
    ast.BoolOp, ast.And, ast.Or, ast.UnaryOp, ast.Not, ast.USub, ast.Compare, ast.Constant, ast.Name, ast.Load,
    ast.Subscript, ast.Call, ast.List, ast.Tuple, *_COMPARES,
)  # fmt: skip


def _holds(condition: ast.expr, summary: str) -> bool:
    try:
        value = ast.literal_eval(summary)
        return bool(_value(condition, value))
    except Exception:  # a summary that is no literal, a comparison that makes no sense: not what is looked for
        return False


def _value(node: ast.expr, value: Any) -> Any:
    match node:
        case ast.Constant(value=constant):
            return constant
        case ast.Name(id="value"):
            return value
        case ast.BoolOp(op=op, values=parts):
            return (
                all(_value(p, value) for p in parts)
                if isinstance(op, ast.And)
                else any(_value(p, value) for p in parts)
            )
        case ast.UnaryOp(op=op, operand=operand):
            return not _value(operand, value) if isinstance(op, ast.Not) else -_value(operand, value)
        case ast.Subscript(value=held, slice=key):
            return _value(held, value)[_value(key, value)]
        case ast.List(elts=items) | ast.Tuple(elts=items):
            return [_value(item, value) for item in items]
        case ast.Call(func=ast.Name(id="len"), args=[one], keywords=[]):
            return len(_value(one, value))
        case ast.Compare(left=left, ops=ops, comparators=others):
            values = [_value(one, value) for one in (left, *others)]
            return all(_COMPARES[type(op)](a, b) for op, a, b in zip(ops, values, values[1:], strict=False))
    raise TypeError(ast.dump(node))
