from __future__ import annotations

from typing import Any

import pytest
from known_licenses import REGISTRY
from signals_beside import ARTICLE, BY, BY_SA, claims, jsonld, statements, text_grants

from dateline.rights.signals import read_signals

TEXT_90 = [("grant_text", "text", "CC-BY-4.0", 90)]
OURS = {"@type": "NewsArticle", "url": ARTICLE}


@pytest.mark.parametrize(
    "naming",
    [
        {"url": "http://www.post.example/news/mill/"},
        {"@id": "https://post.example/news/mill#article"},
        {"@id": "#article"},
        {"mainEntityOfPage": {"@id": ARTICLE}},
        {"@id": "https://post.example/#/schema/1", "mainEntityOfPage": ARTICLE},
        {"url": f"{ARTICLE}?utm_source=feed"},
    ],
)
def test_a_licence_on_the_articles_own_node_is_the_highest(naming: dict[str, Any]) -> None:
    assert claims(jsonld({"@type": "NewsArticle", **naming, "license": BY})) == TEXT_90


@pytest.mark.parametrize(
    "license_",
    [
        "CC-BY-4.0",
        "CC BY 4.0",
        [BY],
        {"@type": "CreativeWork", "name": "our licence", "url": BY},
        {"@id": BY},
        "This article is licensed under CC BY 4.0.",
        'This article is licensed under "CC BY 4.0".',
    ],
)
def test_forms_of_a_licence(license_: object) -> None:
    assert claims(jsonld({**OURS, "license": license_})) == TEXT_90


@pytest.mark.parametrize(
    "node",
    [
        {"@type": "NewsArticle", "url": "https://post.example/news/other"},
        {"@type": "Comment", "url": ARTICLE},
        {"@type": "Organization", "name": "Post"},
        {"name": "a node without type or address"},
        {"@type": "ItemList", "itemListElement": [{"@type": "NewsArticle", "license": BY}]},
        {"@type": "NewsArticle", "url": ARTICLE, "comment": [{"@type": "Comment", "license": BY}]},
        {"@type": "NewsArticle", "url": ARTICLE, "hasPart": {"@type": "Article", "license": BY}},
        {"@type": "Person", "image": {"@type": "Comment", "license": BY}},
    ],
)
def test_a_node_that_is_not_this_article_gives_it_nothing(node: dict[str, Any]) -> None:
    top = {"license": BY} if "license" not in str(node) else {}
    assert claims(jsonld({**node, **top})) == []


@pytest.mark.parametrize(
    ("nested", "kind"),
    [
        ({"image": {"license": BY, "contentUrl": "/a.jpg"}}, "image"),
        ({"image": [{"@type": "ImageObject", "license": BY}]}, "image"),
        ({"video": {"@type": "VideoObject", "license": BY}}, "video"),
        ({"associatedMedia": {"@type": "AudioObject", "license": BY}}, "audio"),
        ({"distribution": {"@type": "DataDownload", "license": BY}}, "dataset"),
        ({"sdLicense": BY}, "metadata"),
    ],
)
def test_a_nested_licence_is_that_objects(nested: dict[str, Any], kind: str) -> None:
    found = claims(jsonld({**OURS, **nested}))
    assert [(claim[1], claim[2]) for claim in found] == [(kind, "CC-BY-4.0")]


@pytest.mark.parametrize(
    ("node", "rank"),
    [
        ({"@type": "NewsArticle", "license": BY}, 60),
        ({"@type": "WebPage", "url": ARTICLE, "license": BY}, 60),
        ({"@type": "WebPage", "mainEntity": {"@type": "Article", "license": BY}}, 60),
        ({"@type": "WebSite", "url": "https://post.example/", "license": BY}, 30),
        ({**OURS, "isPartOf": {"@type": "CreativeWork", "license": BY}}, 30),
    ],
)
def test_pages_and_sites_have_their_own_levels(node: dict[str, Any], rank: int) -> None:
    assert claims(jsonld(node)) == [("grant_text", "text", "CC-BY-4.0", rank)]


def test_two_licences_on_one_node_are_both_stated() -> None:
    node = {**OURS, "license": [BY, BY_SA]}
    assert text_grants(jsonld(node)) == ["CC-BY-4.0", "CC-BY-SA-4.0"]


@pytest.mark.parametrize(
    ("node", "kind"),
    [
        ({"@type": "MediaObject", "encodingFormat": "video/mp4", "url": "/x"}, "video"),
        ({"@type": "MediaObject", "contentUrl": "/x.mp3"}, "audio"),
        ({"@type": "MediaObject", "contentUrl": "/x"}, "other"),
        ({"contentUrl": "/x.mp4"}, "video"),
        ({"contentUrl": "/x"}, "image"),
        ({"@type": "ImageObject", "contentUrl": "/x.mp4"}, "image"),
        ({"@type": "Dataset", "url": "/x.mp4"}, "dataset"),
    ],
)
def test_a_media_object_is_what_its_type_or_its_file_says(node: dict[str, Any], kind: str) -> None:
    nodes = [
        {**node, "license": BY_SA},
        {"@type": "ImageObject", "contentUrl": "/b", "license": BY},
    ]
    found = claims(jsonld({**OURS, "associatedMedia": nodes}))
    assert [each[1:3] for each in found] == [(kind, "CC-BY-SA-4.0"), ("image", "CC-BY-4.0")]


@pytest.mark.parametrize(
    "license_",
    ["https://post.example/buy?id=7", "https://creativecommons.org/licenses/by/", True, 4, {}, []],
)
def test_what_is_no_known_licence_grants_nothing(license_: object) -> None:
    assert claims(jsonld({**OURS, "license": license_})) == []


def test_usage_info_is_further_information_and_no_licence() -> None:
    assert claims(jsonld({**OURS, "usageInfo": BY})) == []


def test_broken_json_is_a_mention() -> None:
    broken = jsonld(f'"license": "{BY}", "license": "{BY_SA}"')
    assert claims(broken) == []
    assert [s.frame for s in statements(broken)] == ["mention"]


def test_an_unknown_article_address_trusts_the_only_one_named() -> None:
    ours, other = ({"@type": "Article", "url": f"https://post.example/{n}"} for n in (1, 2))
    assert text_grants(jsonld({**ours, "license": BY}), url=None) == ["CC-BY-4.0"]
    assert text_grants(jsonld({**ours, "license": BY}), jsonld(other), url=None) == []


def test_offsets_are_those_of_the_value_even_where_it_stands_twice() -> None:
    image = {"@type": "ImageObject", "contentUrl": "/a.jpg", "license": BY}
    signal = jsonld({**OURS, "image": image, "license": BY})
    first, second = statements(signal)
    assert (first.object_kind, second.object_kind) == ("image", "text")
    assert signal.value[first.start : first.end] == signal.value[second.start : second.end] == BY
    assert first.end < second.start
    assert signal.value[second.end :] == '"}'


def test_a_notice_that_keeps_the_rights_is_read() -> None:
    notice = "No part of this report may be copied without permission of Orchard Wire."
    signal = jsonld({**OURS, "copyrightNotice": notice})
    assert claims(signal) == [("reserved", "text", "", 90)]
    assert {s.quote for s in statements(signal)} == {notice}


def test_facts_are_read() -> None:
    node = {
        **OURS,
        "copyrightHolder": {"@type": "Organization", "name": "Orchard Wire"},
        "copyrightYear": 2026,
        "copyrightNotice": "(c) 2026 Orchard Wire",
        "creditText": "Orchard Wire/L. Ode",
        "acquireLicensePage": "https://post.example/buy",
        "usageInfo": "https://post.example/reuse",
    }
    found = statements(jsonld(node))
    facts = {
        name: value
        for s in found
        for name in (
            "copyright_holder", "copyright_year", "copyright_notice", "credit_text",
            "acquire_license_page", "usage_terms",
        )
        if (value := getattr(s, name)) is not None
    }  # fmt: skip
    assert facts == {
        "copyright_holder": "Orchard Wire",
        "copyright_year": 2026,
        "copyright_notice": "(c) 2026 Orchard Wire",
        "credit_text": "Orchard Wire/L. Ode",
        "acquire_license_page": "https://post.example/buy",
        "usage_terms": "https://post.example/reuse",
    }
    assert claims(jsonld(node)) == []


@pytest.mark.parametrize(
    ("value", "expected"),
    [(True, [True]), ("False", [False]), ("https://schema.org/True", [True]), ("maybe", [])],
)
def test_free_access(value: object, expected: list[bool]) -> None:
    paid_part = {"@type": "WebPageElement", "isAccessibleForFree": False}
    node = {**OURS, "isAccessibleForFree": value, "hasPart": paid_part}
    reading = read_signals([jsonld(node)], REGISTRY, article_url=ARTICLE)
    assert [access.is_free for access in reading.access] == expected
