from __future__ import annotations

import pytest
from known_licenses import REGISTRY
from made_statements import grant, statement
from signals_beside import BY, html

from dateline.rights.signals.make_statement import (
    Notices,
    Standing,
    field_statements,
    named_license,
    nothing,
    placed,
)

PAGE = Standing(rank=60, scope="this_object", rule="test")
NOTICES = Notices(REGISTRY)


def test_a_grant_without_a_licence_is_a_mention() -> None:
    found = placed(html("meta[name=rights]", "free"), PAGE, NOTICES, statement(), (0, 4))
    assert (found.frame, found.rank) == ("mention", 10)


def test_prose_takes_the_object_of_its_place() -> None:
    signal = html("[class*=copyright]@figure", "This text is CC BY 4.0")
    found = placed(signal, PAGE.of("image", "figure 1"), NOTICES, grant(), (0, 22))
    assert (found.frame, found.object_kind, found.object_key) == (
        "grant_media", "image", "figure 1",
    )  # fmt: skip


def test_where_nothing_counts_nothing_is_granted_reserved_or_denied() -> None:
    signal = html("hidden-text", "All rights")
    for said in (grant(), statement("reserved"), statement("negated")):
        found = placed(signal, nothing("test"), NOTICES, said, (0, 3))
        assert found.rank == 10
        assert found.frame in ("mention", "negated")


@pytest.mark.parametrize(
    ("text", "spdx"),
    [
        (BY, "CC-BY-4.0"),
        (" cc-by-4.0 ", "CC-BY-4.0"),
        ("Creative Commons Attribution 4.0 International", "CC-BY-4.0"),
        ("CC BY 4.0.", "CC-BY-4.0"),
        ("not CC BY 4.0", None),
        ("CC BY 4.0, CC BY-SA 4.0", None),
        ("Creative Commons", None),
        ("", None),
    ],
)
def test_a_field_names_a_licence_if_it_is_nothing_else(text: str, spdx: str | None) -> None:
    found = named_license(text, REGISTRY)
    assert (found.spdx_id if found else None) == spdx


def test_a_part_of_a_value_is_quoted_from_where_it_stands() -> None:
    value = f"a title\nThis article is licensed under CC BY 4.0.\n{BY}"
    signal = html("meta[name=rights]", value)
    (prose,) = field_statements(signal, PAGE, NOTICES, (8, 49))
    (address,) = field_statements(signal, PAGE, NOTICES, (50, len(value)))
    assert (prose.quote, address.quote) == ("This article is licensed under CC BY 4.0.", BY)
