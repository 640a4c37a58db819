"""Write grouped articles, stories and entities to Elasticsearch; one result a record."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from elasticsearch import AsyncElasticsearch

from dateline.clock import Clock
from dateline.errors import RecordRejected
from dateline.records import EntityRecord, GroupedArticle, StoryRecord
from dateline.search.expire_internal import Expired, expire_internal
from dateline.search.index_writer import Indexed, IndexWriter
from dateline.search.templates import apply_templates, articles_index
from dateline.settings import Settings
from dateline.wire import from_wire
from processors import failpoint
from processors.guard import Incoming, Result
from processors.index.build_document import build_document
from processors.index.expiry import Expiry
from processors.waiting import Progress, wait_out

log = logging.getLogger(__name__)


class IndexHandler:
    """Build documents and write them in bulk."""

    def __init__(
        self,
        *,
        client: AsyncElasticsearch,
        writer: IndexWriter,
        settings: Settings,
        progress: Progress,
        clock: Clock,
    ) -> None:
        self._client = client
        self._writer = writer
        self._settings = settings
        self._progress = progress
        self._clock = clock
        self._expiry = Expiry(self._expire)

    async def start(self) -> None:
        """Put the templates: a wiped server must not guess the types of our fields."""
        applied = await wait_out(
            lambda: apply_templates(self._client, self._settings),
            progress=self._progress,
            ceiling_seconds=self._settings.stages.retry_ceiling_seconds,
        )
        log.info("index: template %s, analyzer %s", applied.change, applied.analyzer)
        self._expiry.start()

    async def stop(self) -> None:
        """End the hourly work and close the client."""
        await self._expiry.stop()
        await self._client.close()

    def partitions_changed(self) -> None:
        """Do nothing: the stage keeps no state."""

    async def handle(self, records: Sequence[Incoming]) -> Sequence[Result]:
        """Return one result a record when each document is written or refused for good."""
        self._expiry.check()
        built = [_built(record) for record in records]
        documents = [item for item in built if not isinstance(item, RecordRejected)]
        written = iter(await self._writer.write(documents))
        failpoint.hit("index.after_write")
        return [item if isinstance(item, RecordRejected) else next(written) for item in built]

    async def _expire(self) -> Expired:
        return await expire_internal(
            self._client, articles_index(self._settings), now=self._clock.now()
        )


def _built(record: Incoming) -> Indexed | RecordRejected:
    try:
        found = from_wire(record.payload, GroupedArticle, StoryRecord, EntityRecord)
        return build_document(found) if isinstance(found, GroupedArticle) else found
    except RecordRejected as error:
        return error
