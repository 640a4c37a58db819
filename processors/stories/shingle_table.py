"""Find which texts share shingles, in a table of fixed shape.

Each text is entered under up to 128 of its hashes: the smallest of each class by the last seven
bits (one-permutation hashing, Li, Owen and Zhang 2012). Short texts enter nearly all of theirs, so
that an excerpt is found in a long text, which bands of MinHash miss. A bucket holds the last few
texts: what thousands share costs nothing more, and old entries are written over.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from processors.stories.copy_signature import Hashes

KEYS = 128
_SLOTS = 32
# At three quarters one bucket in twenty is over-full, by a few entries of its oldest texts.
_FILL = 0.75
_SMALLEST_BUCKETS = 1 << 12


class ShingleTable:
    """Numbers of texts by the hashes they share; numbers are positive and rise."""

    def __init__(self) -> None:
        self._hashes = np.zeros((_SMALLEST_BUCKETS, _SLOTS), dtype=np.uint32)
        self._numbers = np.zeros((_SMALLEST_BUCKETS, _SLOTS), dtype=np.uint32)
        self._cursors = np.zeros(_SMALLEST_BUCKETS, dtype=np.uint8)

    @property
    def size_bytes(self) -> int:
        """Return the memory that the table takes."""
        return self._hashes.nbytes + self._numbers.nbytes + self._cursors.nbytes

    def reserve(self, text_count: int) -> None:
        """Make room for ``text_count`` texts; older entries are kept."""
        while text_count * KEYS > len(self._cursors) * _SLOTS * _FILL:
            # A bucket is the last bits of a hash: with one bit more, both halves begin as the old
            # table, and what stands in the wrong half is never looked up and soon written over.
            self._hashes = np.concatenate([self._hashes, self._hashes])
            self._numbers = np.concatenate([self._numbers, self._numbers])
            self._cursors = np.concatenate([self._cursors, self._cursors])

    def add(self, number: int, hashes: Hashes) -> None:
        """Enter a text under its hashes, which are ascending."""
        keys = _keys(hashes)
        # Keys differ in their last bits, so no bucket comes twice.
        buckets = keys & np.uint32(len(self._cursors) - 1)
        slots = self._cursors[buckets]
        self._hashes[buckets, slots] = keys
        self._numbers[buckets, slots] = number
        self._cursors[buckets] = (slots + 1) % _SLOTS

    def find(self, hashes: Hashes) -> list[int]:
        """Return the numbers of texts that share keys, those with most first, then the latest."""
        keys = _keys(hashes)
        buckets = keys & np.uint32(len(self._cursors) - 1)
        is_same = self._hashes[buckets] == keys[:, None]
        numbers, counts = np.unique(self._numbers[buckets][is_same], return_counts=True)
        order = np.lexsort((-numbers.astype(np.int64), -counts))
        found: list[int] = numbers[order].tolist()
        return [number for number in found if number]


def _keys(hashes: Hashes) -> npt.NDArray[np.uint32]:
    """Return the smallest hash of each class by the last bits."""
    smallest = np.zeros(KEYS, dtype=np.uint32)
    is_there = np.zeros(KEYS, dtype=bool)
    classes = hashes & np.uint32(KEYS - 1)
    # Of several values for one place the last counts, so the smallest goes last.
    smallest[classes[::-1]] = hashes[::-1]
    is_there[classes] = True
    return smallest[is_there]
