"""What is installed: every file that the packages need beside their modules is declared."""

import tomllib
from fnmatch import fnmatch
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_every_data_file_is_declared() -> None:
    settings = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    patterns = settings["tool"]["setuptools"]["package-data"]["*"]
    files = [
        file
        for package in ("fbdev", "fbtui")
        for file in (ROOT / package).rglob("*")
        if file.is_file() and file.suffix != ".py" and "__pycache__" not in file.parts
    ]
    assert {file.name for file in files} >= {"index.html", "page.css", "app.tcss", "py.typed"}
    for file in files:
        package = next(folder for folder in file.parents if (folder / "__init__.py").is_file())
        inside = file.relative_to(package).as_posix()
        assert any(fnmatch(inside, pattern) for pattern in patterns), f"{file} would not be installed"
