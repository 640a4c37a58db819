"""Find which texts share shingles, in a table of fixed shape.

Each text is entered under up to 128 of its hashes: the smallest of each class by the last seven
bits (one-permutation hashing, Li, Owen and Zhang 2012). Short texts enter nearly all of theirs, so
that an excerpt is found in a long text, which bands of MinHash miss. A bucket holds the last few
texts: what thousands share costs nothing more, and old entries are written over.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from processors.enrich.copy_signature import CopySignature, Hashes

KEYS = 128
# Numbers are kept in 32 bits.
LARGEST_NUMBER = 0xFFFFFFFF
_SLOTS = 64
# At three quarters one bucket in a hundred is over-full, by a few entries of its oldest texts.
_FILL = 0.75
_SMALLEST_BUCKETS = 1 << 11
# Of the keys that a text wholly contained would share. Half contained it shares a third or more;
# phrases of the language make a hundredth of a long text.
_LEAST_LIKELY = 0.05


class ShingleTable:
    """Numbers of texts by the hashes they share; they rise from 1 to ``LARGEST_NUMBER``."""

    def __init__(self) -> None:
        self._hashes = np.zeros((_SMALLEST_BUCKETS, _SLOTS), dtype=np.uint32)
        self._numbers = np.zeros((_SMALLEST_BUCKETS, _SLOTS), dtype=np.uint32)
        self._cursors = np.zeros(_SMALLEST_BUCKETS, dtype=np.uint8)
        # Shingles of each text, by the last bits of its number.
        self._sizes = np.ones(_SMALLEST_BUCKETS, dtype=np.uint32)
        self._mask = np.uint32(_SMALLEST_BUCKETS - 1)

    @property
    def size_bytes(self) -> int:
        """Return the memory that the table takes."""
        arrays = (self._hashes, self._numbers, self._cursors, self._sizes)
        return sum(array.nbytes for array in arrays)

    def reserve(self, text_count: int) -> None:
        """Make room for ``text_count`` texts; older entries are kept."""
        while text_count * KEYS > len(self._cursors) * _SLOTS * _FILL:
            # A place is the last bits of a hash or number: with one bit more, both halves begin as
            # the old table. What stands in the wrong half is never looked up, and written over.
            self._hashes = np.concatenate([self._hashes, self._hashes])
            self._numbers = np.concatenate([self._numbers, self._numbers])
            self._cursors = np.concatenate([self._cursors, self._cursors])
            self._sizes = np.concatenate([self._sizes, self._sizes])
            self._mask = np.uint32(len(self._cursors) - 1)

    def add(self, number: int, signature: CopySignature) -> None:
        """Enter a text."""
        keys = _keys(signature.array())
        # Keys differ in their last bits, so no bucket comes twice.
        buckets = keys & self._mask
        slots = self._cursors[buckets]
        self._hashes[buckets, slots] = keys
        self._numbers[buckets, slots] = number
        self._cursors[buckets] = (slots + 1) % _SLOTS
        self._sizes[number & int(self._mask)] = signature.shingle_count

    def find(self, signature: CopySignature) -> list[int]:
        """Return the numbers of texts that may be copies, the likeliest first, then the latest."""
        keys = _keys(signature.array())
        buckets = keys & self._mask
        # ``take`` and places in one row are several times as fast as other ways to say the same.
        places = np.flatnonzero(self._hashes.take(buckets, axis=0) == keys[:, None])
        if not len(places):
            return []
        numbers, counts = _counted(self._numbers[buckets[places // _SLOTS], places % _SLOTS])
        likely = counts / _most_keys(signature.shingle_count, self._sizes[numbers & self._mask])
        is_candidate = (likely >= _LEAST_LIKELY) & (numbers > 0)
        numbers, likely = numbers[is_candidate], likely[is_candidate]
        order = np.lexsort((-numbers.astype(np.int64), -likely))
        found: list[int] = numbers[order].tolist()
        return found


def _counted(
    numbers: npt.NDArray[np.uint32],
) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.int64]]:
    """Return the numbers, ascending and each once, and how often each is there."""
    numbers.sort()
    starts = np.flatnonzero(np.concatenate([numbers[:1] >= 0, numbers[1:] != numbers[:-1]]))
    return numbers[starts], np.diff(starts, append=len(numbers))


def _most_keys(size: int, sizes: npt.NDArray[np.uint32]) -> npt.NDArray[np.float64]:
    """Return how many keys a text would share with others of these sizes if it held all of them."""
    others = sizes.astype(np.float64)
    longer = np.maximum(size, others)
    key_counts = KEYS * (1 - np.exp(-longer / KEYS))
    most: npt.NDArray[np.float64] = np.minimum(size, others) * key_counts / longer
    return most


def _keys(hashes: Hashes) -> npt.NDArray[np.uint32]:
    """Return the smallest hash of each class by the last bits."""
    smallest = np.zeros(KEYS, dtype=np.uint32)
    is_there = np.zeros(KEYS, dtype=bool)
    classes = hashes & np.uint32(KEYS - 1)
    # Of several values for one place the last counts, so the smallest goes last.
    smallest[classes[::-1]] = hashes[::-1]
    is_there[classes] = True
    return smallest[is_there]
