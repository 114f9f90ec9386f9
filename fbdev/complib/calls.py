"""Calls of the user's functions, be they synchronous, asynchronous or slow enough for a thread."""

from __future__ import annotations

import asyncio
import functools
import inspect
from collections.abc import Callable
from typing import Any

from fbdev.comp.port_spec import is_valid_name
from fbdev.comp.port_type import rule_of_names


async def call(function: Callable[..., Any], /, *args: Any, in_thread: bool = False, **kwargs: Any) -> Any:
    """Return what a function returns, awaited if need be.

    Args:
        function: synchronous or asynchronous.
        args: its arguments.
        in_thread: run it in a worker thread, so that it may block.
        kwargs: its keyword arguments.
    """
    if in_thread:
        result = await asyncio.to_thread(_in_thread, function, *args, **kwargs)
    else:
        result = function(*args, **kwargs)
    return await result if hasattr(result, "__await__") else result


def _in_thread(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
    try:
        return function(*args, **kwargs)
    except StopIteration as error:  # no future can hold it
        raise RuntimeError(f"{function!r} raised StopIteration") from error


def underlying(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function that does the work: inside of partials, wrappers and callable objects."""
    while isinstance(function, functools.partial):
        function = function.func
    inner: Callable[..., Any] = inspect.unwrap(function)
    if not inspect.isroutine(inner) and not isinstance(inner, type):
        inner = inspect.unwrap(type(inner).__call__)
    return inner


def refuse_thread_if_async(function: Callable[..., Any]) -> None:
    """Raise a TypeError if an asynchronous function is to run in a thread."""
    inner = underlying(function)
    if inspect.iscoroutinefunction(inner) or inspect.isasyncgenfunction(inner):
        raise TypeError(f"{name_of(function)} is asynchronous: thread=True is for functions that block.")


def name_of(function: Callable[..., Any]) -> str:
    """Return a function's name, that of its class for a callable object."""
    return getattr(function, "__name__", type(function).__name__)


def component_name_of(function: Callable[..., Any], given: str | None) -> str:
    """Return the name of a component made of a function.

    Raises:
        ValueError: if it cannot be one, as that of a lambda.
    """
    name = given if given is not None else name_of(function)
    if not is_valid_name(name):
        rule = rule_of_names(name)
        raise ValueError(f"{name!r} cannot be the name of a component: give it another by name= ({rule}).")
    return name
