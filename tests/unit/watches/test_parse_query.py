"""What a query is read as, and what is said where it cannot be read."""

from __future__ import annotations

import time

import pytest

from dateline.errors import QueryInvalid
from dateline.watches.parse_query import MAX_PREFIXES, MAX_TERMS, parse_query
from dateline.watches.query_parts import parts_of, terms_of
from dateline.watches.query_syntax import MAX_DEPTH, MAX_QUERY_CHARS
from dateline.watches.query_tree import (
    And,
    CountryTerm,
    EntityTerm,
    FieldTerm,
    Near,
    Not,
    Or,
    Phrase,
    Sentence,
    TypeTerm,
)
from dateline.watches.write_query import write_query

SHA256 = "0123456789abcdef" * 4


def test_query_is_a_tree_that_knows_where_it_stands() -> None:
    text = 'entity:"al-Khulaifi" (nuclear OR “sanctions relief”)'

    query = parse_query(text)

    assert query.text == text
    assert query.tree == And(
        children=(
            EntityTerm(name="al-Khulaifi", start=0, end=20),
            Or(
                children=(
                    Phrase(words=("nuclear",), start=22, end=29),
                    Phrase(words=("sanctions", "relief"), start=33, end=51),
                ),
                start=21, end=52,
            ),
        ),
        start=0, end=52,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("doha", Phrase(words=("doha",), end=4)),
        ("((doha))", Phrase(words=("doha",), start=2, end=6)),
        ("al-Khul*", Phrase(words=("al", "khul"), is_prefix=True, end=8)),
        ('"nuclear tal*"', Phrase(words=("nuclear", "tal"), is_prefix=True, end=14)),
        ("U.S.", Phrase(words=("us",), end=4)),
        ("10:30", Phrase(words=("10", "30"), end=5)),
        ('"and"', Phrase(words=("and",), end=5)),
        ("Title:Talks", Phrase(words=("talks",), field="title", end=11)),
        ("entity:q846", EntityTerm(entity_id="Q846", end=11)),
        (f"entity:{SHA256.upper()}", EntityTerm(entity_id=SHA256, end=71)),
        ('entity:"Ali  Bagheri"', EntityTerm(name="Ali Bagheri", end=21)),
        ("type:Organization", TypeTerm(entity_type="organization", end=17)),
        ("country:QA", CountryTerm(code="qa", end=10)),
        ("license:CC-BY-4.0", FieldTerm(name="license", value="cc-by-4.0", end=17)),
        ("source:Mehr", FieldTerm(name="source", value="mehr", end=11)),
        ("lang:zh-Hant", FieldTerm(name="lang", value="zh-hant", end=12)),
        (
            "doha NEAR/5 talks",
            Near(
                left=Phrase(words=("doha",), end=4),
                right=Phrase(words=("talks",), start=12, end=17), distance=5, end=17,
            ),
        ),
        (
            "SENTENCE(type:person)",
            Sentence(child=TypeTerm(entity_type="person", start=9, end=20), end=21),
        ),
        (
            "doha NOT paris",
            And(
                children=(
                    Phrase(words=("doha",), end=4),
                    Not(child=Phrase(words=("paris",), start=9, end=14), start=5, end=14),
                ),
                end=14,
            ),
        ),
    ],
)  # fmt: skip
def test_text_is_read(text: str, tree: object) -> None:
    assert parse_query(text).tree == tree


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("a1 b1 OR c1 d1", "(a1 AND b1) OR (c1 AND d1)"),
        ("a1 OR b1 NEAR/2 c1", "a1 OR (b1 NEAR/2 c1)"),
        ("a1\n\tb1", "a1 AND b1"),
        ('a1"b1 c1"d1', 'a1 AND "b1 c1" AND d1'),
        ("title:(a1 OR b1 NEAR/3 c1)", "title:a1 OR (title:b1 NEAR/3 title:c1)"),
        ('entity:(Q846 OR "Ali Bagheri")', 'entity:Q846 OR entity:"Ali Bagheri"'),
        ("lang:(en OR fr) a1", "(lang:en OR lang:fr) AND a1"),
        ("«a1 b1»", '"a1 b1"'),
        ("title: a1", "title:a1"),
    ],
)
def test_other_ways_to_write_it(text: str, same: str) -> None:
    assert write_query(parse_query(text).tree) == write_query(parse_query(same).tree)


def test_every_part_points_at_what_was_written() -> None:
    text = "(title:doha OR NEARBY) AND (a1 NEAR/3 b1) NOT entity:(Q1 OR Q2) SENTENCE(c1 NOT d1*)"

    with pytest.raises(QueryInvalid):
        parse_query(text)
    text = text.replace("d1*", "dom*")

    assert [text[each.start : each.end] for each in parts_of(parse_query(text).tree)] == [
        text, "(title:doha OR NEARBY)", "title:doha", "NEARBY", "(a1 NEAR/3 b1)", "a1", "b1",
        "NOT entity:(Q1 OR Q2)", "entity:(Q1 OR Q2)", "Q1", "Q2", "SENTENCE(c1 NOT dom*)",
        "c1 NOT dom*", "c1", "NOT dom*", "dom*",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "problem", "position"),
    [
        ("", "empty", 0),
        (" \n", "empty", 0),
        ('a1 "b1', "unclosed quote", 3),
        ("a1 (b1 (c1)", "unclosed bracket", 3),
        ("a1)", "bracket too many", 2),
        ("a1 ()", "nothing in front", 4),
        ("OR a1", "OR needs something on both sides", 0),
        ("a1 AND", "`AND` needs something behind it", 6),
        ("a1 AND OR b1", "OR needs something", 7),
        ("a1 or b1", "in capitals, OR", 3),
        ("Not a1", "in capitals, NOT", 0),
        ("NOT a1", "NOT alone", 0),
        ("NOT NOT a1", "NOT alone", 4),
        ("a1 OR NOT b1", "NOT alone", 6),
        ("a1 AND (NOT b1 NOT c1)", "NOT alone", 8),
        ("a1 NOT (NOT b1)", "NOT alone", 7),
        ("a1 (b1 OR c1 NOT (NOT d1))", "NOT alone", 17),
        ("SENTENCE(NOT a1)", "NOT alone", 9),
        ("SENTENCE a1", "SENTENCE needs brackets", 9),
        ("SENTENCE", "SENTENCE needs brackets", 8),
        ("title:SENTENCE(a1)", "SENTENCE", 6),
        ("title:(SENTENCE(a1))", "SENTENCE stands inside", 7),
        ("SENTENCE(lang:en a1)", "SENTENCE holds", 9),
        ("SENTENCE(a1 NEAR/2 b1)", "SENTENCE holds", 9),
        ("titel:a1", "did you mean `title:`", 0),
        ("licence:cc", "did you mean `license:`", 0),
        ("http://a.example", "unknown field `http:`; there are title", 0),
        ("title:", "`title:` needs something", 6),
        ("title:lang:en", "stands where it cannot", 6),
        ("title:(body:a1 b1)", "inside the brackets of `title:`", 7),
        ("type:organisation", "did you mean `type:organization`", 5),
        ("type:xyz", "there are person", 5),
        ("type:quantity", "unknown type", 5),
        ("country:qatar", "two letters", 8),
        ("lang:english", "takes a code", 5),
        ('source:" "', "`source:` has no value", 8),
        ("entity:Khulai*", "has no meaning", 13),
        ('entity:"–"', "no name", 8),
        (f"source:{'x' * 301}", "at most 300", 7),
        ("–", "no word", 0),
        ("a1 😀", "no word", 3),
        ("nu*", "at least 3 letters", 2),
        ("*ran", "only at the end", 0),
        ("n*ear", "only at the end", 1),
        ("nuc**", "only at the end", 3),
        ('"nuclear *"', "only at the end", 9),
        ("nuclear.*", "at least 3 letters", 8),
        ("wom?n", "`\\?` means nothing", 3),
        ("talks~2", "`~` means nothing", 5),
        ("-mehr", "write NOT", 0),
        ("a1 NEAR b1", "NEAR/5", 3),
        ("a1 near/5 b1", "NEAR/5", 3),
        ("a1 NEAR/12345 b1", "NEAR/5", 3),
        ("NEAR/5 b1", "NEAR needs something", 0),
        ("a1 NEAR/0 b1", "1 to 100 words", 3),
        ("a1 NEAR/101 b1", "1 to 100 words", 3),
        ("a1 NEAR/2 b1 NEAR/2 c1", "NEAR joins two", 13),
        ("a1 NEAR/2 (b1 NOT c1)", "beside NEAR", 10),
        ("(a1 b1) NEAR/2 c1", "beside NEAR", 0),
        ("a1 NEAR/2 lang:en", "beside NEAR", 10),
        ("title:a1 NEAR/2 body:b1", "one text", 0),
        ("x" * 81, "more than 80 letters", 0),
        (f'"{"a1 " * 51}"', "a phrase of 51 words", 1),
        ("a\u202eb", "U\\+202E", 1),
        ("a1 \x00", "U\\+0000", 3),
        ("a1 \ud800", "U\\+D800", 3),
        ("\ufeffa1", "U\\+FEFF", 0),
        ("a\u200bb", "U\\+200B", 1),
    ],
)
def test_what_cannot_be_read_is_pointed_at(text: str, problem: str, position: int) -> None:
    with pytest.raises(QueryInvalid, match=problem) as caught:
        parse_query(text)

    assert caught.value.position == position
    assert caught.value.code == "E102"


def test_message_shows_the_line_with_a_caret_below() -> None:
    with pytest.raises(QueryInvalid) as caught:
        parse_query("doha titel:talks")

    assert caught.value.message == (
        "unknown field `titel:`; did you mean `title:`? (character 6):\n"
        "  doha titel:talks\n"
        "       ^"
    )


@pytest.mark.parametrize(
    ("text", "line", "caret"),
    [
        ('東京 "b', '東京 "b', "     ^"),
        ("a\u0301\n\u202e", "a\u0301 \ufffd", "  ^"),
        (f"{'doha ' * 50}(b1", f"{'doha ' * 6}(b1", f"{' ' * 30}^"),
        (f"(doha {'b1 ' * 50}", f"(doha {'b1 ' * 18}", "^"),
    ],
)
def test_caret_stands_below_the_character(text: str, line: str, caret: str) -> None:
    with pytest.raises(QueryInvalid) as caught:
        parse_query(text)

    assert caught.value.message.split("\n")[1:] == [f"  {line}", f"  {caret}"]


def test_joiners_of_persian_are_spelling() -> None:
    assert parse_query("می\u200cخواهد").tree == Phrase(words=("ميخواهد",), end=8)


def refused_in(text: str) -> float:
    started = time.perf_counter()
    with pytest.raises(QueryInvalid):
        parse_query(text)
    return time.perf_counter() - started


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(" OR ".join(f"w{number}" for number in range(10_000)), id="10000-terms"),
        pytest.param("(" * 10_000 + "a1" + ")" * 10_000, id="10000-deep"),
        pytest.param("(" * 3_900 + "a1" + ")" * 3_900, id="deep-and-short"),
        pytest.param("a1 (NOT " * 900, id="not-deep"),
        pytest.param("doha " * 200_000, id="1-megabyte"),
        pytest.param("doha* " * 1_300, id="1300-prefixes"),
        pytest.param("*" * 8_000, id="stars"),
        pytest.param("a*" * 4_000, id="stars-inside"),
        pytest.param('"' * 7_999, id="quotes"),
        pytest.param("title:" * 1_300, id="fields"),
        pytest.param("NOT " * 2_000, id="nots"),
        pytest.param("a1 NEAR/5 " * 800, id="nears"),
        pytest.param("SENTENCE(" * 800, id="sentences"),
        pytest.param("a\u0301" * 4_000, id="marks"),
        pytest.param("\u0301" * 8_000, id="only-marks"),
        pytest.param("\u202e" * 8_000, id="bidi"),
    ],
)
def test_queries_from_hell_are_refused_at_once(text: str) -> None:
    assert refused_in(text) < 1


def test_as_much_as_is_allowed_is_read() -> None:
    started = time.perf_counter()
    terms = [f"w{number:034}" for number in range(MAX_TERMS)]
    deep = "(" * MAX_DEPTH + "a1" + ")" * MAX_DEPTH
    prefixes = " ".join(["doha*"] * MAX_PREFIXES)

    assert len(list(terms_of(parse_query(" OR ".join(terms)).tree))) == MAX_TERMS
    assert len(" OR ".join(terms)) < MAX_QUERY_CHARS
    parse_query(deep)
    parse_query(prefixes)
    assert time.perf_counter() - started < 2
    for text in (" OR ".join([*terms, "b1"]), f"({deep})", f"{prefixes} dohb*"):
        assert refused_in(text) < 1
