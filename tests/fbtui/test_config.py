"""Settings: where they come from, which wins, and what is told of those that will not do."""

import dataclasses
import tomllib
from pathlib import Path
from typing import Any

import pytest

from fbtui import config
from fbtui.session.recent import program_of, recent, remember_opened
from fbtui.ui.actions import ACTIONS, ALL, PANES
from fbtui.ui.settings import Settings, theme_of
from scripts.settings_page import HEAD, table


@pytest.fixture
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The person's own file, which is not there yet."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "home"))
    file = config.own_file()
    file.parent.mkdir(parents=True)
    return file


def load(folder: Path, environ: dict[str, str] | None = None, **given: Any) -> config.Config:
    return config.load(folder / "work.py", environ or {}, given)


def test_without_any_file_the_settings_are_the_defaults(own: Path, tmp_path: Path) -> None:
    assert load(tmp_path) == config.Config(Settings(), [])


def test_the_command_line_wins_over_the_environment_over_the_project_over_the_person(
    own: Path, tmp_path: Path
) -> None:
    own.write_text(
        'theme = "a"\nascii = true\nmotion = false\n[keys]\ndebug.step = "S"\n"time.back" = ["b", "ctrl+b"]'
    )
    (tmp_path / "pyproject.toml").write_text('[tool.fbtui]\ntheme = "b"\nmotion = true\n')
    assert load(tmp_path).settings == Settings(
        "b", True, True, True, False, {"debug.step": "S", "time.back": "b,ctrl+b"}
    )
    assert load(tmp_path, {"FBTUI_THEME": "c"}).settings.theme == "c"
    assert load(tmp_path, {"FBTUI_THEME": "c", "FBTUI_ASCII": "0"}, theme="d", ascii=None).settings.theme == "d"
    assert not load(tmp_path, {"FBTUI_ASCII": "0"}).settings.ascii
    assert not load(tmp_path, {"NO_COLOR": "1"}).settings.color and load(tmp_path, {"NO_COLOR": ""}).settings.color
    assert not load(tmp_path, {"TEXTUAL_ANIMATIONS": "none"}).settings.motion
    assert load(tmp_path).problems == []


@pytest.mark.parametrize(
    ("text", "line", "told"),
    [
        ("theme = 'light'\ncolour = true", 2, "there is no setting 'colour'; there are theme, ascii, color"),
        ("\nascii = 1", 2, "ascii is true or false, not 1"),
        ("theme = true", 1, "theme is a text, not True"),
        ("theme = 'light'\n\nascii = ", 3, "this is not TOML: Invalid value"),
        ("[keys]\ndebug.jump = 'j'", 2, "there is no command 'debug.jump'; the help lists them"),
        ("[keys]\n'debug.step' = 'hyperspace'", 2, "'hyperspace' is no key: write 's', 'ctrl+s', 'f10' or '?'"),
        ("[keys.debug]\nstep = 'c'", 2, "the key c of 'debug.step' belongs to 'debug.continue': give that another"),
        ("[keys]\n'list.up' = 'j'", 2, "the key j of 'list.up' belongs to 'list.down': give that another"),
    ],
)
def test_what_will_not_do_is_told_with_file_and_line_and_the_rest_is_used(
    own: Path, tmp_path: Path, text: str, line: int, told: str
) -> None:
    own.write_text(text)
    found = load(tmp_path)
    assert len(found.problems) == 1 and found.problems[0].startswith(f"{own}:{line}: {told}")
    kept = text.startswith("theme = 'light'") and "TOML" not in told
    assert found.settings == Settings("light" if kept else "auto")


def test_two_commands_may_change_their_keys_and_a_variable_that_makes_no_sense_is_told(
    own: Path, tmp_path: Path
) -> None:
    own.write_text("[keys]\n'debug.step' = 'c'\n'debug.continue' = 's, ?'\n'app.help' = 'f12'")
    found = load(tmp_path, {"FBTUI_ASCII": "perhaps"})
    assert found.settings.keys == {"debug.step": "c", "debug.continue": "s,question_mark", "app.help": "f12"}
    assert found.problems == ["FBTUI_ASCII=perhaps: ascii is 1 or 0"]


def test_a_file_that_cannot_be_read_is_told(own: Path, tmp_path: Path) -> None:
    own.write_bytes(b"theme = '\xff'")
    assert "cannot be read" in load(tmp_path).problems[0]


def test_a_setting_is_remembered_and_the_rest_of_the_file_stays(own: Path) -> None:
    config.remember("theme", "light")
    assert own.read_text() == 'theme = "light"\n'
    own.write_text("# mine\nascii = true # always\ntheme = 'x'\n\n[keys]\ntheme = 'no'\n")
    config.remember("theme", "dark")
    assert own.read_text() == "# mine\nascii = true # always\ntheme = \"dark\"\n\n[keys]\ntheme = 'no'\n"
    config.remember("motion", False)
    assert tomllib.loads(own.read_text())["motion"] is False
    own.write_text("theme = ")
    with pytest.raises(ValueError, match="Invalid"):
        config.remember("theme", "light")
    assert own.read_text() == "theme = " and [file.name for file in own.parent.iterdir()] == ["config.toml"]


def test_every_command_has_an_id_and_keys_that_can_be_written_in_the_file() -> None:
    assert len({action.id for action in ALL}) == len(ALL)
    for action in ALL:
        assert all(config.key_named(key) == _long(key) for key in action.keys.split(",")), action.id


def _long(key: str) -> str | None:
    return config.key_named(key) if len(key) == 1 else key


def test_auto_is_light_or_dark_as_the_terminal_says() -> None:
    assert [theme_of("auto", says) for says in ("", "15;0", "0;15", "0;default;7")] == [
        "fbtui-dark",
        "fbtui-dark",
        "fbtui-light",
        "fbtui-light",
    ]
    assert theme_of("nord", "0;15") == "nord"


def test_programs_are_remembered_newest_first_and_those_gone_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    assert recent() == []
    files = [tmp_path / f"{name}.py" for name in "abc"]
    for file in files:
        file.touch()
        remember_opened(file, None)
    remember_opened(files[0], "other")
    remember_opened(files[1], None)
    files[2].unlink()
    assert recent() == [str(files[1]), f"{files[0]}:other", str(files[0])]
    assert program_of(f"{files[0]}:other") == (files[0], "other") and program_of("a:b/c.py")[1] is None
    (tmp_path / "state" / "fbtui" / "recent.json").write_text("{broken")
    assert recent() == []


def test_the_page_about_settings_lists_every_command_and_setting() -> None:
    page = (Path(__file__).parents[2] / "docs" / "settings.md").read_text(encoding="utf-8")
    assert page.endswith(HEAD + table()), "python scripts/settings_page.py writes it anew"
    example = tomllib.loads(page.partition("```toml\n")[2].partition("```")[0])
    assert {*example} == {field.name for field in dataclasses.fields(Settings)}


def test_no_two_commands_have_a_key_in_common() -> None:
    for table_of_keys in (ACTIONS, *PANES.values()):
        keys = [key for action in table_of_keys for key in action.keys.split(",")]
        assert len(set(keys)) == len(keys), sorted(key for key in keys if keys.count(key) > 1)
