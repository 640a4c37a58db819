"""Return the signature by which copies of a text are found without the text.

A bottom-k sketch of its word shingles (Broder 1997): all hashes of an ordinary article, so that
containment is exact, and of a long text the smallest ones, from which it is estimated.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import numpy.typing as npt

from processors.enrich.copy_words import copy_words

Hashes = npt.NDArray[np.uint32]

SHINGLE_WORDS = 5
# 2 KiB; an article of 500 words is kept whole. Of longer ones 512 samples tell a containment of
# 0.5 to about 0.02 (standard error); an excerpt of one has fewer samples.
SKETCH_SIZE = 512
# Under a sentence of 16 words a text is a caption or a flash: the same by chance.
MIN_SHINGLES = 12
_LARGEST = 0xFFFFFFFF
# Multilinear hashing of 32-bit words with fixed random odd factors is strongly universal (Lemire
# and Kaser 2014). Stored signatures depend on these numbers and on SHINGLE_WORDS.
_OFFSET = np.uint64(0x9E3779B97F4A7C15)
_FACTORS = np.array(
    [0xD6E8FEB86659FD93, 0xA0761D6478BD642F, 0xE7037ED1A0B428DB, 0x8EBC6AF09C88C6E3,
     0x589965CC75374CC3], dtype=np.uint64,
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class CopySignature:
    """What is kept of a text.

    Attributes:
        shingle_count: distinct shingles of the text.
        hashes: the smallest ``SKETCH_SIZE`` of their hashes, ascending; 4 bytes each, the lowest
            byte first.
    """

    shingle_count: int
    hashes: bytes

    @property
    def limit(self) -> int:
        """Return up to which value every hash of the text is in ``hashes``."""
        if len(self.hashes) >= 4 * self.shingle_count:
            return _LARGEST
        return int.from_bytes(self.hashes[-4:], "little")

    def array(self) -> Hashes:
        """Return the hashes as an array that cannot be written to."""
        return np.frombuffer(self.hashes, dtype="<u4")


def sign_text(text: str) -> CopySignature | None:
    """Return the signature of clean text, or None for one too short to be a copy of anything."""
    return sign_words(copy_words(text))


def sign_words(words: Sequence[bytes]) -> CopySignature | None:
    """Return the signature of words in order, or None for too few."""
    if len(words) < MIN_SHINGLES + SHINGLE_WORDS - 1:
        return None
    hashes = _distinct(_shingle_hashes(words))
    if len(hashes) < MIN_SHINGLES:
        return None
    kept = hashes[:SKETCH_SIZE].astype("<u4", copy=False)
    return CopySignature(shingle_count=len(hashes), hashes=kept.tobytes())


def _distinct(hashes: Hashes) -> Hashes:
    """Return the same hashes, ascending and each once; a third of the time of ``np.unique``."""
    hashes.sort()
    is_first = np.empty(len(hashes), dtype=bool)
    is_first[:1] = True
    np.not_equal(hashes[1:], hashes[:-1], out=is_first[1:])
    return hashes[is_first]


def _shingle_hashes(words: Sequence[bytes]) -> Hashes:
    codes = np.fromiter(map(crc32, words), dtype=np.uint64, count=len(words))
    count = len(words) - SHINGLE_WORDS + 1
    total = np.full(count, _OFFSET)
    for place, factor in enumerate(_FACTORS):
        total += codes[place : place + count] * factor
    return (total >> np.uint64(32)).astype(np.uint32)
