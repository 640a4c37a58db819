"""Queries that are true of nearly every article are refused with the reason."""

from __future__ import annotations

import pytest

from dateline.errors import QueryTooBroad
from dateline.watches.check_query import check_query
from dateline.watches.parse_query import parse_query


@pytest.mark.parametrize(
    "text",
    [
        "doha",
        "the NEAR/3 doha",
        '"the doha forum"',
        "nucl*",
        "entity:Q846",
        "entity:the",
        "country:qa",
        "SENTENCE(type:organization country:qa)",
        "lang:en (doha OR paris)",
        "doha OR paris",
        "source:mehr doha NOT paris",
        "car",  # French for "because", but nobody said it is French
        "said lang:fr",
        "the lang:xx",  # no list of that language
        "type:person entity:Q846 OR country:qa",
    ],
)
def test_query_that_says_what_it_is_about_is_fine(text: str) -> None:
    check_query(parse_query(text))


@pytest.mark.parametrize(
    ("text", "part", "reason"),
    [
        ("the", "the", "in every text"),
        ("title:the", "title:the", "in every text"),
        ("U.S.", "U.S.", "in every text"),
        ('"of the"', '"of the"', "in every text"),
        ("le", "le", "in every text"),
        ("car lang:fr", "car lang:fr", "nothing in it says"),
        ("lang:en", "lang:en", "a language says nothing"),
        ("license:cc", "license:cc", "a licence"),
        ("source:mehr", "source:mehr", "a source"),
        ("type:person", "type:person", "names one"),
        ("type:person source:mehr", "type:person source:mehr", "nothing in it says"),
        ("lang:en NOT doha", "lang:en NOT doha", "nothing in it says"),
        ("doha OR the", "the", "in every text"),
        ("doha OR (lang:en OR the)", "lang:en", "a language"),
        ("SENTENCE(the NOT doha)", "SENTENCE(the NOT doha)", "nothing in it says"),
        ("the NEAR/2 of", "the NEAR/2 of", "nothing in it says"),
        ("lang:en OR " + "doha " * 30, "lang:en", "a language"),
    ],
)
def test_query_of_nearly_everything_is_refused(text: str, part: str, reason: str) -> None:
    with pytest.raises(QueryTooBroad, match=reason) as caught:
        check_query(parse_query(text))

    assert caught.value.message.startswith(f"`{part}` is true of nearly every article")
    assert caught.value.hint.startswith("Add a name")
    assert caught.value.code == "E103"


def test_long_part_is_cut_in_the_message() -> None:
    with pytest.raises(QueryTooBroad) as caught:
        check_query(parse_query(" ".join(["the"] * 100)))

    assert len(caught.value.message) < 200


@pytest.mark.parametrize("text", ["type:person", "source:mehr type:person", "license:cc"])
def test_first_mention_needs_no_more_than_a_type_or_a_source(text: str) -> None:
    check_query(parse_query(text), trigger="first_mention")
    for trigger in ("match", "new_story"):
        with pytest.raises(QueryTooBroad):
            check_query(parse_query(text), trigger=trigger)


@pytest.mark.parametrize("text", ["lang:en", "the"])
def test_first_mention_of_anybody_in_a_language_is_too_broad(text: str) -> None:
    with pytest.raises(QueryTooBroad):
        check_query(parse_query(text), trigger="first_mention")
