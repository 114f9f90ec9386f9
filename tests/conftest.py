"""Nothing that a test does reaches the person's own state and settings."""

import os
import tempfile
from collections.abc import Iterator

import pytest


@pytest.fixture(scope="session", autouse=True)
def _own_folders() -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", os.path.join(folder, "state"))
        patch.setenv("XDG_CONFIG_HOME", os.path.join(folder, "config"))
        for name in [name for name in os.environ if name.startswith("FBTUI_")]:
            patch.delenv(name)
        yield
