from __future__ import annotations

import json
from datetime import date
from typing import Any

import pytest
from known_licenses import REGISTRY
from made_statements import licensed
from sample_records import SOURCE, raw_article

from dateline.records import RightsSignal
from dateline.rights.confidence import Confidences, Counted
from dateline.rights.contracts import Contract
from dateline.rights.read_rights import notice_spans, read_rights
from dateline.rights.record import Rights
from dateline.settings import PROJECT_DIR

STORY = "The harbour council voted on Tuesday to dredge the northern basin. Work begins in May.\n\n"
NOTICE = "This article is licensed under CC BY 4.0."
ALL_CONTENT = (
    "All Content by Mehr News Agency is licensed under a Creative Commons Attribution 4.0"
    " International License."
)
BY = "Creative Commons Attribution 4.0 International"
URI = "https://creativecommons.org/licenses/by/4.0/"


def rights_of(
    body: str, *, contracts: Any = (), agency: str | None = None, **fields: Any
) -> Rights:
    return read_rights(
        raw_article(body, **fields),
        registry=REGISTRY,
        confidences=Confidences(
            by_kind={("text", "grant_text", "notice.all_content"): Counted(hits=18, n=18)}
        ),
        contracts=contracts,
        agency=agency,
    )


def html_signal(field: str, value: str) -> RightsSignal:
    return RightsSignal(layer="html", field=field, value=value)


@pytest.mark.parametrize(
    ("name", "agency"),
    [("000_028804fa6c569b56.txt", None), ("002_8ed5c32099a933e7.txt", "MNA")],
)
def test_read_rights_reads_the_seeds(name: str, agency: str | None) -> None:
    body = (PROJECT_DIR / "seeds" / name).read_bytes().decode("utf-8")
    rights = rights_of(body, agency=agency)
    assert (rights.status, rights.spdx_expression) == ("granted", "CC-BY-4.0")
    assert rights.licensor == "Mehr News Agency"
    assert [body[slice(*span)] for span in notice_spans(rights)] == [ALL_CONTENT]
    assert rights.attribution is not None
    assert rights.attribution.text == f"Mehr News Agency, licensed under {BY} ({URI})."
    assert rights.attribution.is_complete
    assert rights.notes == tuple(
        f"{part} not supplied by the source" for part in ("title", "author", "address")
    )
    assert rights.confidence == 0.95
    assert rights.evidence[0].registry_version == REGISTRY.version


def test_read_rights_of_plain_text_is_plainly_unknown() -> None:
    rights = rights_of(STORY)
    assert (rights.status, rights.evidence, rights.notes) == ("unknown", (), ())
    assert rights.attribution is None


def test_read_rights_weighs_text_and_page() -> None:
    link = html_signal("link[rel=license]@head", "https://creativecommons.org/licenses/by-nc/4.0/")
    assert rights_of(STORY, rights_signals=(link,)).spdx_expression == "CC-BY-NC-4.0"
    rights = rights_of(STORY + NOTICE, rights_signals=(link,))
    assert (rights.status, rights.spdx_expression) == ("granted", "CC-BY-4.0")
    assert [e.layer for e in rights.evidence] == ["text", "html"]


@pytest.mark.parametrize("field", ["hidden-text", "comment-text", "comment-text (cut)"])
def test_read_rights_does_not_count_what_the_page_hides(field: str) -> None:
    unseen = html_signal(field, f"Lovely harbour!   {NOTICE.upper()} Bye.")
    rights = rights_of(STORY + NOTICE, rights_signals=(unseen,))
    assert rights.status == "unknown"
    assert notice_spans(rights) == ()
    assert "mention" in {e.frame for e in rights.evidence if e.layer == "text"}
    other = html_signal(field, "Lovely harbour!")
    assert rights_of(STORY + NOTICE, rights_signals=(other,)).status == "granted"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        pytest.param(STORY + ALL_CONTENT, {"credit": "AFP"}, id="credit"),
        pytest.param(STORY + ALL_CONTENT, {"authors": ("M. Duvane, Reuters",)}, id="byline"),
        pytest.param(STORY + ALL_CONTENT, {"publisher": "Xinhua"}, id="source"),
        pytest.param(f"DUNE CITY (AFP) - {STORY}{ALL_CONTENT}", {}, id="dateline"),
        pytest.param(f"{STORY}(with agencies)\n{ALL_CONTENT}", {}, id="tail"),
        pytest.param(STORY + ALL_CONTENT, {"agency": "Harbour News"}, id="unknown-agency"),
    ],
)
def test_read_rights_leaves_an_agencys_text_to_the_agency(body: str, fields: Any) -> None:
    rights = rights_of(body, **fields)
    assert (rights.status, rights.licensor) == ("unknown", None)
    assert "R3" in rights.resolution.rules


def test_read_rights_takes_its_own_agency_for_no_stranger() -> None:
    own = f"TEHRAN, Jan. 11 (MNA) – {STORY}{ALL_CONTENT}"
    assert rights_of(own, agency="MNA", credit="Mehr News Agency").status == "granted"


def test_read_rights_keeps_to_a_contract_of_the_source() -> None:
    contract = Contract(
        source_id=SOURCE, license=licensed("CC-BY-SA-4.0"), licensor="Orchard Wire",
        since=date(2000, 1, 1), signed_by="A. Operator",
    )  # fmt: skip
    rights = rights_of(STORY, contracts=[contract])
    assert (rights.status, rights.spdx_expression) == ("granted", "CC-BY-SA-4.0")
    assert rights.attribution is not None
    assert rights.attribution.is_complete
    assert rights_of(STORY, contracts=[contract], credit="AFP").status == "unknown"


def test_notice_spans_leave_what_is_part_of_the_story() -> None:
    body = (
        'The ministry released its maps under CC BY 4.0. "All our texts are under CC BY 4.0,"'
        f" the notice read.\n\nPhoto: N. Roe, CC BY 2.0\n\n{STORY}{NOTICE}"
    )
    assert [body[slice(*span)] for span in notice_spans(rights_of(body))] == [NOTICE]


def test_notice_spans_leave_a_pictures_notice() -> None:
    rights = rights_of(f"{STORY}All rights in the photographs are reserved.")
    assert [e.frame for e in rights.evidence] == ["reserved"]
    assert notice_spans(rights) == ()


def test_notice_spans_hold_reservations_and_house_terms() -> None:
    body = f"{STORY}You may republish this story free of charge.\n\nAll rights reserved."
    spans = notice_spans(rights_of(body))
    assert body[slice(*spans[-1])] == "All rights reserved."
    assert spans == tuple(sorted(spans))


def test_read_rights_gives_a_public_domain_text_a_courtesy_line() -> None:
    rights = rights_of(f"{STORY}This article is dedicated to the public domain under CC0 1.0.")
    assert rights.status == "public_domain"
    assert rights.attribution is not None
    assert rights.attribution.text.startswith("Marked with CC0 1.0 Universal (")


ORCHARD = "All Content by Orchard Wire is licensed under CC BY 4.0."
CHANNEL = RightsSignal(
    layer="feed",
    field="channel/creativeCommons:license",
    value="https://creativecommons.org/licenses/by-sa/4.0/",
)
ITEM_KEPT = RightsSignal(layer="feed", field="item/dc:rights", value="All rights reserved")
NODE = RightsSignal(
    layer="jsonld",
    field="NewsArticle",
    value='{"@type":"NewsArticle","url":"https://o.example/1",'
    '"license":"https://creativecommons.org/licenses/by-nc-sa/4.0/"}',
)
LINK = html_signal("link[rel=license]@head", URI)
TDM = RightsSignal(layer="http", field="tdm-reservation", value="1")


@pytest.mark.parametrize(
    ("body", "fields", "expected"),
    [
        pytest.param(ORCHARD, {}, ("granted", "CC-BY-4.0", (), ()), id="all-content"),
        pytest.param(
            ORCHARD, {"credit": "AFP"}, ("unknown", "NOASSERTION", ("R3",), ()), id="agency"
        ),
        pytest.param(
            "Photo: N. Roe, CC BY 2.0", {}, ("unknown", "NOASSERTION", ("R1",), ()), id="photo"
        ),
        pytest.param(
            "This article is licensed under CC BY 4.0.\n\nAll rights reserved.",
            {},
            ("conflict", "CC-BY-4.0", ("R4", "R8"), ("grant_vs_reserved",)),
            id="conflict",
        ),
        pytest.param(
            "",
            {"rights_signals": (CHANNEL, ITEM_KEPT)},
            ("reserved", "NOASSERTION", ("R8",), ()),
            id="item-over-channel",
        ),
        pytest.param(
            "",
            {"url": "https://o.example/1", "rights_signals": (NODE, LINK)},
            ("granted", "CC-BY-NC-SA-4.0", (), ()),
            id="object-over-page",
        ),
        pytest.param(
            "",
            {"rights_signals": (LINK, TDM)},
            ("granted", "CC-BY-4.0", (), ("grant_vs_reservation",)),
            id="preference",
        ),
    ],
)
def test_read_rights_answers_as_docs_licensing_says(body: str, fields: Any, expected: Any) -> None:
    rights = rights_of(STORY + body, **fields)
    status, spdx, rules, conflicts = expected
    assert (rights.status, rights.spdx_expression) == (status, spdx)
    assert set(rules) <= set(rights.resolution.rules)
    assert rights.resolution.conflicts == conflicts


@pytest.mark.parametrize(
    ("canonical", "named", "status"),
    [
        ("https://post.example/news/mill", "https://post.example/news/mill", "granted"),
        ("/news/mill", "https://www.post.example/news/mill/", "granted"),
        (None, "https://post.example/news/mill", "unknown"),
        ("https://post.example/news/mill", "https://post.example/news/other", "unknown"),
        ("https://wire.example/mill", "https://wire.example/mill", "unknown"),
        ("https://post.example/", "https://post.example/", "unknown"),
    ],
)
def test_an_article_is_also_what_its_page_calls_its_address(
    canonical: str | None, named: str, status: str
) -> None:
    node = json.dumps({"@type": "NewsArticle", "url": named, "license": URI})
    signal = RightsSignal(layer="jsonld", field="script[type=application/ld+json]", value=node)
    rights = rights_of(
        STORY, url="https://post.example/f?id=7", canonical_url=canonical, rights_signals=(signal,)
    )
    assert rights.status == status
