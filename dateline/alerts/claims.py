"""Keep the claims of first mentions: of all articles that name somebody, one is the first."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import msgspec
from elasticsearch import AsyncElasticsearch

from dateline.alerts.first_mention import Claim, Holder
from dateline.search.record_documents import Document, create_documents, get_documents
from dateline.search.templates import RecordIndex

LEARNING_ID = "learning-since"
# About 600 bytes each (measured): 60 MB. Who is not among them is looked up.
CACHED_CLAIMS_COUNT = 100_000


class ClaimStore:
    """The claims of one namespace, with what this process knows of them."""

    def __init__(
        self,
        client: AsyncElasticsearch,
        index: RecordIndex,
        *,
        cached_count: int = CACHED_CLAIMS_COUNT,
    ) -> None:
        self._client = client
        self._index = index
        self._cached_count = cached_count
        # A claim never changes its holder, so what is remembered stays true.
        self._known: OrderedDict[str, Holder] = OrderedDict()

    async def claim(self, claims: Iterable[Claim]) -> dict[str, Holder]:
        """Make the claims that nobody has made; return who holds each, by claim id.

        Of several for one id the first counts. Durable when it returns; safe to repeat.

        Raises:
            SearchUnavailable, SearchThrottled: try again.
        """
        wanted: dict[str, Claim] = {}
        for each in claims:
            wanted.setdefault(each.claim_id, each)
        holders = self._remembered(wanted)
        found = await self._read([key for key in wanted if key not in holders])
        free = [each for key, each in wanted.items() if key not in holders and key not in found]
        # In one order everywhere: two workers do not take half of each other's claims for long.
        free.sort(key=lambda each: each.claim_id)
        rows = [Document(each.claim_id, msgspec.to_builtins(each)) for each in free]
        created = await create_documents(self._client, self._index, rows) if rows else []
        lost = [each.claim_id for each, is_ours in zip(free, created, strict=True) if not is_ours]
        found |= await self._read(lost)
        found |= {
            each.claim_id: _holder(each)
            for each, is_ours in zip(free, created, strict=True)
            if is_ours
        }
        self._remember(found)
        return holders | found

    async def held(self, claims: Iterable[Claim]) -> dict[str, Holder]:
        """Return who holds those of the claims that somebody has made, by claim id.

        Raises:
            SearchUnavailable, SearchThrottled: try again.
        """
        wanted = dict.fromkeys(each.claim_id for each in claims)
        holders = self._remembered(wanted)
        found = await self._read([key for key in wanted if key not in holders])
        self._remember(found)
        return holders | found

    async def learning_since(self, now: datetime) -> datetime:
        """Return when claims began to be made here; the first call ever says ``now``.

        Raises:
            SearchUnavailable, SearchThrottled: try again.
        """
        row = {"claim_id": LEARNING_ID, "scope": "learning", "first_seen_at": now}
        await create_documents(
            self._client, self._index, [Document(LEARNING_ID, msgspec.to_builtins(row))]
        )
        found = await get_documents(self._client, self._index, [LEARNING_ID])
        return msgspec.convert(found[LEARNING_ID]["first_seen_at"], datetime)

    async def _read(self, ids: Sequence[str]) -> dict[str, Holder]:
        if not ids:
            return {}
        fields = ["article_id", "primary_id", "revision", "origin"]
        found = await get_documents(self._client, self._index, ids, fields=fields)
        return {key: _stored(source) for key, source in found.items()}

    def _remembered(self, wanted: Iterable[str]) -> dict[str, Holder]:
        found = {key: self._known[key] for key in wanted if key in self._known}
        for key in found:
            self._known.move_to_end(key)
        return found

    def _remember(self, found: Mapping[str, Holder]) -> None:
        self._known.update(found)
        while len(self._known) > self._cached_count:
            self._known.popitem(last=False)


def _holder(claim: Claim) -> Holder:
    return Holder(claim.article_id, claim.primary_id, claim.revision, claim.origin)


def _stored(source: Mapping[str, Any]) -> Holder:
    return Holder(source["article_id"], source["primary_id"], source["revision"], source["origin"])
