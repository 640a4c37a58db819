"""The exact span of a statement: which sentences, lines, brackets and facts belong to it."""

from __future__ import annotations

import pytest
from known_licenses import REGISTRY

from dateline.rights.notices import find_notices

STORY = "The dam held. The ministers met on Saturday. They spoke about water. Rain is near."


def spans(marked: str, language: str | None = None) -> tuple[list[str], list[str]]:
    """Return the quotes found in a text, and those that stand in ``[[ ]]`` in it."""
    expected = [part.partition("]]")[0] for part in marked.split("[[")[1:]]
    body = marked.replace("[[", "").replace("]]", "")
    return [each.quote for each in find_notices(body, REGISTRY, language=language)], expected


@pytest.mark.parametrize(
    "marked",
    [
        pytest.param(f"{STORY}\n\n[[Text: N. Roe. Licence: CC BY 4.0.]]", id="label-and-label"),
        pytest.param(f"{STORY} Editor: N. Roe. [[Licence: CC BY 4.0.]]", id="editor-is-no-owner"),
        pytest.param(
            f"{STORY} [[Artist's impression: R. Amadi. Licence: CC BY 4.0.]] It rained.",
            id="credit-in-mid-line",
        ),
        pytest.param(f"{STORY}\nPosted: 21 May\n[[Licence: CC BY 4.0]]", id="label-on-own-line"),
        pytest.param(
            f"{STORY}\n[[Please cite as: Roe, N., Orchard Wire, 2026. CC BY 4.0.]]", id="citation"
        ),
        pytest.param(f"{STORY}\n[[Photo © P. Wills 2009. CC BY 2.5 AU.]]", id="photo-copyright"),
        pytest.param(
            f"{STORY}\n[[© 2026 Orchard Wire. Licensed under CC BY 4.0.]]", id="copyright-line"
        ),
        pytest.param(
            f"{STORY}\n[[Some rights reserved. This item is available under CC BY 3.0 IGO.]]",
            id="some-rights",
        ),
        pytest.param(
            f"{STORY}\n\n[[Creative Commons License\nThis work is licensed under a Creative Commons"
            " Attribution 4.0 International License.]]",
            id="heading-of-the-badge",
        ),
        pytest.param(
            f"{STORY}\n[[All rights reserved. No part of this may be copied. Do not copy.]] Rain",
            id="reservation-of-three",
        ),
        pytest.param(
            "The museum reopens. [[This text is free to republish. It is under CC BY 4.0.]]",
            id="use-and-licence",
        ),
        pytest.param(
            "This text first ran in May. [[It is under CC BY 4.0.]]", id="report-and-licence"
        ),
    ],
)
def test_sentences_that_only_together_make_a_statement_are_one(marked: str) -> None:
    found, expected = spans(marked, "en")
    assert found == expected


@pytest.mark.parametrize(
    ("marked", "language"),
    [
        ("[[May I reprint this? Yes, so long as the credit stays: it is CC BY 4.0.]]", "en"),
        ("[[Posso copiar este texto? Pode. Ele está sob a licença CC BY 4.0.]]", "pt"),
        ("[[¿Puedo copiar este texto? Sí, con licencia CC BY 4.0.]]", "es"),
        ("Six of us. [[Are your texts CC BY-NC 4.0? Not any more.]] Do you take tips? Yes.", "en"),
        ("Will it rain? [[The text is published under CC BY 4.0.]]", "en"),
    ],
)
def test_a_question_and_its_answer_are_one_statement(marked: str, language: str) -> None:
    found, expected = spans(f"{STORY}\n{marked}", language)
    assert found == expected


@pytest.mark.parametrize(
    "marked",
    [
        pytest.param(
            "[[The natural history museum has now put 80,000 scans of beetles online under CC0, as"
            " its head Ines\nSolberg said on Wednesday.]] The collection began in 1840.",
            id="wrapped-before-a-name",
        ),
        pytest.param(
            "[[Except where otherwise noted, the texts of this society are published under the"
            " Attribution 4.0 International licence\n(CC BY 4.0).]] The members met.",
            id="wrapped-before-brackets",
        ),
        pytest.param(
            "Headline of the day\n[[This text is licensed under CC BY 4.0]]\nThe ferry sails.",
            id="short-lines-are-not-wrapped",
        ),
        pytest.param(
            f"{STORY} [[Copyright 2026 by Hollis Media, all rights reserved, do not repost]]"
            "\nDining hall prices will go up in the fall.",
            id="short-notice-before-prose",
        ),
        pytest.param(
            "Repair ships are on their way.\n[[our words are cc by-sa 4.0, help yourself]]",
            id="line-in-small-letters",
        ),
        pytest.param("### Licence\n[[This text is under CC BY 4.0.]]", id="markdown-heading"),
        pytest.param(f"{STORY}\n- [[This text is under CC BY 4.0.]]", id="bullet"),
        pytest.param(f"{STORY}\nNotes\n1. It ran.\n[[2. This text is CC BY 4.0.]]", id="item"),
    ],
)
def test_lines_that_belong_together_are_one(marked: str) -> None:
    found, expected = spans(marked, "en")
    assert found == expected


@pytest.mark.parametrize(
    "marked",
    [
        pytest.param(f"{STORY}\n[[(Our copy is under CC BY 4.0. Name us.)]]", id="two-inside"),
        pytest.param("HALMO, May 3 [[(Tideline, CC BY 4.0)]] - Fishermen struck.", id="dateline"),
        pytest.param(
            "A loon on the lake [[(photo: N. Roe, CC BY 2.0)]]. The ministry waits.", id="aside"
        ),
        pytest.param(
            "[[The picture shows the market (City Archive, CC BY 2.0).]] It rained.",
            id="aside-of-a-sentence-about-it",
        ),
        pytest.param(
            "[[This text may be printed (licence: CC BY 4.0).]] It rained.", id="aside-of-ours"
        ),
        pytest.param(
            "He said: “The mill is old.” [[(extract: Fenpedia, CC BY-SA 4.0)]]\nIt is sold.",
            id="after-a-quotation",
        ),
        pytest.param(f"[[This text is under CC BY 4.0.]] (fp/ow)\n{STORY}", id="sign-off-behind"),
        pytest.param("OLMGATE - [[Its archive is under CC0, a clerk said.]]", id="dateline-before"),
        pytest.param("PORT SELWYN [[(Strait, CC BY 4.0)]] - Ten came.", id="dateline-of-two-words"),
        pytest.param(
            '[[The forged page says: "All rights reserved. No part of it may be copied."]] Why?',
            id="quotation-of-two-sentences",
        ),
        pytest.param(
            '[["Do with it what you like under CC BY 4.0. - K.", reads its last line.]] It ends.',
            id="quotation-that-goes-on",
        ),
        pytest.param(
            "[[It was CC BY-SA 4.0 once, but this guest post isn't.]] Ask Tove.", id="apostrophe"
        ),
        pytest.param(
            f"{STORY}\n[[Photo by Spc. Dana Roe / Kettle Watch, licensed CC BY 4.0]]", id="rank"
        ),
    ],
)
def test_brackets_datelines_and_quotations_bound_a_statement(marked: str) -> None:
    found, expected = spans(marked, "en")
    assert found == expected


@pytest.mark.parametrize(
    ("marked", "language"),
    [
        ("雨が降る。[[この記事は CC BY 4.0 で公開されています。]]写真は別です。", "ja"),
        ("▲ 복원을 마친 서문. 사진=솔메군청, 공공누리 제1유형\n솔메군은 30일 식을 연다.", "ko"),
        ("باران آمد؟ [[متن این خبر با مجوز CC BY 4.0 منتشر شده است۔]] باد هم آمد.", "fa"),
        ("كتبت: هدى\n[[رخصة النص: CC BY-NC-SA 4.0]]\nعلى ضفة النهر كانت النساء.", "ar"),
        ("Es regnet.\n[[Text: Heimatverein e. V., CC BY 4.0.]] Foto: N. Roe.", "de"),
    ],
)
def test_stops_and_line_breaks_of_other_scripts(marked: str, language: str) -> None:
    first_line = marked.partition("\n")[0]
    marked = marked if "[[" in marked else marked.replace(first_line, f"[[{first_line}]]")
    found, expected = spans(marked, language)
    assert found == expected
