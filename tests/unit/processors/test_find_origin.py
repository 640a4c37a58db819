from __future__ import annotations

import pytest
from sample_records import at, raw_article

from dateline import ids
from dateline.records import ArticleState
from processors.stories.assign_revision import assign_revision
from processors.stories.find_origin import MAX_CHAIN, FoundOrigin, address_key, find_origin
from processors.stories.known_states import KnownStates, PlaceIndex


def state(source: str, minute: float = 1, **fields: object) -> ArticleState:
    article = raw_article(
        "A",
        minute,
        article_id=ids.article_id(source, "k"),
        source_id=source,
        observed_at=at(minute),
    )
    row = {name: getattr(assign_revision(None, article, max_versions=9).state, name)
           for name in ArticleState.__slots__}  # fmt: skip
    return ArticleState(**(row | {"url": f"https://{source}/1"} | fields))


def known(*states: ArticleState) -> KnownStates:
    return KnownStates({each.article_id: each for each in states}, PlaceIndex(states))


@pytest.mark.parametrize(
    "url",
    [
        "https://a.example/1", "http://a.example/1", "HTTPS://A.example/1/",
        "https://www.a.example/1#top", " https://a.example/1 ", "https://a.example:443/1",
    ],
)  # fmt: skip
def test_one_address_in_many_spellings(url: str) -> None:
    assert address_key(url) == "a.example/1"


@pytest.mark.parametrize(
    "url",
    [None, "", "/1", "a.example/1", "ftp://a.example/1", "https://", "https://[x", "https:///1"],
)
def test_what_is_no_address_has_no_key(url: str | None) -> None:
    assert address_key(url) is None


@pytest.mark.parametrize(
    ("one", "other"),
    [("https://a.example/1?id=1", "https://a.example/1?id=2"),
     ("https://a.example/A", "https://a.example/a")],
)  # fmt: skip
def test_other_addresses_have_other_keys(one: str, other: str) -> None:
    assert address_key(one) != address_key(other)


def test_earliest_of_several_with_the_same_text_is_the_origin() -> None:
    first, second = (
        state("a.example", 1, text_sha256="7" * 64),
        state("b.example", 2, text_sha256="7" * 64),
    )
    third = state("c.example", 3, text_sha256="7" * 64)

    assert find_origin(third, known(second, first, third)) == FoundOrigin(
        article_id=first.article_id, sign="same_text"
    )
    assert find_origin(first, known(second, first, third)) is None


def test_hint_that_is_out_of_date_finds_nothing() -> None:
    before = state("a.example", 1, text_sha256="7" * 64)
    now = state("a.example", 1, text_sha256="8" * 64)
    copy = state("b.example", 2, text_sha256="7" * 64)

    assert find_origin(copy, KnownStates({now.article_id: now}, PlaceIndex([before]))) is None


def test_forgotten_article_is_in_no_table() -> None:
    article = state("a.example", text_sha256="7" * 64, canonical_url="https://b.example/1",
                    origin_article_id="9" * 64)  # fmt: skip
    index = PlaceIndex([article])

    index.remove(article)

    assert index.with_text("7" * 64) == index.at_address("a.example/1") == ()
    assert index.pointing_to("b.example/1") == index.copies_of("9" * 64) == ()


def test_chain_that_does_not_end_gives_no_origin() -> None:
    sources = [f"s{n}.example" for n in range(MAX_CHAIN + 5)]
    chain = [
        state(source, origin_article_id=ids.article_id(before, "k"))
        for before, source in zip(sources[-1:] + sources, sources, strict=False)
    ]
    article = state("new.example", 9, canonical_url="https://s3.example/1")

    assert find_origin(article, known(*chain)) is None
