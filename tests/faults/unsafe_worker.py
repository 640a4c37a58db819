"""Index in the shape that tutorials write: ``take()``, and an exception out of the agent.

The same app, documents and writer as the real stage; only the shape differs. The oracle must report
what this loses.
"""

from __future__ import annotations

import logging
import sys
from contextlib import aclosing
from typing import Any

from dateline.endpoints import async_search_client, kafka_bootstrap
from dateline.errors import RecordRejected
from dateline.records import GroupedArticle, SearchDocument
from dateline.search.index_writer import IndexWriter
from dateline.search.templates import articles_index
from dateline.settings import load_settings
from dateline.topics import load_topics
from dateline.wire import from_wire
from processors.index.build_document import build_document
from processors.stage import Stage, StageWorker, create_app


def _built(payload: bytes) -> SearchDocument | None:
    try:
        return build_document(from_wire(payload, GroupedArticle))
    except RecordRejected:
        return None


def main(mode: str, assignments: list[str]) -> None:
    """Run until a signal; with mode ``fail`` the first batch raises."""
    logging.basicConfig(level=logging.INFO)
    settings = load_settings(environ={}, assignments=assignments)
    stage: Any = Stage(name="unsafe", reads="grouped", build=lambda _: None)  # type: ignore[arg-type,return-value]
    app = create_app(settings, stage, kafka_bootstrap(settings))
    topic = app.topic(
        load_topics(settings)["grouped"].name, key_serializer="raw", value_serializer="raw"
    )
    state = {"will_fail": mode == "fail"}

    async def index(stream: Any) -> None:
        client = async_search_client(settings)
        writer = IndexWriter(
            client,
            articles_index(settings),
            max_bulk_bytes=settings.index.max_bulk_bytes,
            retry_ceiling_seconds=1.0,
            on_wait=lambda: None,
        )
        # Closed at once when the body raises; the garbage collector would do it at some moment.
        async with aclosing(stream.take(20, within=0.5)) as batches:
            async for values in batches:
                if state["will_fail"]:
                    state["will_fail"] = False
                    raise RuntimeError("injected failure")
                await writer.write([built for value in values if (built := _built(value))])

    app.agent(topic, name="unsafe.index", concurrency=1)(index)
    StageWorker(app, loglevel=None, override_logging=False).execute_from_commandline()


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
