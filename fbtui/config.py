"""Settings from files and the environment: the command line wins over the environment, that over the project's
``pyproject.toml``, that over the person's own ``config.toml``.

What is wrong in a file is told in a sentence with file and line; what is said there in vain is as if not said.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import field, fields, replace
from pathlib import Path
from typing import Any, Final

import platformdirs
from textual.binding import Binding
from textual.keys import Keys

from fbtui.protocol.plain import plain, slotted
from fbtui.session.state import write_atomically
from fbtui.ui.actions import ACTIONS, ALL, PANES
from fbtui.ui.settings import Settings

_TYPES: Final = {f.name: type(getattr(Settings(), f.name)) for f in fields(Settings) if f.name != "keys"}
_YES, _NO = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}
_MODIFIER: Final = re.compile(r"(?:(?:ctrl|shift|alt|super|hyper|meta)\+)+(.+)")
_NAMED: Final = frozenset(key.value for key in Keys)
_SCOPES: Final = (ACTIONS, *PANES.values())
_OWNER: Final = {action.id: action for action in ALL}


@slotted()
class Config:
    """Settings, and what was wrong with where they come from, a sentence each."""

    settings: Settings = field(default_factory=Settings)
    problems: list[str] = field(default_factory=list)


def own_file() -> Path:
    """Return where the person's own settings stand."""
    return Path(platformdirs.user_config_dir("fbtui")) / "config.toml"


def load(program: Path, environ: Mapping[str, str], given: Mapping[str, Any]) -> Config:
    """Return the settings for a program.

    Args:
        program: the user's file; the ``pyproject.toml`` of the nearest folder above it may have ``[tool.fbtui]``.
        environ: ``FBTUI_THEME`` and so on, and ``NO_COLOR``.
        given: what the command line says; None means nothing.
    """
    config = Config()
    own = own_file()
    _add_file(config, own, ())
    project = next((f / "pyproject.toml" for f in program.parents if (f / "pyproject.toml").is_file()), None)
    if project is not None:
        _add_file(config, project, ("tool", "fbtui"))
    _add_environment(config, environ)
    config.settings = replace(config.settings, **{name: value for name, value in given.items() if value is not None})
    return config


def _add_file(config: Config, file: Path, table: tuple[str, ...]) -> None:
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError:
        return
    except (OSError, UnicodeDecodeError) as error:
        config.problems.append(f"{file}: it cannot be read: {getattr(error, 'strerror', None) or error}")
        return
    import tomllib  # noqa: PLC0415 - most people have no such file

    try:
        said: Any = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        line = re.search(r"line (\d+)", str(error))
        at = int(line[1]) if line else text.count("\n") + 1
        config.problems.append(f"{file}:{at}: this is not TOML: {str(error).partition(' (at ')[0]}")
        return
    for name in table:
        said = said.get(name, {}) if isinstance(said, dict) else {}
    if isinstance(said, dict):
        _add(config, said, _Source(file, text))


def _add(config: Config, said: Mapping[str, Any], source: _Source) -> None:
    for name, value in said.items():
        if name == "keys" and isinstance(value, dict):
            _add_keys(config, value, source)
        elif name not in _TYPES:
            known = ", ".join([*_TYPES, "keys"])
            config.problems.append(f"{source.at(name)}: there is no setting '{name}'; there are {known}")
        elif not isinstance(value, _TYPES[name]):
            wanted = "true or false" if _TYPES[name] is bool else "a text"
            config.problems.append(f"{source.at(name)}: {name} is {wanted}, not {value!r}")
        else:
            config.settings = replace(config.settings, **{name: value})


@plain
class _Source:
    file: Path
    text: str

    def at(self, key: str) -> str:
        """Return ``file:line`` of a key; a dotted one may stand in parts."""
        for wanted in (key, key.rpartition(".")[2]):
            pattern = re.compile(rf"""^\s*(?:[\w."']+\.)?["']?{re.escape(wanted)}["']?\s*(?:=|\])""")
            for number, line in enumerate(self.text.splitlines(), 1):
                if pattern.match(line) or line.strip() == f"[{wanted}]":
                    return f"{self.file}:{number}"
        return str(self.file)


def _flat(keys: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, Any]]:
    """``debug.step = "s"`` is a table in TOML, ``"debug.step" = "s"`` is a key: both mean the same."""
    for name, value in keys.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{name}.")
        else:
            yield before + name, value


def _add_keys(config: Config, said: Mapping[str, Any], source: _Source) -> None:
    keys = dict(config.settings.keys)
    for name, value in _flat(said):
        texts = value if isinstance(value, list) else str(value).split(",")
        named = [key_named(str(text)) for text in texts]
        wrong = [text for text, key in zip(texts, named, strict=True) if key is None]
        if name not in _OWNER:
            config.problems.append(f"{source.at(name)}: there is no command '{name}'; the help lists them")
        elif wrong:
            config.problems.append(f"{source.at(name)}: {wrong[0]!r} is no key: write 's', 'ctrl+s', 'f10' or '?'")
        elif taken := _taken(name, [key for key in named if key is not None], keys | dict(_flat(said))):
            config.problems.append(f"{source.at(name)}: {taken}")
        else:
            keys[name] = ",".join(key for key in named if key is not None)
    config.settings = replace(config.settings, keys=keys)


def _taken(name: str, wanted: list[str], keys: Mapping[str, Any]) -> str:
    """Return which other command of the same place has one of the keys, as a sentence."""
    scope = next(scope for scope in _SCOPES if any(action.id == name for action in scope))
    for action in scope:
        if action.id == name:
            continue
        own = keys.get(action.id, action.keys)
        for text in own if isinstance(own, list) else str(own).split(","):
            if key_named(str(text)) in wanted:
                return f"the key {text} of '{name}' belongs to '{action.id}': give that another one, too"
    return ""


def key_named(text: str) -> str | None:
    """Return the name that Textual gives to a key as people write it: ``?``, ``ctrl+s``, ``f10``; None if none."""
    text = text.strip(" ") or text[:1]
    match = _MODIFIER.fullmatch(text)
    last = match[1] if match else text
    if len(last) == 1 or last in _NAMED or last in _CHARACTERS:
        return _long(text)
    return None


def _long(key: str) -> str:
    """A single character has a long name, too: ``?`` is ``question_mark``."""
    return "comma" if key == "," else next(iter(Binding.make_bindings([Binding(key, "")]))).key


_CHARACTERS: Final = frozenset(_long(chr(code)) for code in range(33, 127))


def _add_environment(config: Config, environ: Mapping[str, str]) -> None:
    if environ.get("NO_COLOR"):
        config.settings = replace(config.settings, color=False)
    if environ.get("TEXTUAL_ANIMATIONS", "").lower() == "none":
        config.settings = replace(config.settings, motion=False)
    for name, kind in _TYPES.items():
        variable = f"FBTUI_{name.upper()}"
        text = environ.get(variable)
        if text is None:
            continue
        if kind is bool and text.lower() not in _YES | _NO:
            config.problems.append(f"{variable}={text}: {name} is 1 or 0")
        else:
            value: Any = text.lower() in _YES if kind is bool else text
            config.settings = replace(config.settings, **{name: value})


def remember(name: str, value: str | bool) -> None:
    """Write one setting into the person's own file; everything else there stays as it is.

    Raises:
        OSError: if the file cannot be written.
        ValueError: if the file is no TOML: it is left alone.
    """
    import tomllib  # noqa: PLC0415 - the first frame does not need it

    file = own_file()
    text = file.read_text(encoding="utf-8") if file.exists() else ""
    tomllib.loads(text)
    word = str(value).lower() if isinstance(value, bool) else f'"{value}"'
    first_table = re.search(r"(?m)^\s*\[", text)
    end = first_table.start() if first_table else len(text)
    line = f"{name} = {word}\n"
    head, count = re.subn(rf"(?m)^{re.escape(name)}\s*=.*\n?", lambda _: line, text[:end], count=1)
    if not count:
        head = line + head
    text = head + text[end:]
    tomllib.loads(text)
    write_atomically(file, text)
