"""Choose what to take from a feed: new and changed entries, each version once, none lost."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from itertools import chain

from producers.feed_document import FeedDocument, FeedItem
from producers.feeds.feed_record import Cursor, GuidAlias, SeenItem
from producers.feeds.item_identity import fingerprint, guid_key, is_telling, item_key, text_sha256
from producers.parsed import ParsedArticle

# How far below the cursor an unseen entry of a sitemap still counts as news, and how long an
# entry that left its feed is remembered.
OVERLAP = timedelta(days=30)
# `last_seen_at` is written once a day only: a sitemap has 50,000 rows.
TOUCH_AFTER = timedelta(days=1)
# Sitemaps that set lastmod to now would have the same pages fetched at every poll.
RETAKE_AFTER = timedelta(hours=1)
SHARE_OF_CAP = 4  # edits and backlog are sure of a quarter each
_OLDEST = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class SelectedItem:
    """An entry to be sent under ``key``; ``is_backfill`` says that it is no news."""

    key: str
    item: FeedItem
    is_backfill: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What a poll takes, and what is to be remembered once Kafka has acknowledged it.

    ``left_over_count`` entries wait for the next poll because of the cap; ``deferred_count``
    because they were taken within the hour and only their time has changed. ``is_backlog`` says
    that new entries are among those left over. ``expired_count`` entries of a sitemap are unseen
    and too old, ``duplicate_count`` are the same article again, ``nameless_count`` have no
    identity at all.
    """

    new: tuple[SelectedItem, ...] = ()
    changed: tuple[SelectedItem, ...] = ()
    seen_updates: tuple[SeenItem, ...] = ()
    aliases: tuple[GuidAlias, ...] = ()
    cursor: Cursor | None = None
    unchanged_count: int = 0
    left_over_count: int = 0
    deferred_count: int = 0
    expired_count: int = 0
    duplicate_count: int = 0
    nameless_count: int = 0
    is_backlog: bool = False

    @property
    def pending_count(self) -> int:
        """Return the entries for whose sake the document is needed again."""
        return self.left_over_count + self.deferred_count


@dataclass(slots=True, kw_only=True)
class _Candidate:
    key: str
    item: FeedItem
    position: int
    fingerprint: str
    item_at: datetime | None
    known: SeenItem | None
    is_backfill: bool = False

    def updated(self, now: datetime) -> SeenItem:
        """Return the row of the entry once its version is acknowledged."""
        article = self.item.article
        return SeenItem(
            key=self.key,
            fingerprint=self.fingerprint,
            first_seen_at=self.known.first_seen_at if self.known else now,
            last_seen_at=now,
            taken_at=now,
            item_at=self.item_at,
            text_sha256=None if article.url else text_sha256(article),
        )

    def waiting(self, now: datetime) -> SeenItem | None:
        """Return the row of an entry left for later, None when it need not be written."""
        if self.known is None:
            return SeenItem(
                key=self.key,
                fingerprint="",
                first_seen_at=now,
                last_seen_at=now,
                item_at=self.item_at,
                is_backfill=self.is_backfill,
            )
        if now - self.known.last_seen_at < TOUCH_AFTER:
            return None
        return replace(self.known, last_seen_at=now)


@dataclass(slots=True, kw_only=True)
class _Sorted:
    """The entries of a document by what is to become of them."""

    live: list[_Candidate] = field(default_factory=list)
    backlog: list[_Candidate] = field(default_factory=list)
    changed: list[_Candidate] = field(default_factory=list)
    unchanged: list[_Candidate] = field(default_factory=list)
    deferred: list[_Candidate] = field(default_factory=list)
    expired_count: int = 0


def select_items(
    document: FeedDocument,
    *,
    seen: Mapping[str, SeenItem],
    cursor: Cursor | None,
    now: datetime,
    cap: int,
    is_first_poll: bool,
) -> Selection:
    """Return which entries to send, at most ``cap``, oldest first, and what to remember of them.

    Args:
        document: what the feed holds.
        seen: what was in it before, by key and by every other GUID of the same entry.
        cursor: the newest entry so far.
        now: the time of the poll.
        cap: most entries taken; the rest is taken by the next polls, which must see the document
            again (``Selection.pending_count``).
        is_first_poll: no poll of the feed has succeeded yet; all it holds is backfill.

    The rules:

    - **Identity** is the address without its twins (``article_url``), else the GUID, else the text.
      So GUIDs that all change give nothing new, and two entries with one GUID are two. An entry
      without an address whose GUID changes is known by its text when the old one has left the feed.
    - **A version** is a fingerprint of title, summary, body, time of change, status and rights.
      Each is taken once. Of two entries with one key the one changed last counts.
    - **The cursor never excludes by a strict time.** What is not in ``seen`` is new; entries of
      equal time are all taken. Only in a sitemap, which lists everything a site ever had, an
      unseen entry 30 days older than the cursor is not new: it was known and forgotten, or is from
      before our time. In a feed such an entry is backfill. The distance is measured from the
      newest entry, not from today, so that a pause of months, or dates that are all wrong by
      years, lose nothing. An entry without a time is never too old.
    - **Left over** entries are remembered as pending, with the time and origin of first sight, so
      that the backlog of a first poll stays backfill and news that comes meanwhile stays live. Of
      the cap, edits and backlog are sure of a quarter each (a cap below 4 goes to news first).

    Raises: Nothing.
    """
    found, duplicate_count, nameless_count = _distinct(document.items, seen, now)
    found, aliases = _follow_guids(found, seen)
    if document.kind == "atom":
        aliases += _named_guids(found)
    classes = _sort_out(found, document, cursor, now=now, is_first_poll=is_first_poll)
    live, changed, backlog = _shares(classes, max(cap, 1))
    new = [*classes.live[:live], *classes.backlog[:backlog]]
    waiting = [*classes.live[live:], *classes.backlog[backlog:]]
    edits, late_edits = classes.changed[:changed], classes.changed[changed:]
    untouched = chain(waiting, late_edits, classes.deferred, classes.unchanged)
    rows = [each.updated(now) for each in chain(new, edits)]
    rows += [row for each in untouched if (row := each.waiting(now)) is not None]
    return Selection(
        new=tuple(_selected(each) for each in new),
        changed=tuple(_selected(each) for each in edits),
        seen_updates=tuple(rows),
        aliases=aliases,
        cursor=_moved(cursor, found),
        unchanged_count=len(classes.unchanged),
        left_over_count=len(waiting) + len(late_edits),
        deferred_count=len(classes.deferred),
        expired_count=classes.expired_count,
        duplicate_count=duplicate_count,
        nameless_count=nameless_count,
        is_backlog=bool(waiting),
    )


def _distinct(
    items: Iterable[FeedItem], seen: Mapping[str, SeenItem], now: datetime
) -> tuple[list[_Candidate], int, int]:
    """Return one candidate a key, the number of duplicates, and of entries without identity."""
    found: dict[str, _Candidate] = {}
    duplicate_count = nameless_count = 0
    for position, item in enumerate(items):
        key = item_key(item.article)
        if key is None:
            nameless_count += 1
            continue
        known = seen.get(key)
        if known is not None:
            key = known.key
        if key in found:
            duplicate_count += 1
            if _changed_at(item.article) <= _changed_at(found[key].item.article):
                continue
        found[key] = _Candidate(
            key=key,
            item=item,
            position=position,
            fingerprint=fingerprint(item.article),
            item_at=_item_at(item.article, now),
            known=known,
        )
    return list(found.values()), duplicate_count, nameless_count


def _follow_guids(
    found: list[_Candidate], seen: Mapping[str, SeenItem]
) -> tuple[list[_Candidate], tuple[GuidAlias, ...]]:
    """Give entries without an address that come under another GUID the key they had."""
    strangers = [each for each in found if each.known is None and not each.item.article.url]
    if not strangers:
        return found, ()
    present = {each.key for each in found}
    by_text: dict[str, dict[str, SeenItem]] = {}
    for row in seen.values():
        if row.text_sha256 is not None and row.key not in present:
            by_text.setdefault(row.text_sha256, {})[row.key] = row
    aliases: list[GuidAlias] = []
    for each in strangers:
        rows = by_text.get(text_sha256(each.item.article), {})
        if len(rows) != 1 or not is_telling(each.item.article):
            continue
        (row,) = rows.values()
        if row.item_at is not None and each.item_at is not None and row.item_at != each.item_at:
            continue
        rows.clear()
        aliases.append(GuidAlias(guid=each.key, key=row.key))
        each.key, each.known = row.key, row
    return found, tuple(aliases)


def _named_guids(found: Iterable[_Candidate]) -> tuple[GuidAlias, ...]:
    """Return the GUIDs of new entries with an address: a deletion names no other (RFC 6721)."""
    keys: dict[str, set[str]] = {}
    for each in found:
        guid = guid_key(each.item.article)
        if guid is not None and guid != each.key:
            keys.setdefault(guid, set()).add(each.key)
    return tuple(
        GuidAlias(guid=guid, key=each.key)
        for each in found
        if each.known is None
        and (guid := guid_key(each.item.article)) is not None
        and keys.get(guid) == {each.key}
    )


def _sort_out(
    found: Iterable[_Candidate],
    document: FeedDocument,
    cursor: Cursor | None,
    *,
    now: datetime,
    is_first_poll: bool,
) -> _Sorted:
    classes = _Sorted()
    horizon = None if is_first_poll or cursor is None else cursor.at - OVERLAP
    for each in found:
        known = each.known
        if known is None:
            is_old = horizon is not None and each.item_at is not None and each.item_at < horizon
            if is_old and document.kind == "sitemap":
                classes.expired_count += 1
                continue
            each.is_backfill = is_first_poll or is_old
            (classes.backlog if each.is_backfill else classes.live).append(each)
        elif known.is_pending:
            each.is_backfill = known.is_backfill
            (classes.backlog if each.is_backfill else classes.live).append(each)
        elif known.fingerprint == each.fingerprint:
            classes.unchanged.append(each)
        elif _is_too_soon(each, known, now):
            classes.deferred.append(each)
        else:
            classes.changed.append(each)
    classes.live.sort(key=_oldest_first(now))
    classes.backlog.sort(key=_oldest_first(now))
    classes.changed.sort(key=_withdrawn_then_longest_untaken)
    return classes


def _shares(classes: _Sorted, cap: int) -> tuple[int, int, int]:
    """Return how many of the live, the changed and the backlog are taken."""
    changed = min(len(classes.changed), cap // SHARE_OF_CAP)
    backlog = min(len(classes.backlog), cap // SHARE_OF_CAP)
    live = min(len(classes.live), cap - changed - backlog)
    changed = min(len(classes.changed), cap - live - backlog)
    backlog = min(len(classes.backlog), cap - live - changed)
    return live, changed, backlog


def _oldest_first(now: datetime) -> Callable[[_Candidate], tuple[datetime, int]]:
    def age(each: _Candidate) -> tuple[datetime, int]:
        first_seen_at = each.known.first_seen_at if each.known else now
        # Feeds have the newest on top: without times the last entry is the oldest.
        return each.item_at or first_seen_at, -each.position

    return age


def _withdrawn_then_longest_untaken(each: _Candidate) -> tuple[bool, datetime, str]:
    taken_at = each.known.taken_at if each.known else None
    return each.item.article.pub_status == "usable", taken_at or _OLDEST, each.key


def _is_too_soon(each: _Candidate, known: SeenItem, now: datetime) -> bool:
    """Return whether only a time has changed, and the page was got a short while ago."""
    article = each.item.article
    has_text = bool(article.body or article.summary) or article.pub_status != "usable"
    taken_at = known.taken_at or _OLDEST
    return not has_text and timedelta(0) <= now - taken_at < RETAKE_AFTER


def _moved(cursor: Cursor | None, found: Iterable[_Candidate]) -> Cursor | None:
    # Tuples, not cursors: a sitemap has 50,000 of them.
    dated = ((each.item_at, each.key) for each in found if each.item_at is not None)
    newest = max(dated, default=None)
    if newest is None:
        return cursor
    reached = Cursor(at=newest[0], key=newest[1])
    return reached if cursor is None else max(cursor, reached)


def _selected(each: _Candidate) -> SelectedItem:
    return SelectedItem(key=each.key, item=each.item, is_backfill=each.is_backfill)


def _item_at(article: ParsedArticle, now: datetime) -> datetime | None:
    updated_at, published_at = article.updated_at, article.published_at
    if updated_at is None or published_at is None:
        stated_at = updated_at or published_at
    else:
        stated_at = max(updated_at, published_at)
    return None if stated_at is None else min(stated_at, now)


def _changed_at(article: ParsedArticle) -> datetime:
    return article.updated_at or article.published_at or _OLDEST
