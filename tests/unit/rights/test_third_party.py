from __future__ import annotations

import time

import pytest

from dateline.rights.third_party import SOME_AGENCIES, agencies_named, credits_in, third_parties


def named_in(body: str) -> set[str]:
    return {agency for piece in credits_in(body) for agency in agencies_named(piece)}


@pytest.mark.parametrize(
    ("credit", "expected"),
    [
        ("AFP", ("AFP",)),
        ("M. Duvane, AFP", ("AFP",)),
        ("AP, Reuters", ("AP", "Reuters")),
        ("REUTERS/L. Ode", ("Reuters",)),
        ("Own report, with agencies", (SOME_AGENCIES,)),
        ("Da Redação, com agências", (SOME_AGENCIES,)),
        ("A. Borg (mit Agenturen)", (SOME_AGENCIES,)),
        ("رويترز", ("Reuters",)),
        ("خبرگزاری فرانسه", ("AFP",)),
        ("据新华社", ("Xinhua",)),
        ("Mehr News Agency", ("Mehr",)),
        ("Ana Apel, Pamela Tass-Ansari", ()),
        ("Nap Wire, staff", ()),
        ("", ()),
    ],
)
def test_agencies_named_reads_credits(credit: str, expected: tuple[str, ...]) -> None:
    assert agencies_named(credit) == expected


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        pytest.param("DUNE CITY (AFP) - Rescuers pulled three out.", {"AFP"}, id="dateline"),
        pytest.param("CAPITAL DEL SUR (EFE).- El banco subió.", {"EFE"}, id="dot-dash"),
        pytest.param("Berlin, dpa – Die Quote sinkt.", {"dpa"}, id="no-brackets"),
        pytest.param("هورمانا (رویترز) - زمین‌لرزه.", {"Reuters"}, id="persian"),
        pytest.param("A storm came. (Own report, with agencies)", {SOME_AGENCIES}, id="tail"),
        pytest.param("A storm came.\n\nSource: Xinhua", {"Xinhua"}, id="source-line"),
        pytest.param("Par Ana Roe, AFP\nLa tempête est passée.", {"AFP"}, id="byline"),
        pytest.param("A storm came, the minister said. AFP", {"AFP"}, id="sign-off"),
        pytest.param("Ein Sturm kam.\ndpa/mf", {"dpa"}, id="desk-sign"),
        pytest.param("A storm came. (Photo: AFP)", set(), id="picture"),
        pytest.param("Reuters said on Monday that a storm came.", set(), id="subject"),
        pytest.param("Reuters sells its house\nThe house is old.", set(), id="headline"),
        pytest.param(
            "A storm came. Reuters counted 20 dead, AFP 30. Rain fell.", set(), id="prose"
        ),
        pytest.param("", set(), id="empty"),
    ],
)
def test_credits_in_reads_where_credits_stand(body: str, expected: set[str]) -> None:
    assert named_in(body) == expected


@pytest.mark.parametrize(
    ("credits", "agency", "owner", "expected"),
    [
        pytest.param(["AFP"], None, "Orchard Wire", ("AFP",), id="credit"),
        pytest.param(["AFP"], None, None, ("AFP",), id="nobody-named"),
        pytest.param(["AFP"], None, "Agence France-Presse", (), id="its-own"),
        pytest.param(["AFP, Reuters"], None, "AFP", ("Reuters",), id="one-of-two"),
        pytest.param(["with agencies"], None, "AFP", (SOME_AGENCIES,), id="some"),
        pytest.param([], "MNA", "Mehr News Agency", (), id="known-short-name"),
        pytest.param([], "LW", "Lakeside Wire", (), id="initials"),
        pytest.param([], "Lakeside Wire", "The Lakeside Wire", (), id="same-name"),
        pytest.param([], "Harbour News", "Lakeside Wire", ("Harbour News",), id="unknown"),
        pytest.param([], "Harbour News", None, (), id="unknown-and-nobody"),
        pytest.param([], "Updated", "Lakeside Wire", (), id="no-agency"),
    ],
)
def test_third_parties_knows_the_owner(
    credits: list[str], agency: str | None, owner: str | None, expected: tuple[str, ...]
) -> None:
    owners = [owner] if owner else []
    assert third_parties(credits, dateline_agency=agency, owners=owners) == expected


@pytest.mark.parametrize(
    "text", ["(" * 1_000_000, "AFP, " * 300_000, "a/" * 500_000, "by " * 400_000]
)
def test_credits_in_is_quick_on_hostile_text(text: str) -> None:
    began = time.process_time()
    named_in(text)
    assert time.process_time() - began < 1
