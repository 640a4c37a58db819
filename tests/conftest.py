"""Fixtures of all rooms: one pair of real servers a session, a fresh namespace a test."""

from __future__ import annotations

import asyncio
import itertools
import os
import shutil
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from dateline.endpoints import async_search_client
from dateline.local import Endpoints, ServerOptions, SilentProgress, start_servers, stop_servers
from dateline.search.templates import apply_templates
from dateline.settings import Settings, load_settings
from dateline.topics import apply_topics

_namespaces = itertools.count(1)


def pytest_configure() -> None:
    """Let Ctrl-C reach the commands under test.

    A shell without a terminal starts background jobs with SIGINT ignored; children inherit that.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take our variables out of the environment: a developer's own must not change a test."""
    for name in list(os.environ):
        if name.startswith("DATELINE_") and name != "DATELINE_DATA_DIR":
            monkeypatch.delenv(name)


@pytest.fixture(scope="session")
def server_state_dir(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the session's servers."""
    return tmp_path_factory.mktemp("servers") / ".dateline"


@pytest.fixture(scope="session")
def servers(server_state_dir: Path) -> Iterator[Endpoints]:
    """Start real Kafka and Elasticsearch on free ports; stop them at the end."""
    options = ServerOptions(kafka_port=19092, elasticsearch_port=19200)
    yield start_servers(server_state_dir, options=options, report=SilentProgress())
    stop_servers(server_state_dir)
    # As root Elasticsearch's data lies outside; the link leads there.
    shutil.rmtree((server_state_dir / "elasticsearch").resolve().parent, ignore_errors=True)


@pytest.fixture
def pipeline_settings(servers: Endpoints, server_state_dir: Path, tmp_path: Path) -> Settings:
    """Return settings bound to the servers, in a namespace with topics and templates of its own."""
    settings = load_settings(
        environ={},
        assignments=[
            f"project.state_dir={tmp_path / '.dateline'}",
            f"project.namespace=t{next(_namespaces)}",
            f"producer.inbox={tmp_path / 'inbox'}",
            f"kafka.bootstrap_servers={servers.kafka_bootstrap}",
            f"elasticsearch.url={servers.elasticsearch_url}",
        ],
    )
    apply_topics(settings)

    async def apply() -> None:
        client = async_search_client(settings)
        try:
            await apply_templates(client, settings)
        finally:
            await client.close()

    asyncio.run(apply())
    return settings
