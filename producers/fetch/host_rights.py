"""Gather what a site says of rights beside its pages: robots.txt, tdmrep.json and its RSL document.

Each is asked for once a day at most, through the same client, rules and pauses as pages; nothing is
asked of a site that nothing else was asked of. While a site gives no answer, its last one holds.
"""

from __future__ import annotations

import asyncio
import codecs
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from dateline.clock import Clock
from dateline.records import RightsSignal
from dateline.rights.signals.robots_lines import rights_lines
from producers.fetch.fetched import Fetched, FetchProblem
from producers.fetch.fetcher import PRODUCT_TOKEN, Fetcher, Priority
from producers.fetch.host_signals import (
    MAX_DOCUMENT_BYTES,
    TDM_PATH,
    HostFiles,
    file_signals,
    rsl_named_by,
    rsl_signals,
)
from producers.fetch.parse_http_url import origin_of
from producers.fetch.robots_store import KeptRobots, RobotsStore

KEPT = timedelta(days=1)
# A site may be out of order for long, and each time-out keeps its articles waiting.
ASKED_AGAIN = timedelta(hours=6)
MAX_DOCUMENTS = 20_000
MAX_KEPT_CHARS = 20_000_000
PASSING_STATUSES = frozenset({408, 425, 429})
# A site whose every page names a document of its own would be asked twice for each article.
MAX_RSL_DOCUMENTS_OF_HOST = 20
MAX_RSL_HOSTS = 2000


@dataclass(slots=True)
class _Document:
    """``text`` None: there is none, or it cannot be had for now."""

    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    text: str | None = None
    expires_at: datetime | None = None
    is_forgotten: bool = False


class HostRights:
    """The documents of all sites, fetched when first needed.

    Args:
        fetcher: gets them; its robots.txt files are read along.
        clock: decides what is a day old.
        store: remembers them over restarts, by address; None: memory alone does.

    ``kept_chars`` is what memory holds of them.
    """

    def __init__(self, fetcher: Fetcher, *, clock: Clock, store: RobotsStore | None = None) -> None:
        self._fetcher = fetcher
        self._clock = clock
        self._store = store
        self._documents: OrderedDict[str, _Document] = OrderedDict()
        self.kept_chars = 0
        self._rsl_asked: OrderedDict[str, dict[str, datetime]] = OrderedDict()

    async def signals(
        self, url: str, *, stated: Sequence[RightsSignal] = ()
    ) -> tuple[RightsSignal, ...]:
        """Return what the site of an article says, word for word, cut to what is about the article.

        Args:
            url: of the article.
            stated: what feed and page say of it; they may point to an RSL document.

        Returns:
            layers ``robots``, ``wellknown`` and ``rsl``, each with ``source_url``.

        Raises: Nothing.

        Effects: at most one request a day for each document.
        """
        try:
            origin = origin_of(url)
        except FetchProblem:
            return ()
        if not self._fetcher.robots.is_known(url):
            return ()
        files = HostFiles(
            origin=origin,
            robots_lines=self._robots_lines(url),
            tdmrep=await self._document(f"{origin}{TDM_PATH}"),
        )
        found = file_signals(files, url)
        documents = {
            address: await self._document(address)
            for address in rsl_named_by([*stated, *found], url)
            if self._may_ask(address, origin)
        }
        return (*found, *rsl_signals(documents, url))

    def known_files(self, url: str) -> HostFiles | None:
        """Return what is known already of the site of an article, without a request.

        Returns:
            the last answers, however old; None of a site that nothing was asked of since the start.

        Raises: Nothing.
        """
        try:
            origin = origin_of(url)
        except FetchProblem:
            return None
        if not self._fetcher.robots.is_known(url):
            return None
        files = HostFiles(
            origin=origin,
            robots_lines=self._robots_lines(url),
            tdmrep=self._known_document(f"{origin}{TDM_PATH}"),
        )
        named = rsl_named_by(file_signals(files, url), url)
        return replace(files, rsl={each: self._known_document(each) for each in named})

    def _robots_lines(self, url: str) -> str:
        text = self._fetcher.robots.raw(url)
        return rights_lines(text, token=PRODUCT_TOKEN) if text else ""

    def _known_document(self, address: str) -> str:
        document = self._documents.get(address)
        if document is not None:
            return document.text or ""
        kept = self._store.get(address) if self._store is not None else None
        return (kept.text if kept is not None else None) or ""

    def _may_ask(self, address: str, origin: str) -> bool:
        """Return whether an RSL document may be had: one of the site's own, or a safe address."""
        try:
            is_near = origin_of(address) == origin or address.startswith("https://")
        except FetchProblem:
            return False
        now = self._clock.now()
        asked = self._rsl_asked.setdefault(origin, {})
        self._rsl_asked.move_to_end(origin)
        if len(self._rsl_asked) > MAX_RSL_HOSTS:
            self._rsl_asked.popitem(last=False)
        for old in [known for known, at in asked.items() if now - at >= KEPT]:
            del asked[old]
        if is_near and len(asked) < MAX_RSL_DOCUMENTS_OF_HOST:
            asked.setdefault(address, now)
        return address in asked

    async def _document(self, address: str) -> str:
        """Return the document at ``address``, "" where there is none."""
        document = self._documents.get(address)
        if document is None:
            document = self._documents[address] = self._remembered(address)
        self._documents.move_to_end(address)
        self._forget_oldest()
        async with document.lock:
            now = self._clock.now()
            if document.expires_at is None or document.expires_at <= now:
                text, is_final = await self._fetch(address)
                if is_final:
                    self._keep(address, document, text, KEPT)
                else:  # what it said last holds: an outage gives nothing away
                    self._keep(address, document, document.text, ASKED_AGAIN)
        return document.text or ""

    async def _fetch(self, address: str) -> tuple[str | None, bool]:
        """Return the document, and whether the answer holds for a day."""
        try:
            answer = await self._fetcher.fetch(
                address, priority=Priority.RECHECK, max_body_bytes=MAX_DOCUMENT_BYTES
            )
        except FetchProblem as problem:
            is_final = problem.kind == "too_large" or (
                problem.kind == "robots" and problem.retry_after_seconds is None
            )
            return None, is_final
        if answer.status // 100 == 2:  # noqa: PLR2004 (HTTP)
            return _text(answer), True
        is_refusal = answer.status // 100 == 4  # noqa: PLR2004 (HTTP)
        return None, is_refusal and answer.status not in PASSING_STATUSES

    def _keep(
        self, address: str, document: _Document, text: str | None, kept_for: timedelta
    ) -> None:
        now = self._clock.now()
        if not document.is_forgotten:
            self.kept_chars += len(text or "") - len(document.text or "")
        document.text, document.expires_at = text, now + kept_for
        self._forget_oldest()
        if self._store is not None:
            kept = KeptRobots(kept_at=now, expires_at=document.expires_at, text=text)
            self._store.put(address, kept)

    def _remembered(self, address: str) -> _Document:
        kept = self._store.get(address) if self._store is not None else None
        # Written by a clock that was ahead: its times mean nothing.
        if kept is None or kept.kept_at > self._clock.now():
            return _Document()
        self.kept_chars += len(kept.text or "")
        return _Document(text=kept.text, expires_at=kept.expires_at)

    def _forget_oldest(self) -> None:
        while len(self._documents) > 1 and (
            len(self._documents) > MAX_DOCUMENTS or self.kept_chars > MAX_KEPT_CHARS
        ):
            _, document = self._documents.popitem(last=False)
            document.is_forgotten = True
            self.kept_chars -= len(document.text or "")


def _text(answer: Fetched) -> str | None:
    """Return the text of JSON or XML; a page that says 200 for what it does not have is neither."""
    is_wide = answer.body.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    text = answer.body.decode("utf-16" if is_wide else "utf-8-sig", "replace")
    text = text.strip().replace("\0", "")
    is_page = "<html" in text[:2000].lower() or "<!doctype html" in text[:100].lower()
    return text if text[:1] in ("[", "<") and not is_page else None
