"""What is shown of one article."""

from __future__ import annotations

import dataclasses

import pytest
from cli_doubles import console, written
from sample_documents import FULL, RIGHTS, TEXT, document, mentions_of, snippet_document, tombstone

from dateline.cli.find_document import spellings
from dateline.cli.show import (
    marked_mentions,
    marked_text,
    print_article,
    visible_chars,
)
from dateline.records import MentionField, SearchDocument
from dateline.rights.record import Attribution


def _printed(of: SearchDocument, *, colours: bool = False) -> str:
    terminal = console(colours=colours)
    print_article(terminal, of)
    return written(terminal)


def _mention(text: str, start: int, kind: str = "person") -> MentionField:
    return dataclasses.replace(
        mentions_of(TEXT)[0], text=text, start=start, end=start + len(text), type=kind
    )


def test_a_full_text_has_its_names_marked() -> None:
    printed = _printed(document())

    assert (
        "[LISBON](place) (Coast Wire) - [Marta Oliveira](person), chair of the"
        " [Harbour Trust](organization), opened the new pier in [Lisbon](place) on Friday. The"
        " pier cost 12 million euros, and Oliveira thanked the dock workers." in printed
    )
    assert "withheld" not in printed


def test_colours_replace_the_brackets_and_have_a_legend() -> None:
    printed = _printed(document(), colours=True)

    assert "\x1b[1;36mMarta Oliveira\x1b[0m" in printed
    assert "(person)" not in printed
    assert printed.rstrip().splitlines()[-1].startswith("Names: ")


def test_licence_evidence_and_decision_are_shown() -> None:
    printed = _printed(document())

    for line in (
        "licence       CC-BY-4.0 (granted), Coast Wire",
        "evidence      “Content by Coast Wire is licensed under CC BY 4.0” (text body,"
        " characters 176-240 as received, rule notice.all_content)",
        "attribution   “New pier” by Coast Wire, CC BY 4.0",
        "notes         no author given",
        "decision      public_search: show full, export allowed, attribution required,"
        " policy default@1",
        "              because: the licence is granted",
    ):
        assert line in printed.splitlines()


def test_a_snippet_says_how_much_is_withheld_and_marks_only_what_is_shown() -> None:
    printed = _printed(snippet_document())

    assert "[LISBON](place) (Coast Wire) - [Marta Oliveira](person), chair of the Harbour…" in (
        printed
    )
    assert "The text is withheld by its licence: 58 of 177 characters shown." in printed
    assert "dock workers" not in printed


def test_metadata_only_shows_no_text() -> None:
    decision = dataclasses.replace(FULL, display="metadata_only")

    printed = _printed(snippet_document(body=None, summary=None, decisions=(decision,)))

    assert "show metadata only" in printed
    assert "The text is withheld by its licence: 0 of 177 characters shown." in printed


def test_a_tombstone_says_when_and_why() -> None:
    printed = _printed(tombstone())

    assert printed.startswith("(withdrawn article)\n")
    assert (
        "This article was withdrawn by its source on 2026-11-20 08:30 UTC: the source withdrew it"
        in printed
    )


def test_nothing_of_an_article_acts_on_the_terminal() -> None:
    evil = "\x1b]0;x\x07[red]"
    text = f"{evil} Anna\x9b spoke"
    line = Attribution(text=evil, html=evil, jsonld=evil, is_complete=True)
    rights = dataclasses.replace(RIGHTS, licensor=evil, attribution=line, notes=(evil,))
    of = document(
        title=evil, body=text, body_chars=len(text), mentions=(_mention("Anna", len(evil) + 1),),
        rights=rights, authors=(evil,), url=evil, key=evil, dateline_place=evil, publisher=evil,
        mentions_absent_reason=evil, kill_reason=evil,
    )  # fmt: skip

    for shown in (of, dataclasses.replace(of, pub_status="canceled")):
        printed = _printed(shown)
        assert not set(printed) & set("\x1b\x07\x9b")
        assert "␛]0;x␇[red]" in printed
    assert "[Anna](person)" in _printed(of)


@pytest.mark.parametrize(
    ("body", "body_chars", "expected"),
    [("abc", 3, 3), ("ab…", 9, 2), ("", 9, 0), ("ab…", 3, 3)],
)
def test_visible_chars_do_not_count_the_ellipsis(body: str, body_chars: int, expected: int) -> None:
    assert visible_chars(body, body_chars) == expected


def test_mentions_that_overlap_or_do_not_fit_are_left_out() -> None:
    body = "Anna Miller met Jo 😀 Kim"
    mentions = [
        _mention("Miller", 5),
        _mention("Anna Miller", 0),
        _mention("Bob", 16),
        _mention("Kim", 21),
        _mention("met", 12, "quantity"),
    ]

    chosen = marked_mentions(body, len(body), mentions)

    assert [mention.text for mention in chosen] == ["Anna Miller", "Kim"]
    marked = marked_text(body, chosen, styled=False).plain
    assert marked == "[Anna Miller](person) met Jo 😀 [Kim](person)"


def test_a_mention_cut_by_the_snippet_is_not_marked() -> None:
    assert marked_mentions("Anna Mil…", 8, [_mention("Anna Miller", 0)]) == []


def test_spellings_add_the_normal_form_of_an_address() -> None:
    given = "http://Coast.example/a?utm_source=x"

    assert spellings(given) == (given, "https://coast.example/a")
    assert spellings("https://coast.example/a") == ("https://coast.example/a",)
