"""Copies, excerpts and updates are told, whatever the order of arrival."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from itertools import permutations

import pytest
from made_up_texts import text_of, words_of

from processors.enrich.copy_signature import sign_text
from processors.stories.compare_copies import CopyEntry
from processors.stories.find_copies import CopyIndex, CopyMatch
from processors.stories.shingle_table import ShingleTable

STORY = words_of("story", 400)
TEXT = " ".join(STORY)


def at(minute: int) -> datetime:
    return datetime(2026, 3, 1, tzinfo=UTC) + timedelta(minutes=minute)


def added(index: CopyIndex, name: str, text: str, minute: int, source: str = "") -> CopyMatch:
    match = index.add(name, text, at(minute), source or f"source-{name}")
    assert match is not None
    return match


@pytest.fixture
def index() -> CopyIndex:
    found = CopyIndex()
    assert found.add("first", TEXT, at(0), "agency") is None
    return found


def test_same_text_is_a_copy(index: CopyIndex) -> None:
    match = added(index, "second", TEXT, 1)
    assert (match.origin_article_id, match.role) == ("first", "copy")
    assert (match.containment, match.jaccard) == (1, 1)
    assert match.reasons == ("same_words",)


@pytest.mark.parametrize(
    ("text", "role", "reasons"),
    [
        pytest.param(" ".join(STORY[:150]), "excerpt", ("in_earlier", "much_shorter"), id="cut"),
        pytest.param(" ".join(STORY[:300]), "copy", ("in_earlier",), id="shortened"),
        pytest.param(f"{text_of('head', 60)} {TEXT}", "copy", ("in_earlier",), id="new-head"),
        pytest.param(
            f"{text_of('own', 1200)} {TEXT}",
            "original",
            ("takes_in_earlier", "mostly_own"),
            id="mostly-own",
        ),
    ],
)
def test_role_says_how_the_text_is_shared(
    index: CopyIndex, text: str, role: str, reasons: tuple[str, ...]
) -> None:
    match = added(index, "second", text, 1)
    assert (match.role, match.reasons) == (role, reasons)
    assert match.origin_article_id == (None if role == "original" else "first")
    assert [pair.article_id for pair in match.pairs] == ["first"]


def test_containment_is_counted_in_full_for_ordinary_lengths(index: CopyIndex) -> None:
    # 100 shingles of the story and 100 others; the four across the seam are in neither.
    pair = added(index, "second", " ".join([*STORY[:104], *words_of("x", 100)]), 1).pairs[0]
    assert pair.share == pytest.approx(100 / 200)
    assert pair.other_share == pytest.approx(100 / 396)
    assert pair.jaccard == pytest.approx(100 / 496)


def test_containment_of_long_texts_is_estimated() -> None:
    index = CopyIndex()
    long = words_of("long", 6000)
    index.add("first", " ".join(long), at(0), "a")
    match = added(index, "second", " ".join([*long[:2000], *words_of("y", 1000)]), 1, "b")
    assert match.containment == pytest.approx(2 / 3, abs=0.12)
    assert match.pairs[0].shared_count == pytest.approx(1996, rel=0.25)


def test_longer_text_of_the_same_source_is_an_update(index: CopyIndex) -> None:
    match = added(index, "second", f"{TEXT} {text_of('more', 500)}", 1, "agency")
    assert (match.origin_article_id, match.role) == ("first", "update")
    assert match.reasons == ("same_source", "takes_in_earlier")


def test_same_text_of_the_same_source_is_no_update(index: CopyIndex) -> None:
    assert added(index, "second", TEXT, 1, "agency").role == "copy"


def test_update_of_a_copy_keeps_the_first_origin(index: CopyIndex) -> None:
    added(index, "copy", TEXT, 1, "paper")
    match = added(index, "more", f"{TEXT} {text_of('more', 300)}", 2, "paper")
    assert (match.origin_article_id, match.role) == ("first", "update")


def test_merged_text_is_a_copy_of_both(index: CopyIndex) -> None:
    other = words_of("other", 300)
    index.add("other", " ".join(other), at(1), "b")
    match = added(index, "merged", " ".join([*STORY[:250], *other]), 2, "c")
    assert {pair.article_id for pair in match.pairs} == {"first", "other"}
    assert (match.origin_article_id, match.role) == ("other", "copy")


def test_copy_in_several_parts_is_a_copy() -> None:
    index = CopyIndex()
    parts = [words_of(f"part {number}", 100) for number in range(4)]
    for number, part in enumerate(parts):
        index.add(f"part {number}", " ".join(part), at(number), f"s{number}")
    match = added(index, "whole", " ".join(word for part in parts for word in part), 9)
    assert match.reasons == ("in_several",)
    assert match.role == "copy"


def test_copy_of_an_excerpt_leads_to_the_original(index: CopyIndex) -> None:
    added(index, "excerpt", " ".join(STORY[:120]), 1)
    match = added(index, "third", " ".join([*STORY[:60], *words_of("new", 30)]), 2)
    assert (match.origin_article_id, match.role) == ("first", "excerpt")


def test_unrelated_text_stands_alone(index: CopyIndex) -> None:
    assert index.add("second", text_of("unrelated", 400), at(1), "b") is None
    assert index.add("third", "too short to tell", at(2), "c") is None


def test_late_original_takes_its_copies() -> None:
    index = CopyIndex()
    index.add("copy", TEXT, at(5), "b")
    added(index, "cut", " ".join(STORY[:100]), 6, "c")
    match = added(index, "late", f"{TEXT} {text_of('end', 20)}", 1, "a")
    assert (match.origin_article_id, match.role) == (None, "original")
    moved = {each.article_id: each for each in match.redecided}
    assert {each.origin_article_id for each in moved.values()} == {"late"}
    assert (moved["copy"].role, moved["cut"].role) == ("copy", "excerpt")
    assert "earlier_found" in moved["copy"].reasons
    assert added(index, "next", TEXT, 9).origin_article_id == "late"


def test_late_copy_joins_two_groups() -> None:
    index = CopyIndex()
    index.add("early", " ".join(STORY[:220]), at(0), "a")
    assert index.add("late", " ".join(STORY[180:]), at(9), "b") is None
    match = added(index, "between", TEXT, 5, "c")
    assert match.role == "copy"
    assert match.origin_article_id == "early"
    assert [(each.article_id, each.origin_article_id) for each in match.redecided] == [
        ("late", "early")
    ]


VERSIONS = {
    "a": (TEXT, 0),
    "b": (f"{text_of('head', 30)} {TEXT}", 1),
    "c": (" ".join(STORY[:300]), 2),
    "d": (" ".join(STORY[:140]), 3),
}


@pytest.mark.parametrize("order", list(permutations(VERSIONS)))
def test_order_of_arrival_changes_nothing(order: Sequence[str]) -> None:
    index = CopyIndex()
    for name in order:
        index.add(name, VERSIONS[name][0], at(VERSIONS[name][1]), f"source-{name}")
    entries = [index.get(name) for name in "abcd"]
    assert [(each.origin_article_id, each.role) for each in entries if each] == [
        (None, "original"), ("a", "copy"), ("a", "copy"), ("a", "excerpt"),
    ]  # fmt: skip


def test_adding_again_says_the_same(index: CopyIndex) -> None:
    late = added(index, "late", TEXT, -5)
    assert added(index, "late", TEXT, -5).redecided[0].origin_article_id == "late"
    assert added(index, "late", TEXT, 50).origin_article_id == late.origin_article_id
    assert len(index) == 2


def test_an_edit_makes_an_original_no_later(index: CopyIndex) -> None:
    added(index, "second", TEXT, 1)
    added(index, "first", TEXT, 50, "agency")
    assert added(index, "third", TEXT, 20).origin_article_id == "first"
    first = index.get("first")
    assert first is not None
    assert (first.at, first.origin_article_id) == (at(0), None)


def test_nobody_becomes_the_origin_of_its_own_origin() -> None:
    index = CopyIndex()
    signature = sign_text(TEXT)
    assert signature is not None
    # An older article may be known as the copy of a newer one: its page says so.
    for name, minute, origin in (("copy", 0, "origin"), ("origin", 9, None)):
        index.put(
            CopyEntry(
                article_id=name, source_id=name, at=at(minute), signature=signature,
                origin_article_id=origin,
            )
        )  # fmt: skip
    assert added(index, "third", TEXT, 5).origin_article_id == "origin"
    assert added(index, "origin", TEXT, 9).origin_article_id != "origin"
    origin = index.get("origin")
    assert origin is not None
    assert origin.origin_article_id is None


def test_edited_text_takes_the_place_of_the_older(index: CopyIndex) -> None:
    assert index.add("first", text_of("rewritten", 300), at(1), "agency") is None
    assert index.add("second", TEXT, at(2), "b") is None
    assert index.add("first", "now too short", at(3), "agency") is None
    assert index.get("first") is None


def test_footer_of_a_source_makes_no_copies() -> None:
    index = CopyIndex()
    footer = text_of("footer", 60)
    for number in range(5):  # longer than the footer: not taken for copies of each other
        index.add(f"long {number}", f"{text_of(f'l{number}', 150)} {footer}", at(number), "paper")
    assert index.add("brief", f"{text_of('brief', 40)} {footer}", at(9), "paper") is None


def test_expired_articles_are_forgotten_and_copies_keep_their_origin(index: CopyIndex) -> None:
    added(index, "second", TEXT, 10)
    assert index.expire(at(5)) == 1
    assert index.get("first") is None
    assert added(index, "third", TEXT, 11).origin_article_id == "first"


def test_of_too_many_the_first_are_forgotten() -> None:
    index = CopyIndex(max_articles=10)
    for number in range(30):
        index.add(f"n{number}", text_of(f"n{number}", 50), at(number), "s")
    assert len(index) == 10
    assert index.get("n19") is None
    assert index.get("n20") is not None


def test_the_last_place_may_be_that_of_a_pair() -> None:
    index = CopyIndex(max_articles=1)
    index.add("late", TEXT, at(5), "a")
    assert added(index, "early", TEXT, 1).redecided == ()


def test_loaded_index_gives_the_same_answers(index: CopyIndex) -> None:
    added(index, "second", TEXT, 1)
    added(index, "late", " ".join(STORY[20:]), -3)
    loaded = CopyIndex.load(index.dump())
    assert loaded.dump() == index.dump()
    again = [each.add("next", " ".join(STORY[:200]), at(9), "z") for each in (index, loaded)]
    assert again[0] == again[1]
    assert again[0] is not None


def test_table_finds_as_it_grows() -> None:
    table = ShingleTable()
    signatures = [sign_text(text_of(f"text {number}", 80)) for number in range(3000)]
    for number, signature in enumerate(signatures, start=1):
        assert signature is not None
        table.reserve(number)
        table.add(number, signature)
    found = [table.find(signature) for signature in signatures if signature]
    assert sum(numbers[:1] == [number] for number, numbers in enumerate(found, 1)) >= 2990


def test_what_all_share_costs_a_bounded_number_of_candidates() -> None:
    table = ShingleTable()
    signature = sign_text(TEXT)
    assert signature is not None
    for number in range(1, 2000):
        table.add(number, signature)
    found = table.find(signature)
    assert found[0] == 1999
    assert len(found) <= 64  # slots of a bucket
