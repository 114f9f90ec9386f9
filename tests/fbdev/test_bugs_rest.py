"""The defects of the public library that belong to no other group: tracked packets, and what an import costs."""

import subprocess
import sys

from fbdev.graph.packet_registry import PacketConsumption, TrackedPacket
from tests.fbdev.helpers import Forward, chain, net, run


def test_bug_40_a_tracked_packet_may_be_empty() -> None:
    registry = net(chain(Forward)).packet_registry
    empty = TrackedPacket.get_empty()
    assert empty.is_empty and run(empty.consume()) is None
    tracked = TrackedPacket(empty.get_empty(), TrackedPacket.EXTERNAL_LOCATION, registry)
    assert tracked.is_empty and not tracked.is_consumed
    assert run(tracked.peek()) is None
    assert run(tracked.consume()) is None
    assert tracked.is_consumed
    assert isinstance(registry.history(tracked)[-1], PacketConsumption)


def test_bug_56_an_import_brings_neither_a_notebook_nor_a_library_for_one_object() -> None:
    code = """
import asyncio, sys
before = set(sys.modules)
import fbdev
import fbdev.graph.graph_spec, fbdev.graph.net, fbdev.runtime.batch_executor, fbdev.complib
brought = {name.partition(".")[0] for name in set(sys.modules) - before}
print(*sorted(brought - set(sys.stdlib_module_names) - {"fbdev"}))
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) <= {"anyio", "sniffio", "idna", "typing_extensions", "exceptiongroup"}
