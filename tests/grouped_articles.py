"""Made-up grouped articles, as the alerts stage reads them, and watches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sample_records import at, enriched_article, kill_notice, raw_article, sha

from dateline import ids
from dateline.alert_records import Watch
from dateline.document_records import DocumentEntity, EntityLink, ResolvedEntity
from dateline.records import GroupedArticle, Mention, VersionSeen
from dateline.rights.decide import decide_all
from dateline.rights.policy import load_policy
from dateline.rights.record import Rights
from dateline.settings import PROJECT_DIR

POLICY = load_policy(PROJECT_DIR / "config" / "policies.toml")
FREE = Rights(status="public_domain", confidence=1.0)
RESERVED = Rights(status="reserved", confidence=0.9)
TEXT = "Marta Oliveira opened the new pier in Lisbon. The pier cost 12 million euros."
PERSON, PLACE = "Marta Oliveira", "Lisbon"


def article_id(name: str) -> str:
    return ids.article_id(f"{name}.example", "k")


def story_id(name: str) -> str:
    """Return the id of the story that begins with the article ``name``."""
    return ids.story_id(article_id(name))


def entity_of(
    text: str, name: str, kind: str, number: int, qid: str | None = None
) -> tuple[DocumentEntity, Mention]:
    """Return the entity ``name`` of ``text`` and its only mention, the ``number``-th of all."""
    start = text.index(name)
    sentence_start = text.rfind(". ", 0, start) + 2 if ". " in text[:start] else 0
    stop = text.find(".", start)
    entity_id = qid or ids.entity_id(kind, name)
    link = EntityLink(row_id=qid, qid=qid, name=name, reason="test") if qid else None
    entity = DocumentEntity(
        entity_id=entity_id, entity_type=kind, name=name, is_full_name=True,  # type: ignore[arg-type]  # from a table
        mention_indices=(number,), link=link,
    )  # fmt: skip
    mention = Mention(
        text=name, label="X", entity_type=kind, entity_id=entity_id, start=start,  # type: ignore[arg-type]  # as above
        end=start + len(name), sentence_start=sentence_start, sentence_end=stop + 1,
        detector="m@1",
    )  # fmt: skip
    return entity, mention


def grouped(  # noqa: PLR0913 (each is a fact that tests change)
    name: str = "one",
    text: str = TEXT,
    *,
    names: Sequence[tuple[str, str]] = ((PERSON, "person"), (PLACE, "place")),
    qids: dict[str, str] | None = None,
    minute: float = 1,
    rights: Rights = FREE,
    revision: int = 1,
    earlier: Sequence[str] = (),
    resolved: tuple[ResolvedEntity, ...] = (),
    raw: dict[str, Any] | None = None,
    enriched: dict[str, Any] | None = None,
    **fields: Any,
) -> GroupedArticle:
    """Return the article of ``<name>.example``, a story by itself; ``earlier``: its old texts."""
    found = [
        entity_of(text, each, kind, number, (qids or {}).get(each))
        for number, (each, kind) in enumerate(names)
    ]
    row = {
        "article_id": article_id(name), "source_id": f"{name}.example",
        "url": f"https://{name}.example/1", "published_at": at(minute),
    }  # fmt: skip
    article = raw_article(text, minute, **(row | (raw or {})))
    values: dict[str, Any] = {
        "title": f"Report of {name}", "rights": rights, "article": article,
        "entities": tuple(entity for entity, _ in found),
        "mentions": tuple(mention for _, mention in found),
    }  # fmt: skip
    texts = [*earlier, text]
    versions = tuple(
        VersionSeen(content_sha256=sha(each), updated_at=at(minute), revision=number)
        for number, each in enumerate(texts, revision - len(texts) + 1)
    )
    decisions = decide_all(rights, policy=POLICY, at=at(minute))
    grouped_row: dict[str, Any] = {
        "article_id": article.article_id, "source_id": article.source_id, "revision": revision,
        "change": "new" if revision == 1 else "content", "first_seen_at": at(1),
        "observed_at": at(minute), "origin": "live", "pub_status": "usable",
        "story_id": story_id(name), "versions": versions, "decisions": decisions,
        "enriched": enriched_article(text, minute, **(values | (enriched or {}))),
        "resolved": resolved,
    }  # fmt: skip
    return GroupedArticle(**(grouped_row | fields))


def killed(name: str = "one", *, revision: int = 2, **fields: Any) -> GroupedArticle:
    """Return the kill of the article of ``<name>.example``."""
    kill = kill_notice(5, article_id=article_id(name), source_id=f"{name}.example")
    row: dict[str, Any] = {
        "article_id": article_id(name), "source_id": f"{name}.example", "revision": revision,
        "change": "kill", "first_seen_at": at(1), "observed_at": at(5), "origin": "live",
        "pub_status": "canceled", "story_id": story_id(name), "versions": (), "kill": kill,
    }  # fmt: skip
    return GroupedArticle(**(row | fields))


def watch(watch_id: str = "w", query: str = f'entity:"{PERSON}"', **fields: Any) -> Watch:
    row: dict[str, Any] = {
        "watch_id": watch_id, "query": query, "created_at": at(0), "channel_ids": ("mail",),
    }  # fmt: skip
    return Watch(**(row | fields))
