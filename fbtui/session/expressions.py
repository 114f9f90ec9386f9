"""Python expressions that a person writes: a mistake in one is told before it is evaluated."""

from __future__ import annotations


def mistake_in(expression: str) -> str:
    """Return what is wrong with the way an expression is written; nothing if it can be evaluated."""
    try:
        compile(expression, "<expression>", "eval")
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        return str(error.args[0]) if error.args else type(error).__name__
    return ""
