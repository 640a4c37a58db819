"""Return the states of articles, and which of them may be copies of which.

The session's state is read back from its topic; a batch sees it through ``KnownStates`` and changes
nothing of it until everything is committed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from dateline.records import ArticleState
from processors.stories.find_origin import address_key, find_origin


class PlaceIndex:
    """Where copies and origins may be found, by article id.

    Only hints: an entry may be out of date, so whoever asks compares it with the state.
    """

    def __init__(self, states: Iterable[ArticleState] = ()) -> None:
        self._by_text: dict[str, dict[str, None]] = {}
        self._by_address: dict[str, dict[str, None]] = {}
        self._by_canonical: dict[str, dict[str, None]] = {}
        self._by_origin: dict[str, dict[str, None]] = {}
        for state in states:
            self.add(state)

    def add(self, state: ArticleState) -> None:
        """Note where ``state`` can be found; safe to repeat."""
        for table, key in self._places(state):
            table.setdefault(key, {})[state.article_id] = None

    def remove(self, state: ArticleState) -> None:
        """Forget ``state``."""
        for table, key in self._places(state):
            found = table.get(key, {})
            found.pop(state.article_id, None)
            if not found:
                table.pop(key, None)

    def with_text(self, text_sha256: str) -> tuple[str, ...]:
        """Return the articles that had this text."""
        return tuple(self._by_text.get(text_sha256, ()))

    def at_address(self, address: str) -> tuple[str, ...]:
        """Return the articles that had this address."""
        return tuple(self._by_address.get(address, ()))

    def pointing_to(self, address: str) -> tuple[str, ...]:
        """Return the articles whose canonical address this was."""
        return tuple(self._by_canonical.get(address, ()))

    def copies_of(self, article_id: str) -> tuple[str, ...]:
        """Return the articles whose origin this was."""
        return tuple(self._by_origin.get(article_id, ()))

    def _places(self, state: ArticleState) -> list[tuple[dict[str, dict[str, None]], str]]:
        address, canonical = address_key(state.url), address_key(state.canonical_url)
        places = [
            (self._by_text, state.text_sha256),
            (self._by_address, address),
            (self._by_canonical, canonical if canonical != address else None),
            (self._by_origin, state.origin_article_id),
        ]
        return [(table, key) for table, key in places if key]


class KnownStates:
    """Known articles as a batch sees them: what it has changed, then what the session holds."""

    def __init__(self, states: Mapping[str, ArticleState], index: PlaceIndex) -> None:
        self._states = states
        self._index = index
        self._changed: dict[str, ArticleState] = {}
        self._changed_index = PlaceIndex()

    @property
    def changed(self) -> Mapping[str, ArticleState]:
        """Return the states that were put, by article id."""
        return self._changed

    def put(self, state: ArticleState) -> None:
        """Take a new state of an article; nothing outside this object is changed."""
        self._changed[state.article_id] = state
        self._changed_index.add(state)

    def get(self, article_id: str) -> ArticleState | None:
        """Return the state of an article, or None."""
        return self._changed.get(article_id) or self._states.get(article_id)

    def with_text(self, text_sha256: str) -> list[ArticleState]:
        """Return the articles whose current clean text has this hash."""
        found = self._all(PlaceIndex.with_text, text_sha256)
        return [state for state in found if state.text_sha256 == text_sha256]

    def at_address(self, address: str) -> list[ArticleState]:
        """Return the articles with this address."""
        found = self._all(PlaceIndex.at_address, address)
        return [state for state in found if address_key(state.url) == address]

    def copies_of(self, origin: ArticleState) -> list[ArticleState]:
        """Return the known copies of ``origin``."""
        found = self._all(PlaceIndex.copies_of, origin.article_id)
        return [state for state in found if state.origin_article_id == origin.article_id]

    def waiting_for(self, origin: ArticleState) -> list[ArticleState]:
        """Return copies that were known before ``origin`` was, or before it had this text.

        Each with its origin's id, which it does not have yet.
        """
        address = address_key(origin.url)
        waiting = [
            *(self._all(PlaceIndex.pointing_to, address) if address else ()),
            *(self.with_text(origin.text_sha256) if origin.text_sha256 else ()),
        ]
        return [
            replace(state, origin_article_id=origin.article_id)
            for state in {state.article_id: state for state in waiting}.values()
            if state.origin_article_id is None and self._is_origin_of(origin, state)
        ]

    def _is_origin_of(self, origin: ArticleState, state: ArticleState) -> bool:
        found = find_origin(state, self)
        return found is not None and found.article_id == origin.article_id

    def _all(
        self, find: Callable[[PlaceIndex, str], tuple[str, ...]], key: str
    ) -> list[ArticleState]:
        # Sorted: the order in which they were noted is another one after a restart.
        ids = sorted({*find(self._index, key), *find(self._changed_index, key)})
        return [state for state in map(self.get, ids) if state is not None]
