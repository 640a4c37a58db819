"""Texts of made-up words: no two seeds share five words in a row."""

from __future__ import annotations

import random


def words_of(seed: str, count: int) -> list[str]:
    chance = random.Random(seed)  # noqa: S311  (no secret)
    return ["".join(chance.choices("abcdefghiklmnoprstuvw", k=6)) for _ in range(count)]


def text_of(seed: str, count: int) -> str:
    return " ".join(words_of(seed, count))
