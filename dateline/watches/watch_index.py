"""Return which of very many watches an article matches, by looking at few of them.

Every query is filed under the rarest keys of which an article must have one (``anchors.py``), so an
article is compared with the queries that it has a rare word or an entity in common with. Queries
written alike are asked once.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from typing import NamedTuple

from dateline.alert_records import MatchReason, Watch
from dateline.watches.anchors import find_anchor
from dateline.watches.article_view import ArticleView
from dateline.watches.compile_query import compile_query
from dateline.watches.evaluate import reasons_of
from dateline.watches.key_rates import LEARNT_ARTICLES, KeyRates
from dateline.watches.keys import is_prefix_key, prefix_key
from dateline.watches.parse_query import parse_query
from dateline.watches.query_tree import Query
from dateline.watches.term_matchers import Matcher

# After so many articles the rarest keys are chosen anew: 0.3 s for 100,000 watches.
REFILED_AT = frozenset({32, 256, LEARNT_ARTICLES})


class Match(NamedTuple):
    """A watch whose query is true of an article, and why."""

    watch_id: str
    reasons: tuple[MatchReason, ...]


# A third of the time that calling the class takes.
_match = tuple.__new__


class _Filed:
    """A query, the watches that ask it, and the keys under which it is found."""

    __slots__ = ("keys", "matcher", "text", "watch_ids")

    def __init__(self, text: str, matcher: Matcher) -> None:
        self.text = text
        self.matcher = matcher
        self.watch_ids: dict[str, None] = {}
        self.keys: frozenset[str] | None = None


class WatchIndex:
    """Watches by what an article must have to match them; changed at any time.

    Adding and removing takes time in proportion to the size of the query. Which words are rare is
    learnt from the first articles that pass; the answers are the same before.

    Args:
        refiled_at: after how many articles the rarest keys are chosen anew.
    """

    def __init__(self, *, refiled_at: Collection[int] = REFILED_AT) -> None:
        self._refiled_at = refiled_at
        self._by_text: dict[str, _Filed] = {}
        self._by_watch: dict[str, _Filed] = {}
        self._by_key: dict[str, dict[_Filed, None]] = {}
        # True of articles that have nothing in particular; no parsed query is.
        self._without_key: dict[_Filed, None] = {}
        self._prefix_lengths: Counter[int] = Counter()
        self._rates = KeyRates()

    def __len__(self) -> int:
        """Return how many watches there are."""
        return len(self._by_watch)

    def put(self, watch: Watch) -> None:
        """Add a watch, or replace the one with its id.

        Raises:
            QueryInvalid: its query cannot be read; what was there before stays.
        """
        if watch.query in self._by_text:
            self._assign(watch.watch_id, self._by_text[watch.query])
        else:
            self.put_query(watch.watch_id, parse_query(watch.query))

    def put_query(self, watch_id: str, query: Query) -> None:
        """Add a watch whose query is read already, or replace the one with its id."""
        filed = self._by_text.get(query.text)
        if filed is None:
            filed = self._by_text[query.text] = _Filed(query.text, compile_query(query))
            self._file(filed)
        self._assign(watch_id, filed)

    def remove(self, watch_id: str) -> None:
        """Remove a watch; one that is not there is no error."""
        filed = self._by_watch.pop(watch_id, None)
        if filed is None:
            return
        del filed.watch_ids[watch_id]
        if not filed.watch_ids:
            self._unfile(filed)
            del self._by_text[filed.text]

    def match(self, view: ArticleView) -> list[Match]:
        """Return the watches whose query is true of the article, in no particular order."""
        self._learn(view)
        found: list[Match] = []
        for filed in self._candidates(view):
            if filed.matcher.is_true(view):
                reasons = reasons_of(filed.matcher, view)
                # Of what thousands watch this loop takes most of the time.
                found += [_match(Match, (watch_id, reasons)) for watch_id in filed.watch_ids]
        return found

    def count_candidates(self, view: ArticleView) -> int:
        """Return how many queries are looked at for the article."""
        return len(self._candidates(view))

    def _candidates(self, view: ArticleView) -> dict[_Filed, None]:
        found = dict(self._without_key)
        for key in self._by_key.keys() & view.keys:
            found.update(self._by_key[key])
        for key in self._by_key.keys() & set(self._prefix_keys(view)):
            found.update(self._by_key[key])
        return found

    def _prefix_keys(self, view: ArticleView) -> Iterator[str]:
        for length in self._prefix_lengths:
            for letters in {word[:length] for word in view.words}:
                yield prefix_key(letters)

    def _assign(self, watch_id: str, filed: _Filed) -> None:
        if self._by_watch.get(watch_id) is not filed:
            self.remove(watch_id)
            filed.watch_ids[watch_id] = None
            self._by_watch[watch_id] = filed

    def _file(self, filed: _Filed) -> None:
        anchor = find_anchor(filed.matcher, self._rates.rate)
        filed.keys = anchor.keys if anchor else None
        if filed.keys is None:
            self._without_key[filed] = None
        for key in filed.keys or ():
            self._by_key.setdefault(key, {})[filed] = None
            if is_prefix_key(key):
                self._prefix_lengths[len(key) - 1] += 1

    def _unfile(self, filed: _Filed) -> None:
        self._without_key.pop(filed, None)
        for key in filed.keys or ():
            bucket = self._by_key[key]
            del bucket[filed]
            if not bucket:
                del self._by_key[key]
            if is_prefix_key(key):
                self._prefix_lengths[len(key) - 1] -= 1
                self._prefix_lengths += Counter()

    def _learn(self, view: ArticleView) -> None:
        if self._rates.article_count >= LEARNT_ARTICLES:
            return
        self._rates.learn(view.keys)
        if self._rates.article_count in self._refiled_at:
            for filed in self._by_text.values():
                self._unfile(filed)
                self._file(filed)
