"""What the tests of the runtime share."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.fbdev.helpers import LOOPS


@pytest.fixture(params=LOOPS, ids=["our loop", "a foreign loop"])
def loop(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.fixture
def nothing_is_left() -> Iterator[None]:
    """No process, no zombie and no file descriptor outlives a test."""
    before = descriptors()
    yield
    assert descriptors() == before
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)


def descriptors() -> int:
    """Return how many files this process has open."""
    return len(list(Path("/dev/fd").iterdir()))
