"""Return the stages by name, each wired to its collaborators."""

from __future__ import annotations

import asyncio
import logging
import os
from collections.abc import Mapping, Sequence

from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from dateline.alerts.claims import ClaimStore
from dateline.alerts.ledger import Ledger
from dateline.alerts.mention_history import MentionHistory
from dateline.channels.senders import open_senders
from dateline.clock import SystemClock
from dateline.consumer_lag import read_position
from dateline.endpoints import async_search_client
from dateline.errors import BrokerUnavailable
from dateline.records import ArticleState, StoryRecord
from dateline.rights.policy import load_policy
from dateline.search.archive import find_archived, find_archived_stories
from dateline.search.index_writer import IndexWriter
from dateline.search.templates import articles_index
from dateline.settings import PROJECT_DIR
from dateline.topics import load_topics
from dateline.watch_topic import follow_watches
from processors.alerts.handler import AlertsHandler, AlertStores
from processors.alerts.watch_book import WatchBook
from processors.deliver.build import Outside
from processors.deliver.build import build_handler as build_deliver_handler
from processors.deliver.handler import DeliverHandler
from processors.enrich.entry import ChildOptions, check_models
from processors.enrich.handler import EnrichHandler, WaitForTurn
from processors.enrich.pool import EnrichPool
from processors.index.handler import IndexHandler
from processors.kafka_out import TransactionalWriter
from processors.stage import EXIT_BUG, Stage, StageContext, end_process
from processors.stories.handler import StoriesHandler
from processors.stories.read_back import EnrichedReader
from processors.stories.session import Session, cluster_settings
from processors.stories.state import read_state
from processors.waiting import wait_out

log = logging.getLogger(__name__)

TURN_CHECK_SECONDS = 1.0
CONFIG_DIR = PROJECT_DIR / "config"


def _enrich(context: StageContext) -> EnrichHandler:
    return _enrich_handler(context, wait_for_turn=None)


def _enrich_backfill(context: StageContext) -> EnrichHandler:
    return _enrich_handler(context, wait_for_turn=_live_is_drained(context))


def _enrich_handler(context: StageContext, *, wait_for_turn: WaitForTurn | None) -> EnrichHandler:
    enrich = context.settings.enrich
    check_models(enrich.models)
    pool = EnrichPool(
        options=ChildOptions(
            models=enrich.models,
            config_dir=CONFIG_DIR,
            max_text_chars=enrich.max_text_chars,
        ),
        processes=enrich.processes or os.cpu_count() or 1,
        chunk_articles=enrich.chunk_articles,
        chunk_timeout_seconds=enrich.chunk_timeout_seconds,
        max_tasks_per_process=enrich.max_tasks_per_process,
        on_progress=context.progress.touch,
    )
    return EnrichHandler(
        pool=pool,
        writer=context.writer,
        enriched_topic=load_topics(context.settings)["enriched"].name,
        progress=context.progress,
        retry_ceiling_seconds=context.settings.stages.retry_ceiling_seconds,
        wait_for_turn=wait_for_turn,
    )


def _live_is_drained(context: StageContext) -> WaitForTurn:
    """Return what waits until the live topic has no lag: backfill never delays live articles."""
    group = context.settings.scoped("dateline-enrich")
    topic = load_topics(context.settings)["raw"].name

    def live_lag_records() -> int:
        try:
            admin = KafkaAdminClient(bootstrap_servers=context.bootstrap_servers)
            try:
                return read_position(admin, group, topic).lag_records
            finally:
                admin.close()
        except KafkaError as error:
            raise BrokerUnavailable(f"Kafka does not answer: {error!r}.") from error

    async def wait() -> None:
        while await wait_out(
            lambda: asyncio.to_thread(live_lag_records),
            progress=context.progress,
            ceiling_seconds=context.settings.stages.retry_ceiling_seconds,
        ):
            context.progress.touch()
            await asyncio.sleep(TURN_CHECK_SECONDS)

    return wait


def _stories(context: StageContext) -> StoriesHandler:
    settings = context.settings
    topics = load_topics(settings)
    client = async_search_client(settings)
    index = articles_index(settings)
    reader = EnrichedReader(
        context.bootstrap_servers, topics["enriched"].name, on_progress=context.progress.touch
    )

    async def open_session() -> Session:
        writer = TransactionalWriter(context.bootstrap_servers, settings.scoped("dateline-stories"))
        await writer.start()  # fences every earlier writer: from here on the state is ours
        try:
            kept = await read_state(
                context.bootstrap_servers,
                topics["story"].name,
                on_progress=context.progress.touch,
            )
            return await Session.restored(
                writer,
                kept,
                settings=cluster_settings(settings.stories.cluster_days),
                on_progress=context.progress.touch,
            )
        except BaseException:
            await writer.close()
            raise

    async def archived(article_ids: Sequence[str]) -> Mapping[str, ArticleState]:
        return await find_archived(client, index, article_ids)

    async def archived_stories(story_ids: Sequence[str]) -> Mapping[str, StoryRecord]:
        return await find_archived_stories(client, index, story_ids)

    async def close_readers() -> None:
        await reader.close()
        await client.close()

    return StoriesHandler(
        open_session=open_session,
        find_archived=archived,
        find_archived_stories=archived_stories,
        read_back=reader.read,
        close_readers=close_readers,
        policy=load_policy(CONFIG_DIR / "policies.toml"),
        settings=settings.stories,
        enriched_topic=topics["enriched"].name,
        story_topic=topics["story"].name,
        grouped_topic=topics["grouped"].name,
        clock=SystemClock(),
    )


def _index(context: StageContext) -> IndexHandler:
    settings = context.settings
    client = async_search_client(settings)
    writer = IndexWriter(
        client,
        articles_index(settings),
        max_bulk_bytes=settings.index.max_bulk_bytes,
        retry_ceiling_seconds=settings.stages.retry_ceiling_seconds,
        on_wait=context.progress.touch,
    )
    return IndexHandler(
        client=client,
        writer=writer,
        settings=settings,
        progress=context.progress,
        clock=SystemClock(),
    )


def _alerts(context: StageContext) -> AlertsHandler:
    settings = context.settings
    topics = load_topics(settings)
    client = async_search_client(settings)
    index = articles_index(settings)
    watches = WatchBook()
    return AlertsHandler(
        stores=AlertStores(
            client=client,
            index=index,
            ledger=Ledger(client, index.alerts),
            claims=ClaimStore(client, index.claims),
            history=MentionHistory(client, index),
        ),
        watches=watches,
        follower=follow_watches(
            context.bootstrap_servers,
            topics["watch"].name,
            on_change=watches.apply,
            on_progress=context.progress.touch,
        ),
        write=context.writer.write,
        alert_topic=topics["alert"].name,
        settings=settings.alerts,
        progress=context.progress,
        retry_ceiling_seconds=settings.stages.retry_ceiling_seconds,
        clock=SystemClock(),
    )


def _deliver(context: StageContext) -> DeliverHandler:
    settings = context.settings
    senders = open_senders(settings)
    return build_deliver_handler(
        Outside(
            client=async_search_client(settings),
            index=articles_index(settings),
            sender=senders,
            close_sender=senders.close,
            bootstrap_servers=context.bootstrap_servers,
            watch_topic=load_topics(settings)["watch"].name,
        ),
        settings,
        progress=context.progress,
        clock=SystemClock(),
        on_broken=_end_deliver,
    )


def _end_deliver(error: BaseException) -> None:
    log.critical("ALARM deliver: the work beside its handler broke, the stage ends", exc_info=error)
    end_process(EXIT_BUG)


STAGES: Mapping[str, Stage] = {
    stage.name: stage
    for stage in (
        Stage(name="enrich", reads="raw", build=_enrich),
        Stage(name="enrich-backfill", reads="raw_backfill", build=_enrich_backfill),
        Stage(
            name="stories",
            reads="enriched",
            build=_stories,
            take_max_records=lambda settings: settings.stories.take_max_records,
        ),
        Stage(name="index", reads="grouped", build=_index),
        Stage(name="deliver", reads="alert", build=_deliver),
        Stage(name="alerts", reads="grouped", build=_alerts),
    )
}
