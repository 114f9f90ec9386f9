"""Nothing that a test does reaches the person's own state and settings, and each does the same every time.

Laws are tried on the same examples in every run; ``HYPOTHESIS_PROFILE=new`` looks for others.
"""

import os
import tempfile
from collections.abc import Iterator

import pytest
from hypothesis import settings

settings.register_profile("same", derandomize=True, deadline=None)
settings.register_profile("new", deadline=None)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "same"))


@pytest.fixture(scope="session", autouse=True)
def _own_folders() -> Iterator[None]:
    with tempfile.TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", os.path.join(folder, "state"))
        patch.setenv("XDG_CONFIG_HOME", os.path.join(folder, "config"))
        for name in [name for name in os.environ if name.startswith("FBTUI_")]:
            patch.delenv(name)
        yield
