"""Made-up articles as the stories stage keeps them, and further ones of the same events.

Numbers in place of words: an article has terms of its event and of all events (Zipf), 110 in all,
and 450 shingles (an article of 450 words); a fifth of the further ones are copies.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from dateline import ids
from dateline.document_records import (
    FIRST_PAIR,
    CopySign,
    DocumentEntity,
    StoryEntity,
    StoryMember,
    StoryTerms,
    TermCounts,
    TextSignature,
)
from dateline.records import (
    ArticleState,
    EnrichedArticle,
    Mention,
    RawArticle,
    StoryRecord,
    VersionSeen,
)
from dateline.rights.record import Rights
from processors.enrich.copy_signature import sign_text

START = datetime(2026, 1, 1, tzinfo=UTC)
WINDOW = timedelta(days=13)
# (first id, how many there are, of the event, of all) by channel.
_CHANNELS = {"name": (0, 12, 18), "word": (1 << 21, 15, 25), "pair": (FIRST_PAIR, 15, 25)}
_VOCABULARY = 400_000
_WORDS = 450


class MadeUpWindow:
    """A window of ``article_count`` articles; three in ten are of events of many articles."""

    def __init__(self, article_count: int) -> None:
        self._count = article_count
        self._event_count = article_count // 2
        self._rng = np.random.default_rng(7)
        self._texts: list[str] = []

    def states(self) -> Iterator[tuple[ArticleState, StoryRecord | None]]:
        """Yield the state of every article, with its story's record where that is new."""
        roots: dict[int, str] = {}
        for number in range(self._count):
            event = self._event()
            article_id = f"{number:064x}"
            root = roots.setdefault(event, article_id)
            at = START + WINDOW * (number / self._count)
            state = self._state(number, event, root, at)
            yield state, self._story(state) if root == article_id else None

    def enriched(self, number: int) -> EnrichedArticle:
        """Return one of the further articles, made once in order."""
        is_copy = len(self._texts) > 50 and number % 5 == 0
        if is_copy:
            words = self._texts[int(self._rng.integers(len(self._texts)))].split()
            text = " ".join(words[20:])
        else:
            codes = self._rng.integers(0, 60_000, _WORDS)
            text = " ".join(f"w{code:x}" for code in codes.tolist())
        self._texts.append(text)
        event = self._event()
        article_id = f"{self._count + number:064x}"
        at = START + WINDOW
        article = RawArticle(
            article_id=article_id, source_id=f"source-{number % 500}.example", key=str(number),
            content_sha256=article_id, body=text, media_type="text/plain", origin="live",
            observed_at=at, updated_at=at, published_at=at, title=f"Event {event}",
            url=f"https://source-{number % 500}.example/{number}",
        )  # fmt: skip
        names = [f"Name {event} {place}" for place in range(12)]
        return EnrichedArticle(
            article=article, text=text, offsets=((0, 0),), title=f"Event {event}",
            is_title_derived=False, summary=text[:200], is_summary_derived=True, language="en",
            language_confidence=0.99, rights=Rights(status="unknown"), pipeline_version="bench",
            mentions=tuple(_mention(names[place % 12], place) for place in range(30)),
            entities=tuple(_entity(name, place) for place, name in enumerate(names)),
            story_terms=self._terms(event), text_signature=_signature(text),
        )  # fmt: skip

    def _event(self) -> int:
        # Squared: some events have hundreds of articles.
        return int(self._event_count * self._rng.random() ** 1.7)

    def _ids(self, event: int) -> dict[str, NDArray[np.uint32]]:
        own = np.random.default_rng(event)
        found = {}
        for name, (first, of_event, of_all) in _CHANNELS.items():
            rare = own.integers(0, _VOCABULARY, of_event)
            common = (_VOCABULARY * self._rng.random(of_all) ** 3).astype(int)
            found[name] = (first + np.unique(np.concatenate([rare, common]))).astype("<u4")
        return found

    def _terms(self, event: int) -> StoryTerms:
        parts = {
            name: TermCounts(ids=found.tobytes(), counts=np.ones(len(found), dtype="<u2").tobytes())
            for name, found in self._ids(event).items()
        }
        return StoryTerms(**parts)

    def _state(self, number: int, event: int, root: str, at: datetime) -> ArticleState:
        article_id, source = f"{number:064x}", f"source-{number % 500}.example"
        term_ids = np.sort(np.concatenate(list(self._ids(event).values())))
        weights = self._rng.integers(40, 160, len(term_ids)).astype("<u2")
        hashes = np.unique(self._rng.integers(0, 1 << 32, _WORDS, dtype=np.uint32)).astype("<u4")
        return ArticleState(
            article_id=article_id, source_id=source, revision=1,
            story_id=ids.story_id(root), first_seen_at=at, last_changed_at=at,
            current_sha256=article_id, current_updated_at=at, pub_status="usable",
            versions=(VersionSeen(content_sha256=article_id, updated_at=at, revision=1),),
            url=f"https://{source}/news/{number}", text_sha256=article_id, enriched_offset=number,
            rights=Rights(status="unknown"), decisions_sha256=article_id, decided_at=at,
            story_reasons=("similarity 0.42",), event_at=at, lane="",
            copy_sign=CopySign(shingle_count=len(hashes), hashes=hashes.tobytes()),
            member=StoryMember(
                at=at, language="en", title=f"Event {event}", is_copy=False,
                term_ids=term_ids.tobytes(), term_weights=weights.tobytes(),
            ),
            story_entities=tuple(_story_entity(f"Name {event} {n}") for n in range(12)),
        )  # fmt: skip

    def _story(self, state: ArticleState) -> StoryRecord:
        return StoryRecord(
            story_id=state.story_id, root_article_id=state.article_id,
            title=state.member.title if state.member else "", main_article_id=state.article_id,
            first_at=state.first_seen_at, last_at=state.first_seen_at, article_count=1,
            source_ids=(state.source_id,), entities=state.story_entities,
        )  # fmt: skip


def _signature(text: str) -> TextSignature | None:
    signed = sign_text(text)
    return signed and TextSignature(shingle_count=signed.shingle_count, hashes=signed.hashes)


def _story_entity(name: str) -> StoryEntity:
    entity_id = ids.entity_id("person", name)
    return StoryEntity(entity_id=entity_id, entity_type="person", name=name, count=2)


def _entity(name: str, place: int) -> DocumentEntity:
    return DocumentEntity(
        entity_id=ids.entity_id("person", name), entity_type="person", name=name,
        is_full_name=True, mention_indices=(place, place + 12), salience=0.5,
    )  # fmt: skip


def _mention(name: str, place: int) -> Mention:
    return Mention(
        text=name, label="PERSON", entity_type="person",
        entity_id=ids.entity_id("person", name), start=place * 60, end=place * 60 + 12,
        sentence_start=place * 60, sentence_end=place * 60 + 100, detector="en_core_web_sm@3.8.0",
    )  # fmt: skip
