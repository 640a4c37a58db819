from __future__ import annotations

import math

import pytest

from .data import Article
from .judge import BEST, judged_queries
from .measures import ndcg

TEXTS = (
    "The Orchard Bank lifts its rates. Governor Ada Brookfield spoke of the orchard rates in town.",
    "Ada Brookfield of the Orchard Bank defends higher orchard rates before the council today.",
    "A river flooded the old mill. Nobody was hurt when the water came down from the hills.",
    "The flooded mill is closed. The river water came from the hills, and nobody was hurt.",
)


def article(number: int) -> Article:
    text = TEXTS[number]
    names = {"ada": ("Ada Brookfield",)} if "Ada" in text else {}
    return Article(
        id=str(number), story="bank" if number < 2 else "mill",
        topic="1" if number < 2 else "2", text=text, first=text.split(". ")[0], names=names,
    )  # fmt: skip


def test_the_best_order_is_one_and_a_late_answer_is_less() -> None:
    grades = {"a": 2, "b": 1}
    assert ndcg(["a", "b"], grades) == pytest.approx(1)
    best = 3 + 1 / math.log2(3)
    assert ndcg(["b", "a"], grades) == pytest.approx((1 + 3 / math.log2(3)) / best)
    assert ndcg(["x", "a"], grades) == pytest.approx(3 / math.log2(3) / best)
    assert ndcg([], grades) == 0


def test_questions_ask_for_what_the_story_alone_says() -> None:
    queries = judged_queries([article(number) for number in range(4)])
    texts = {(each.kind, each.text) for each in queries}
    assert ("name", "Ada Brookfield") in texts
    typo = next(each for each in queries if each.kind == "typo")
    assert typo.text != "Ada Brookfield"
    assert typo.grades == {"0": BEST, "1": BEST}
    title = next(each for each in queries if each.kind == "title" and each.story == "mill")
    assert title.left_out not in title.grades
    assert queries == judged_queries([article(number) for number in range(4)])
