"""Return the identifiers of articles, texts, stories and entities (design section 6)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime

from dateline.names.fold import fold_name


def _sha256(*parts: str) -> str:
    # A length before each part: no two lists of parts can run together to the same bytes.
    return hashlib.sha256("".join(f"{len(part)}:{part}" for part in parts).encode()).hexdigest()


def article_id(source_id: str, key: str) -> str:
    """Return the id of the article that ``source_id`` (the publisher) knows by ``key``."""
    return _sha256("article", source_id, key)


def content_sha256(
    *,
    title: str | None,
    summary: str | None,
    body: str,
    pub_status: str = "usable",
    rights: Sequence[tuple[str, str, str]] = (),
) -> str:
    """Return the hash that tells one version of an article from another.

    A withheld text, or the same text under other rights (layer, field and value of each signal), is
    another version.
    """
    content: list[object] = [title or "", summary or "", body]
    if pub_status != "usable" or rights:
        content += [pub_status, sorted(rights)]
    return hashlib.sha256(json.dumps(content, ensure_ascii=True).encode()).hexdigest()


def text_sha256(text: str) -> str:
    """Return the hash of the exact text that offsets refer to (lone surrogates kept apart)."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def story_id(root_article_id: str) -> str:
    """Return the id of the story that begins with this article."""
    return _sha256("story", root_article_id)


def entity_id(entity_type: str, name: str) -> str:
    """Return the id of an unlinked entity: sha256 of type and folded name (contract point 9)."""
    return _sha256("entity", entity_type, fold_name(name, entity_type))


def correction_id(
    kind: str, entity_id: str, other: str, *, name: str, requested_at: datetime
) -> str:
    """Return the id of a correction of entities; the same words at another time are another."""
    return _sha256("correction", kind, entity_id, other, name, requested_at.isoformat())


def alert_id(watch_id: str, trigger: str, subject: str) -> str:
    """Return the id of what a watch says about a subject (contract point 7)."""
    return _sha256("alert", watch_id, trigger, subject)


def delivery_id(alert_id: str, channel_id: str) -> str:
    """Return the id of telling one channel about one alert."""
    return _sha256("delivery", alert_id, channel_id)
