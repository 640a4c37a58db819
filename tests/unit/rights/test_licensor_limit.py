"""Rule R3: a grant of what its licensor owns gives nothing of anybody else's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from known_licenses import REGISTRY
from made_statements import grant, statement
from sample_records import raw_article

from dateline.rights.confidence import Confidences
from dateline.rights.facts import Facts
from dateline.rights.read_rights import read_rights
from dateline.rights.record import Rights
from dateline.rights.resolve import resolve
from dateline.rights.statement import RANK_PAGE, Reading, Statement

ALL_CONTENT = grant(
    licensor="Lakeside Wire", scope="site_by_licensor", is_about_licensor=True,
    rule_id="notice.all_content",
)  # fmt: skip
THIS_TEXT = grant(start=100)


def resolved(*statements: Statement, facts: Facts) -> Rights:
    return resolve(Reading(statements=statements), facts)


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(Facts(), id="nothing-known"),
        pytest.param(Facts(publisher="Lakeside Wire"), id="publisher"),
        pytest.param(Facts(publisher="The Lakeside Wire Ltd."), id="legal-form"),
        pytest.param(Facts(publisher="LW"), id="initials"),
        pytest.param(Facts(credits=("By Ana Roe, Lakeside Wire",)), id="byline"),
        pytest.param(Facts(publisher="Orchard News", credits=("Lakeside Wire",)), id="credit"),
        pytest.param(Facts(publisher="Orchard News", agency="LW"), id="dateline"),
        pytest.param(
            Facts(publisher="Orchard News", body_credits=("Source: Lakeside Wire",)), id="body"
        ),
        pytest.param(Facts(publisher="Home page", host="www.lakesidewire.example"), id="host"),
        pytest.param(Facts(publisher="خبرگزاری نیلاب"), id="another-script"),
    ],
)
def test_a_licensors_own_text_is_given(facts: Facts) -> None:
    assert resolved(ALL_CONTENT, facts=facts).status == "granted"


@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(Facts(publisher="Orchard News"), id="publisher"),
        pytest.param(Facts(credits=("By Ana Roe, Orchard News",)), id="byline"),
        pytest.param(Facts(credits=("Orchard News",)), id="credit"),
        pytest.param(Facts(agency="Orchard News"), id="dateline"),
        pytest.param(Facts(publisher="Lakeside Herald"), id="half-the-name"),
        pytest.param(Facts(publisher="Orchard News", host="orchard.example"), id="host"),
    ],
)
def test_anybody_elses_text_is_not_given(facts: Facts) -> None:
    rights = resolved(ALL_CONTENT, facts=facts)
    assert (rights.status, rights.spdx_expression) == ("unknown", "NOASSERTION")
    assert rights.resolution.rules == ("R3", "R9")
    assert rights.notes[0].startswith("the text is credited to others: ")


def test_a_statement_about_this_very_text_stands_beside_another_publisher() -> None:
    facts = Facts(publisher="Orchard News")
    rights = resolved(ALL_CONTENT, THIS_TEXT, facts=facts)
    assert (rights.status, rights.resolution.rules) == ("granted", ("R3",))
    assert rights.licensor is None


def test_what_a_licensor_limit_takes_is_not_made_up_for_by_a_lower_level() -> None:
    strict = replace(ALL_CONTENT, license=grant("CC-BY-NC-4.0").license)
    loose = grant(rank=RANK_PAGE, layer="html", rule_id="html.rel_license.notice.this_text")
    assert resolved(strict, loose, facts=Facts()).effective == ("by", "nc")
    assert resolved(strict, loose, facts=Facts(publisher="Orchard News")).status == "unknown"


def test_a_reservation_stands_where_the_grant_is_taken() -> None:
    kept = statement("reserved", quote="All rights reserved.", start=90)
    assert resolved(ALL_CONTENT, kept, facts=Facts(publisher="Orchard News")).status == "reserved"


@pytest.mark.parametrize(
    ("body", "publisher", "expected"),
    [
        ("All content by Lakeside Wire is licensed under CC BY 4.0.", "Orchard News", "unknown"),
        ("All content by Lakeside Wire is licensed under CC BY 4.0.", "Lakeside Wire", "granted"),
        ("Lakeside Wire publishes its articles under CC BY 4.0.", "Orchard News", "unknown"),
        ("Lakeside Wire publishes its articles under CC BY 4.0.", None, "granted"),
        ("This article is licensed under CC BY 4.0 by Lakeside Wire.", "Orchard News", "granted"),
    ],
)
def test_the_rule_holds_for_whole_articles(body: str, publisher: str | None, expected: str) -> None:
    text = f"The ferry to Halmo sails again from Monday.\n\n{body}"
    made = raw_article(text, publisher=publisher)
    rights = read_rights(made, registry=REGISTRY, confidences=Confidences())
    assert rights.status == expected


NAMES = ["Lakeside Wire", "Orchard Wire", "AFP", "By Ana Roe", "L. Ode, Orchard Wire", "MNA"]
some_facts = st.builds(
    Facts,
    publisher=st.sampled_from([None, *NAMES]),
    credits=st.lists(st.sampled_from(NAMES), max_size=2).map(tuple),
    agency=st.sampled_from([None, *NAMES]),
    host=st.sampled_from([None, "orchardwire.example", "mirror.example"]),
)


@st.composite
def text_statement(draw: st.DrawFn) -> Statement:
    """A grant, reservation or denial on one of two levels, about this text or a licensor's all."""
    is_limited = draw(st.booleans())
    return statement(
        draw(st.sampled_from(["grant_text", "grant_text", "grant_text", "reserved", "negated"])),
        draw(st.sampled_from(["CC-BY-4.0", "CC-BY-NC-4.0", "CC-BY-SA-4.0"])),
        draw(st.sampled_from([60, 70])),
        licensor=draw(st.sampled_from([None, "Lakeside Wire", "AFP"])),
        scope="site_by_licensor" if is_limited else "this_object",
        is_about_licensor=is_limited,
    )


statements = st.lists(text_statement(), min_size=2, max_size=4)
THIRD_PARTIES = ("Reuters", "With agencies", "The Tarrant Herald", "Ines Vale, Xinhua")


@given(statements, some_facts, st.sampled_from(THIRD_PARTIES))
def test_one_more_third_party_never_widens(found: Any, facts: Facts, other: str) -> None:
    before = resolved(*found, facts=facts)
    after = resolved(*found, facts=replace(facts, credits=(*facts.credits, other)))
    if after.status in ("granted", "public_domain"):
        assert before.status == after.status
        assert before.spdx_expression == after.spdx_expression
