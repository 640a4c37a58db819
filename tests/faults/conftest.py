"""One pipeline of real processes a module; nothing of it may be left at the end."""

from __future__ import annotations

import gc
import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from dateline.local import Endpoints, ServerOptions
from dateline.topics import apply_topics
from faults.pipeline import MARK, Pipeline, marked_processes, wait_until

STARTUP_SECONDS = 240.0


@pytest.fixture(scope="module")
def pipeline(
    servers: Endpoints, server_state_dir: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Pipeline]:
    """Return a running pipeline in a namespace of its own."""
    mark = uuid.uuid4().hex
    state_dir = tmp_path_factory.mktemp("faults") / ".dateline"
    with pytest.MonkeyPatch.context() as patch:
        for name in list(os.environ):
            if name.startswith("DATELINE_") and name != "DATELINE_DATA_DIR":
                patch.delenv(name)
        patch.setenv(MARK, mark)
        pipeline = Pipeline(
            [
                f"project.state_dir={state_dir}",
                f"project.namespace=f{mark[:8]}",
                f"kafka.bootstrap_servers={servers.kafka_bootstrap}",
                f"elasticsearch.url={servers.elasticsearch_url}",
            ],
            server_state_dir,
            ServerOptions(startup_timeout_seconds=STARTUP_SECONDS),
        )
        try:
            apply_topics(pipeline.settings)
            pipeline.start("enrich", "stories", "index")
            pipeline.wait_ready()
            yield pipeline
        finally:
            pipeline.close()
        # The children of a killed stage notice it themselves, within a second.
        wait_until(lambda: not marked_processes(mark), "all processes to be gone", seconds=30)
    # The open sockets of clients of a dead broker are to be found here, not in another test.
    gc.collect()
