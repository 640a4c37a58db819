"""Decide what to send for a parsed article: who it is, which version, or why nothing is sent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dateline import ids
from dateline.records import DateFlag, KillNotice, Origin, RawArticle
from dateline.wire import MAX_RAW_BYTES, to_wire
from producers.normalize_url import normalize_url
from producers.parse_input import Input
from producers.parse_time import ReadTime, clamp_published
from producers.parsed import Format, ParsedArticle, Refusal, Skip
from producers.sent_state import SentRecord
from producers.url_twins import article_url

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
UNCHANGED = "unchanged"
# What a site says of all its pages: it changes, and no article is edited by that.
SITE_LAYERS = frozenset({"robots", "wellknown", "rsl"})
EARLIER = "an earlier version, sent before"


@dataclass(frozen=True, slots=True, kw_only=True)
class IngestOptions:
    """How a run differs from the usual one (see `dateline ingest --help`).

    ``publisher`` is the source of everything; ``format_`` that of every file, whatever its name;
    ``is_forced`` sends what is known again.
    """

    publisher: str | None = None
    format_: Format | None = None
    is_backfill: bool = False
    is_forced: bool = False
    is_dry_run: bool = False

    @property
    def origin(self) -> Origin:
        """Return what the records say of their way in."""
        return "backfill" if self.is_backfill else "live"


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """Who an article is (design section 6)."""

    source_id: str
    key: str
    article_id: str
    is_path: bool


def identify(
    parsed: ParsedArticle, source: Input, *, publisher: str | None, key: str | None = None
) -> Identity:
    """Return the identity of an article.

    Args:
        parsed: the article.
        source: where it was read.
        publisher: ``--source``; wins over the article's own, which wins over the folder's name.
        key: the key that the caller knows the article by, whatever it says of itself now.

    The key is the address, else the id, else (a file that is one article) the path below the
    ingested folder, else the hash of the text. A page's canonical address is no key.
    """
    source_id = publisher or (parsed.source or "").strip() or source.source_id
    url = article_url(parsed.url) if parsed.url and source.format != "html" else None
    is_path = False
    if key is not None:
        pass
    elif url is not None:
        key = url
    elif parsed.guid is not None:
        key = parsed.guid
    elif parsed.is_alone and source.relative is not None:
        key, is_path = source.relative, True
    else:
        key = f"sha256:{content_sha256(parsed)}"
    return Identity(
        source_id=source_id, key=key, article_id=ids.article_id(source_id, key), is_path=is_path
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Planned:
    """A record that is to be sent, and the row to remember once it is acknowledged."""

    record: RawArticle | KillNotice
    payload: bytes
    row: SentRecord


def plan(
    parsed: ParsedArticle,
    identity: Identity,
    source: Input,
    *,
    versions: Sequence[SentRecord],
    now: datetime,
    options: IngestOptions,
) -> Planned | Refusal | Skip:
    """Return the record for an article, or why none is sent.

    Args:
        parsed: the article.
        identity: who it is.
        source: where it was read.
        versions: what Kafka has of it, oldest first.
        now: the time of observation.
        options: live or backfill, and whether to send what is known.

    Raises: Nothing.
    """
    last = versions[-1] if versions else None
    if last is not None and not options.is_forced:
        known = _known(parsed, identity, source, versions)
        if known is not None:
            return known
    # The clock may have been set back; the versions of one article stay in order all the same.
    observed_at = max(now, last.observed_at) if last else now
    updated_at = _updated_at(parsed, source, last, observed_at)
    row = _row(parsed, identity, source, updated_at=updated_at, observed_at=observed_at)
    record = _record(parsed, identity, row, options.origin)
    payload = to_wire(record)
    if len(payload) > MAX_RAW_BYTES:
        return Refusal(
            reason=f"too large: {len(payload):,} bytes as a record, the limit is {MAX_RAW_BYTES:,}",
            line=parsed.line,
        )
    return Planned(record=record, payload=payload, row=row)


def _known(
    parsed: ParsedArticle, identity: Identity, source: Input, versions: Sequence[SentRecord]
) -> Skip | Refusal | None:
    """Return why this version need not or must not be sent, or None."""
    last = versions[-1]
    content = content_sha256(parsed)
    same = [v for v in versions if (v.content_sha256, v.pub_status) == (content, parsed.pub_status)]
    if same and same[-1] is last:
        return Skip(reason=UNCHANGED, line=parsed.line)
    if parsed.updated_at is not None:
        is_earlier = any(v.own_updated_at == parsed.updated_at for v in same)
        return Skip(reason=EARLIER, line=parsed.line) if is_earlier else None
    if identity.is_path:
        return _other_file(identity, source, last)
    return _unordered(parsed, identity, source, last=last, same=same)


def _unordered(
    parsed: ParsedArticle,
    identity: Identity,
    source: Input,
    *,
    last: SentRecord,
    same: Sequence[SentRecord],
) -> Skip | Refusal | None:
    """Judge another text under a known id when neither says how old it is."""
    is_same_file = last.origin_file == source.origin
    is_same_reading = is_same_file and last.mtime_ns == source.mtime_ns and last.line != parsed.line
    if is_same_file and not is_same_reading:
        return None
    # Two texts under one id and no time to order them: the later place won the first time.
    if any(v.origin_file == source.origin for v in same):
        return Skip(reason=EARLIER, line=parsed.line)
    if is_same_reading:
        return Refusal(
            reason=f"two texts under one id: {identity.key[:80]!r} stands in line {last.line}"
            " with another text; give `updated_at` to say which is newer",
            line=parsed.line,
        )
    return None


def _other_file(identity: Identity, source: Input, last: SentRecord) -> Refusal | None:
    """Refuse a file that would become a version of another file of the same name."""
    if last.origin_file == source.origin or not Path(last.origin_file).is_file():
        return None
    return Refusal(
        reason=f"same name: source {identity.source_id!r} already has {identity.key!r} from"
        f" {last.origin_file}; give this folder another --source, or --resend to take this file"
        " as the newer version"
    )


def _updated_at(
    parsed: ParsedArticle, source: Input, last: SentRecord | None, observed_at: datetime
) -> datetime:
    """Return the time that orders the versions: never later than observed, never a step back."""
    if parsed.updated_at is not None:
        return min(parsed.updated_at, observed_at)
    if source.mtime_ns is None:
        return observed_at
    try:
        modified = EPOCH + timedelta(microseconds=source.mtime_ns // 1000)
    except OverflowError:
        return observed_at
    # Times of files go backwards (a restored copy); the text is newer for us all the same.
    if last is not None and modified <= last.updated_at:
        return observed_at
    return min(modified, observed_at)


def _row(
    parsed: ParsedArticle,
    identity: Identity,
    source: Input,
    *,
    updated_at: datetime,
    observed_at: datetime,
) -> SentRecord:
    return SentRecord(
        source_id=identity.source_id,
        key=identity.key,
        article_id=identity.article_id,
        url=normalize_url(parsed.url) if parsed.url else None,
        content_sha256=content_sha256(parsed),
        pub_status=parsed.pub_status,
        updated_at=updated_at,
        own_updated_at=parsed.updated_at,
        observed_at=observed_at,
        topic="",
        partition=-1,
        offset=-1,
        origin_file=source.origin,
        line=parsed.line,
        mtime_ns=source.mtime_ns,
    )


def _record(
    parsed: ParsedArticle, identity: Identity, row: SentRecord, origin: Origin
) -> RawArticle | KillNotice:
    if row.content_sha256 is None:
        return KillNotice(
            article_id=identity.article_id,
            source_id=identity.source_id,
            key=identity.key,
            reason=parsed.kill_reason or "withdrawn by the source",
            origin=origin,
            observed_at=row.observed_at,
            updated_at=row.updated_at,
            url=parsed.url,
        )
    published_at, date_flags = _published(parsed, row.observed_at)
    return RawArticle(
        article_id=identity.article_id,
        source_id=identity.source_id,
        key=identity.key,
        content_sha256=row.content_sha256,
        body=parsed.body,
        media_type=parsed.media_type,
        origin=origin,
        observed_at=row.observed_at,
        updated_at=row.updated_at,
        published_at=published_at,
        published_at_raw=parsed.published_at_raw,
        date_flags=date_flags,
        title=parsed.title,
        summary=parsed.summary,
        url=parsed.url,
        canonical_url=parsed.canonical_url,
        guid=parsed.guid,
        language=parsed.language,
        authors=parsed.authors,
        credit=parsed.credit,
        publisher=parsed.publisher,
        pub_status=parsed.pub_status,
        is_pub_status_explicit=parsed.is_pub_status_explicit,
        rights_signals=parsed.rights_signals,
        extraction_method=parsed.extraction_method,
        feed_text_sha256=parsed.feed_text_sha256,
        page_text_sha256=parsed.page_text_sha256,
    )


def _published(
    parsed: ParsedArticle, observed_at: datetime
) -> tuple[datetime | None, tuple[DateFlag, ...]]:
    """Return the time of publication, never in the future, and what is wrong with it."""
    flags = parsed.date_flags
    if parsed.published_at is None and not flags:
        flags = ("unreadable",) if parsed.published_at_raw else ("missing",)
    read = ReadTime(at=parsed.published_at, raw=parsed.published_at_raw, flags=flags)
    return clamp_published(read, observed_at)


def embargo(parsed: ParsedArticle, now: datetime) -> datetime | None:
    """Return until when the article must wait, or None; a withdrawal never waits."""
    until = parsed.embargoed_until
    return until if until and until > now and parsed.pub_status != "canceled" else None


def content_sha256(parsed: ParsedArticle) -> str | None:
    """Return the hash of text and own rights, None for a withdrawal (it has no text of its own)."""
    if parsed.pub_status == "canceled":
        return None
    return ids.content_sha256(
        title=parsed.title,
        summary=parsed.summary,
        body=parsed.body,
        pub_status=parsed.pub_status,
        rights=[
            (signal.layer, signal.field, signal.value)
            for signal in parsed.rights_signals
            if signal.layer not in SITE_LAYERS
        ],
    )
