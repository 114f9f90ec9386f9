"""A cluster on this machine: a head, and two workers that nodes are placed on by a resource of theirs."""

import os
from collections.abc import Iterator
from typing import Any

import pytest

os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")


@pytest.fixture(scope="session")
def cluster() -> Iterator[Any]:
    from ray.cluster_utils import Cluster

    try:
        made = Cluster(
            initialize_head=True,
            head_node_args={"num_cpus": 0, "include_dashboard": False, "object_store_memory": 100_000_000},
        )
    except Exception as error:  # the engine's own, before anything of ours has run
        pytest.skip(f"the engine cannot start a cluster on this machine: {error}")
    made.workers = [
        made.add_node(num_cpus=2, resources={name: 10}, object_store_memory=500_000_000)
        for name in ("worker_a", "worker_b")
    ]
    made.wait_for_nodes()
    yield made
    made.shutdown()
