"""The process that waits for the debugger's own."""

import os
import pty
import signal
import sys

import pytest

STUCK = """
import os, signal, time
from fbtui.cli import guard

fork = os.fork

def late():
    child = fork()
    while child and not signal.sigpending():  # the signal comes before the guard has done anything else
        time.sleep(0.01)
    return child

os.fork = late
guard.GRACE = 1
if (code := guard.under_guard()) is not None:
    raise SystemExit(code)
for number in guard.HANDED_ON:
    signal.signal(number, signal.SIG_IGN)
print("stuck", flush=True)
while True:
    time.sleep(60)
"""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_debugger_that_is_stuck_ends_with_its_window(number: int) -> None:
    guard, terminal = pty.fork()
    if guard == 0:
        os.execv(sys.executable, [sys.executable, "-c", STUCK])
    said = b""
    while b"stuck" not in said:
        said += os.read(terminal, 1024)
    os.kill(guard, number)
    _, status = os.waitpid(guard, 0)
    os.close(terminal)
    assert os.waitstatus_to_exitcode(status) == 128 + signal.SIGKILL
