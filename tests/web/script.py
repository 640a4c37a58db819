"""Choose what a publisher does next."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from .publisher import Publisher

BURST_COUNT = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """How often each thing happens, as weights.

    ``delete`` and ``silent_edit`` are found only by looking at pages again. ``cancel`` becomes a
    publication where the feed cannot say it. A burst is three articles with one time.
    """

    publish: float = 50
    burst: float = 8
    edit: float = 25
    silent_edit: float = 0
    cancel: float = 10
    delete: float = 0
    revive: float = 4
    new_guids: float = 3


def act(
    publisher: Publisher,
    chance: random.Random,
    script: Script,
    tick: Callable[[], datetime],
) -> None:
    """Let ``publisher`` do one thing; what cannot be done becomes a publication."""
    weights = {
        "publish": script.publish,
        "burst": script.burst,
        "edit": script.edit,
        "silent_edit": script.silent_edit,
        "cancel": script.cancel,
        "delete": script.delete,
        "revive": script.revive,
        "new_guids": script.new_guids,
    }
    [kind] = chance.choices(list(weights), list(weights.values()))
    at = tick()
    if kind == "burst":
        for _ in range(BURST_COUNT):
            publisher.publish(at)
    elif kind == "new_guids":
        publisher.change_guids(at)
    elif not _change(publisher, chance, kind, at):
        publisher.publish(at)


def _change(publisher: Publisher, chance: random.Random, kind: str, at: datetime) -> bool:
    """Return whether there was an article to change, and change it."""
    if kind == "publish" or (kind in ("cancel", "revive") and not publisher.plan.can_cancel):
        return False
    found = publisher.articles("canceled" if kind == "revive" else "usable")
    # What stands at the end of a feed may roll out before anybody sees the change.
    young = found[: max(1, len(found) // 2)]
    if not young:
        return False
    number = chance.choice(young).number
    if kind == "cancel":
        publisher.cancel(number, at)
    elif kind == "delete":
        publisher.delete(number, at)
    elif kind == "revive":
        publisher.revive(number, at)
    else:
        publisher.edit(number, at, is_silent=kind == "silent_edit")
    return True
