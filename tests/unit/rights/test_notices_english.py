"""Notices in English: form, licensor, place, quotation, and what limits a grant."""

from __future__ import annotations

from pathlib import Path

import pytest
from known_licenses import REGISTRY

from dateline.ids import text_sha256
from dateline.rights.notices import find_notices
from dateline.rights.statement import RANK_NOTHING, RANK_NOTICE, Statement

ROOT = Path(__file__).resolve().parents[3]
STORY = "The dam held. The ministers met on Saturday. They spoke about water. Rain is near. "
MEHR = (
    "All Content by Mehr News Agency is licensed under a Creative Commons Attribution 4.0"
    " International License."
)


def notices(body: str) -> tuple[Statement, ...]:
    found = find_notices(body, REGISTRY)
    for each in found:
        assert body[each.start : each.end] == each.quote
    return found


def frames(body: str) -> list[str]:
    return [each.frame for each in notices(body)]


def grants(body: str) -> list[Statement]:
    return [each for each in notices(body) if each.frame == "grant_text"]


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        pytest.param("000_028804fa6c569b56.txt", 4587, 4694, id="after-one-space"),
        pytest.param("002_8ed5c32099a933e7.txt", 2056, 2163, id="after-two-spaces"),
    ],
)
def test_the_seeds_grant_by_their_last_sentence(name: str, start: int, end: int) -> None:
    body = (ROOT / "seeds" / name).read_bytes().decode()
    (found,) = notices(body)
    assert (found.start, found.end, found.quote) == (start, end, MEHR)
    assert (found.layer, found.field, found.frame) == ("text", "body", "grant_text")
    assert (found.rank, found.rule_id) == (RANK_NOTICE, "notice.all_content")
    assert found.license is REGISTRY.by_spdx("CC-BY-4.0") or found.license == REGISTRY.by_spdx(
        "CC-BY-4.0"
    )
    assert found.licensor == "Mehr News Agency"
    assert (found.scope, found.object_kind) == ("site_by_licensor", "text")
    assert found.is_about_licensor
    assert not found.has_exception
    assert not found.has_condition
    assert found.value_sha256 == text_sha256(body)


GRANTS = [
    (MEHR, "CC-BY-4.0", "Mehr News Agency"),
    ("All content by Orchard Wire is licensed under CC BY-NC-ND 4.0.", "CC-BY-NC-ND-4.0",
     "Orchard Wire"),
    ("Content by Orchard Inc. is published under a CC-BY-SA-3.0 licence.", "CC-BY-SA-3.0",
     "Orchard Inc."),
    ("Text by L'Étoile du Nord is made available under the terms of the Creative Commons"
     " Attribution-ShareAlike 4.0 International Public License.", "CC-BY-SA-4.0",
     "L'Étoile du Nord"),
    ("This article is licensed under a Creative Commons Attribution 4.0 International License"
     " (https://creativecommons.org/licenses/by/4.0/).", "CC-BY-4.0", None),
    ("This story is published under CC BY 4.0 (Creative Commons Attribution 4.0 International).",
     "CC-BY-4.0", None),
    ("This article by Jane Roe is licensed under https://creativecommons.org/licenses/by-nd/4.0/",
     "CC-BY-ND-4.0", "Jane Roe"),
    ("This work is licensed under a Creative Commons Attribution-NonCommercial 4.0 International"
     " License.", "CC-BY-NC-4.0", None),
    ("The text is available under CC BY 3.0.", "CC-BY-3.0", None),
    ("This article is republished from Orchard Wire under a Creative Commons"
     " Attribution-NoDerivatives 4.0 International license.", "CC-BY-ND-4.0", "Orchard Wire"),
    ("Republished under CC BY 4.0.", "CC-BY-4.0", None),
    ("Republished from Orchard Wire under CC BY 4.0", "CC-BY-4.0", "Orchard Wire"),
    ("Licence: CC BY 4.0", "CC-BY-4.0", None),
    ("THIS STORY IS LICENSED UNDER CC BY 4.0.", "CC-BY-4.0", None),
    ("All Content by Mehr\xa0News\xa0Agency is licensed under a Creative\nCommons Attribution\n4.0"
     " International License.", "CC-BY-4.0", "Mehr News Agency"),
    ("All content by Orchard Wire is licensed under CC BY.", "LicenseRef-CC-BY", "Orchard Wire"),
    ("All content by Orchard Wire is licensed under CC BY 3.0 IGO.", "CC-BY-3.0-IGO",
     "Orchard Wire"),
    ("The article is licensed under CC BY 4.0.", "CC-BY-4.0", None),
    ("This text is dedicated to the public domain under CC0 1.0.", "CC0-1.0", None),
    ("This work is marked with Public Domain Mark 1.0.", "CC-PDM-1.0", None),
]  # fmt: skip


@pytest.mark.parametrize("before", [STORY, STORY.strip() + "\n\n", STORY.strip() + "\r\n"])
@pytest.mark.parametrize(("notice", "spdx", "licensor"), GRANTS)
def test_a_notice_grants(before: str, notice: str, spdx: str, licensor: str | None) -> None:
    (found,) = notices(before + notice)
    assert found.frame == "grant_text"
    assert found.license is not None
    assert (found.license.spdx_id, found.licensor) == (spdx, licensor)
    assert (found.start, found.end) == (len(before), len(before + notice))
    assert not found.has_condition


@pytest.mark.parametrize(
    "notice",
    [
        "© 2024 Orchard Wire. CC BY 4.0",
        "(c) 2020-2024 Orchard Wire, licensed under CC BY-SA 4.0.",
        "Copyright 2024 Orchard Wire | CC BY 4.0",
    ],
)
def test_a_copyright_line_grants_on_its_own_line_only(notice: str) -> None:
    (found,) = notices(f"{STORY}\n{notice}")
    assert (found.frame, found.quote, found.licensor) == ("grant_text", notice, "Orchard Wire")
    assert grants(STORY + notice) == []


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f"Headline without a stop\n{MEHR}", id="heading-before"),
        pytest.param(f"{STORY}By Jane Roe\n{MEHR}\nFollow us", id="lines-without-stops"),
        pytest.param(f"{MEHR}\n\n{STORY}", id="own-paragraph-first"),
        pytest.param(f"{MEHR}\n\nThe dam is not safe. {STORY}", id="denial-in-prose"),
        pytest.param(f"{STORY}The report may not be published. {MEHR}", id="may-not-in-prose"),
        pytest.param(f"{STORY}MNA/PR {MEHR}", id="sign-off"),
        pytest.param(f"{STORY}RD/5512345  {MEHR}", id="sign-off-with-number"),
        pytest.param(f"{STORY}(mna/pr) {MEHR}", id="sign-off-in-brackets"),
        pytest.param(f"{STORY}Orchard Wire/ms. {MEHR}", id="sign-off-with-stop"),
        pytest.param(f"{STORY}\n---\n{MEHR}", id="rule-before"),
        pytest.param(f"“One,” he said. He is 6'2\" tall. {STORY}{MEHR}", id="inches"),
        pytest.param(f"{STORY}{MEHR} Photo: N. Roe. Read more.", id="third-from-the-end"),
        pytest.param(f"{STORY}{MEHR} Photographs are not included.", id="limit-on-pictures"),
        pytest.param(f"{STORY}Photo: N. Roe, CC BY 2.0\n{MEHR}", id="picture-with-its-own"),
        pytest.param(f"“The dam’s end,” he said. “It’s near.” {MEHR}", id="quotes-before"),
        pytest.param(f"„Ja“, sagte er. «Oui», dit-il. {MEHR}", id="other-quotes-before"),
        pytest.param(f"»Ja«, sagte er. {STORY}{MEHR}", id="german-guillemets-before"),
        pytest.param(f"{STORY}\nRepublish this article:\n{MEHR}", id="heading-of-our-own"),
        pytest.param(f"{STORY}The drivers' strike is over. {MEHR}", id="apostrophe-before"),
    ],
)
def test_notices_grant_where_they_stand(body: str) -> None:
    (found,) = grants(body)
    assert found.quote == MEHR
    assert not found.has_condition
    assert "reserved" not in frames(body)


NOTHING = [
    ("mention", "CC BY 4.0"),
    ("mention", "Creative Commons Attribution 4.0 International License"),
    ("mention", "Creative Commons turned twenty."),
    ("mention", "All content by Orchard Wire is licensed under a Creative Commons licence."),
    ("mention", "All content by Orchard Wire is licensed under CC BY 4.0 or CC BY-NC 4.0."),
    ("mention", "All content by Orchard Wire is licensed under CC BY 4.0"
     " (https://creativecommons.org/licenses/by-nc/4.0/)."),
    ("mention", "This article is licensed under CC BY 4.0"
     " (https://creativecommons.org.example/by/4.0/)."),
    ("mention", "All Content by M\u0435hr News Agency is licensed under CC BY 4.0."),
    ("mention", "All Content by Mehr News Agency is licen\u017fed under CC BY 4.0."),
    ("mention", f"Is it true? {MEHR[:-1]}?"),
    ("reported", "Wikipedia moved to CC BY-SA 4.0 in 2023."),
    ("reported", "The agency said its maps are licensed under CC BY 4.0."),
    ("reported", "The ministry released its data under CC BY 4.0."),
    ("reported", f"MNA said {MEHR}"),
    ("reported", f"He said that {MEHR}"),
    ("grant_media", "Photo: N. Roe, CC BY 2.0"),
    ("grant_media", "Photo by N. Roe, licensed under CC BY 4.0"),
    ("grant_media", "All photographs by Orchard Wire are licensed under CC BY 4.0."),
    ("grant_media", "Photo: the dam. Licensed under CC BY 4.0."),
    ("grant_media", "Photo: N. Roe\nThis work is licensed under CC BY 4.0."),
    ("grant_media", "Map by N. Roe.\n© 2024 N. Roe. CC BY 4.0"),
    ("negated", "This story is not available under a Creative Commons licence."),
    ("negated", "This story is not licensed under CC BY 4.0."),
    ("negated", "This story is no longer licensed under CC BY 4.0."),
    ("negated", "Until 2019 our texts were CC BY."),
    ("negated", "Until 2019 this article was licensed under CC BY 4.0."),
    ("negated", "This article was licensed under CC BY 4.0."),
    ("hypothetical", "This article will be licensed under CC BY 4.0."),
    ("hypothetical", "This article may be licensed under CC BY 4.0."),
    ("hypothetical", "If it is ours, this article is licensed under CC BY 4.0."),
    ("quoted", f"“{MEHR}”"),
    ("quoted", f'"{MEHR}"'),
    ("quoted", f"The notice reads: “{MEHR}”"),
    ("quoted", f"The notice reads:\n{MEHR}"),
    ("quoted", f"The notice reads:\n\n{MEHR}"),
    ("quoted", f"“We share it all. {MEHR} Take it,” she said."),
    ("quoted", f'"We share it all. {MEHR} Take it," she said.'),
    ("quoted", f"‘We can’t wait. {MEHR} Take it,’ she said."),
    ("quoted", f"'We share it all. {MEHR} Don't wait,' she said."),
    ("quoted", f"«We share it all. {MEHR} Take it», she said."),
    ("quoted", f"»We share it all. {MEHR} Take it«, she said."),
    ("quoted", "> " + MEHR),
]  # fmt: skip


@pytest.mark.parametrize("join", ["", "\n\n"])
@pytest.mark.parametrize(("frame", "ending"), NOTHING)
def test_what_is_no_grant_of_the_text_has_its_own_frame(frame: str, ending: str, join: str) -> None:
    (found,) = notices(STORY + join + ending)
    assert found.frame == frame
    if not frame.startswith("grant"):
        assert found.rank == RANK_NOTHING


@pytest.mark.parametrize(
    "ending",
    [
        f"\nComments (2)\nGreat piece!\n{MEHR}",
        f"\n3 comments\n{MEHR}\n\nAll rights reserved.",
        "This article is licensed under https://creativecommons.org.example/licenses/by/4.0/",
        "This article is licensed under https://creativecomm0ns.org/licenses/by/4.0/",
        "Terms: https://free.example/creativecommons.org/licenses/by-sa/4.0/",
        "This article is under \u0421\u0421 BY 4.0.",
        "© 2026 Orchard Wire",
        "Photo: N. Roe",
        "Stavely Rovers reserve the right to appeal, the club said.",
    ],
)
def test_comments_look_alikes_and_bare_credits_are_no_statements(ending: str) -> None:
    assert notices(STORY + ending) == ()


def test_a_notice_in_the_middle_of_prose_is_a_mention_unless_it_names_this_article() -> None:
    assert frames(f"{STORY}{MEHR} {STORY}") == ["mention"]
    assert frames(f"{STORY}This article is licensed under CC BY 4.0. {STORY}") == ["grant_text"]


def test_a_thing_spoken_of_before_is_not_this_text() -> None:
    ending = "The report is licensed under CC BY 4.0."
    assert frames(STORY + ending) == ["grant_text"]
    assert frames(f"The board has read a report on the dam. {STORY}{ending}") == ["reported"]


@pytest.mark.parametrize("is_after", [True, False])
@pytest.mark.parametrize(
    ("other", "frame"),
    [
        ("This article is licensed under CC BY-NC 4.0.", "grant_text"),
        ("All rights reserved.", "reserved"),
        ("It may not be republished.", "reserved"),
        ("This story is not available under a Creative Commons licence.", "negated"),
    ],
)
def test_statements_that_contradict_are_all_returned(
    other: str, frame: str, is_after: bool
) -> None:
    body = f"{STORY}{MEHR} {other}" if is_after else f"{STORY}{other} {MEHR}"
    expected = ["grant_text", frame] if is_after else [frame, "grant_text"]
    assert frames(body) == expected


@pytest.mark.parametrize(
    "limit",
    [
        "This licence does not apply to this story.",
        "Unless it is stated otherwise.",
        "Republication is prohibited.",
        "Stories of partners are not included.",
    ],
)
def test_a_limit_behind_a_notice_is_a_condition(limit: str) -> None:
    (found,) = grants(f"{STORY}{MEHR} {limit}")
    assert found.has_condition


@pytest.mark.parametrize(
    ("notice", "has_exception", "has_condition"),
    [
        ("Except where otherwise noted, this article is licensed under CC BY 4.0.", True, False),
        ("Unless a piece says otherwise, our texts are under CC BY 4.0.", True, False),
        ("All content by Orchard Wire, except photographs, is licensed under CC BY 4.0.",
         False, False),
        ("This article is licensed under CC BY 4.0, but the photos are not included.",
         False, False),
        ("This article is licensed under CC BY 4.0, but newspapers need our consent.",
         False, True),
        ("This article is licensed under CC BY 4.0 for thirty days.", False, True),
    ],
)  # fmt: skip
def test_exceptions_and_conditions(notice: str, has_exception: bool, has_condition: bool) -> None:
    (found,) = grants(STORY + notice)
    assert (found.has_exception, found.has_condition) == (has_exception, has_condition)


@pytest.mark.parametrize(
    ("notice", "scope", "is_about_licensor"),
    [
        ("This article is licensed under CC BY 4.0.", "this_object", False),
        ("All content by Orchard Wire is licensed under CC BY 4.0.", "site_by_licensor", True),
        ("Our articles are licensed under CC BY 4.0.", "site", True),
    ],
)
def test_the_scope_says_whether_only_the_licensors_own_is_given(
    notice: str, scope: str, is_about_licensor: bool
) -> None:
    (found,) = grants(STORY + notice)
    assert (found.scope, found.is_about_licensor) == (scope, is_about_licensor)


def test_every_object_has_its_own_statement() -> None:
    body = (
        f"{STORY}\n\nPhoto: K. Imber, CC BY 2.0\nThe table itself is open data under ODbL 1.0."
        " This article: CC BY-NC-ND 4.0"
    )
    found = [(e.frame, e.object_kind, e.license.spdx_id) for e in notices(body) if e.license]
    assert found == [
        ("grant_media", "image", "CC-BY-2.0"),
        ("grant_other_object", "dataset", "ODbL-1.0"),
        ("grant_text", "text", "CC-BY-NC-ND-4.0"),
    ]


@pytest.mark.parametrize(
    ("ending", "quote"),
    [
        ("Picture: R. Roe. CC BY-SA 4.0.", "Picture: R. Roe. CC BY-SA 4.0."),
        ("Want to use this work? Do, on the terms of CC BY 4.0.",
         "Want to use this work? Do, on the terms of CC BY 4.0."),
        ("US Government work: this release is not subject to copyright, 17 U.S.C. § 105.",
         "US Government work: this release is not subject to copyright, 17 U.S.C. § 105."),
        ("(This text may be used under CC BY 4.0.)", "(This text may be used under CC BY 4.0.)"),
        ("this piece is cc by-sa 4.0,\nlike the rest.",
         "this piece is cc by-sa 4.0,\nlike the rest."),
    ],
)  # fmt: skip
def test_a_span_is_the_whole_statement_and_no_more(ending: str, quote: str) -> None:
    assert [each.quote for each in notices(STORY + ending)] == [quote]


def test_without_a_word_of_rights_nothing_is_found() -> None:
    assert notices(STORY) == ()
    assert notices("") == ()
    assert notices(" \n ") == ()
