"""Slow down clients that try API keys: so many wrong ones a minute, then none is looked at."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from producers.push.api_keys import ApiKey

Key = TypeVar("Key")
Value = TypeVar("Value")

# Clients remembered; a few hundred bytes each.
MAX_CLIENTS = 1000


@dataclass(slots=True, kw_only=True)
class _Tries:
    """The wrong keys of a client in its minute; ``ends_at`` in seconds of the monotonic clock."""

    count: int
    ends_at: float


class WrongKeys:
    """The clients that gave wrong keys of late.

    A client that gave too many is told to wait whatever key it gives, so that it learns nothing,
    except for keys that were right from there before: a stranger behind the same proxy or router
    stops nobody.

    Args:
        max_count: wrong keys of one client in ``window_seconds``.
        window_seconds: from the first wrong key on.
        monotonic: seconds.
    """

    def __init__(
        self,
        *,
        max_count: int,
        window_seconds: float = 60.0,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._max_count = max_count
        self._window_seconds = window_seconds
        self._monotonic = monotonic
        self._tries: OrderedDict[str, _Tries] = OrderedDict()
        self._right: OrderedDict[tuple[str, bytes], None] = OrderedDict()

    def wait_seconds(self, client: str, key: ApiKey | None) -> float:
        """Return how long the client is to wait; 0: its key counts.

        Args:
            client: who asks.
            key: what its key stands for, None for a wrong one.
        """
        if key is not None and (client, key.key_sha256) in self._right:
            return 0.0
        tries = self._tries.get(client)
        if tries is None or tries.count < self._max_count:
            return 0.0
        return max(0.0, tries.ends_at - self._monotonic())

    def note(self, client: str, key: ApiKey | None) -> None:
        """Remember that a client gave this key, None for a wrong one."""
        if key is not None:
            _put(self._right, (client, key.key_sha256), None)
            return
        now = self._monotonic()
        tries = self._tries.get(client)
        if tries is None or tries.ends_at <= now:
            tries = _Tries(count=0, ends_at=now + self._window_seconds)
        tries.count += 1
        _put(self._tries, client, tries)


def _put(kept: OrderedDict[Key, Value], key: Key, value: Value) -> None:
    kept[key] = value
    kept.move_to_end(key)
    if len(kept) > MAX_CLIENTS:
        kept.popitem(last=False)
