"""Gather what waited in a channel into one message; each alert is in one bundle only.

The candidates are written first, then each is marked by its sequence number, then the bundle is
fixed to those that it got. Whoever finds a bundle half made goes on with it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from dateline.alerts.deliveries import Delivery, DeliveryStore, new_bundle
from dateline.alerts.guarded_records import Stored
from processors.deliver.transitions import released

# A webhook's message is under 20 kB, and a chat's much shorter; more go into the next bundle.
MAX_MEMBERS = 40
EMPTY_NOTE = "Empty: other messages tell its alerts."


async def form_bundle(
    store: DeliveryStore, channel_id: str, now: datetime, *, lease: Callable[[Delivery], Delivery]
) -> Stored[Delivery] | None:
    """Return a new bundle of what is due of a channel that is open; None: none was made.

    Messages that had their identity before their channel was disabled go out by themselves.
    Safe from two processes: nothing is in two bundles.

    Args:
        store: of all deliveries.
        channel_id: of the channel.
        now: what is held until then is due.
        lease: puts the bundle into the hands of this process.
    """
    found = await store.held(channel_id, now, limit=MAX_MEMBERS)
    for each in found:
        if each.record.message_id:
            await store.save(each, released(each.record, now))
    waiting = [each.record for each in found if not each.record.message_id]
    if not waiting:
        return None
    due_at = max(each.next_attempt_at or each.created_at for each in waiting)
    (created,) = await store.create([lease(new_bundle(waiting, due_at=due_at, now=now))])
    return created


async def settle_bundle(
    store: DeliveryStore, bundle: Stored[Delivery]
) -> Stored[Delivery] | None:  # fmt: skip
    """Return the bundle with the members that are its own for ever; None: it is not ours."""
    bundle_id = bundle.record.delivery_id
    candidates = await store.get(bundle.record.member_ids)
    await asyncio.gather(
        *(
            store.save(each, _member(each.record, bundle_id))
            for each in candidates.values()
            if each.record.status in ("held", "no_channel")
        )
    )
    marked = await store.get(bundle.record.member_ids)
    members = tuple(
        each
        for each in bundle.record.member_ids
        if each in marked
        and marked[each].record.status == "bundled"
        and marked[each].record.message_id == bundle_id
    )
    if members:
        return await store.save(
            bundle, replace(bundle.record, status="waiting", member_ids=members)
        )
    nothing = replace(
        bundle.record, status="withdrawn", note=EMPTY_NOTE, next_attempt_at=None,
        lease_until=None, lease_owner="", member_ids=(),
    )  # fmt: skip
    await store.save(bundle, nothing)
    return None


def _member(delivery: Delivery, bundle_id: str) -> Delivery:
    return replace(
        delivery, status="bundled", message_id=bundle_id, next_attempt_at=None,
        lease_until=None, lease_owner="",
    )  # fmt: skip
