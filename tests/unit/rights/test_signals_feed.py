from __future__ import annotations

import pytest
from signals_beside import BY, BY_SA, claims, feed, header, statements, text_grants

from dateline.records import RightsSignal

ITEM = ("grant_text", "text", "CC-BY-4.0", 80)


@pytest.mark.parametrize(
    "field",
    [
        "item/creativeCommons:license",
        "item/cc:license",
        "item/dcterms:license",
        "entry/link[@rel=license]",
        "item/atom:link[@rel=license]",
        "item/license_url",
        "item/_extension/license.url",
        "item/dc:rights",
    ],
)
def test_an_items_licence(field: str) -> None:
    assert claims(feed(field, BY)) == [ITEM]


@pytest.mark.parametrize(
    "field", ["channel/creativeCommons:license", "feed/link[@rel=license]", "channel/copyright"]
)
def test_a_channels_licence_is_below_the_items(field: str) -> None:
    (found,) = [s for s in statements(feed(field, BY)) if s.frame == "grant_text"]
    assert (found.rank, found.scope) == (40, "channel")


def test_prose_grants_only_what_it_says() -> None:
    assert claims(feed("item/dc:rights", "You may use this item under CC BY 4.0.")) == [ITEM]
    assert claims(feed("item/cc:license", "day licence, 2 crowns")) == []
    assert claims(feed("channel/copyright", "Copyright 2020-2026 Orchard Wire")) == []
    assert claims(feed("entry/rights", "All rights reserved.")) == [("reserved", "text", "", 80)]


def test_atom_takes_the_entrys_link_else_the_sources_else_the_feeds() -> None:
    of_feed = feed("feed/link[@rel=license]", BY)
    of_source = feed("entry/source/link[@rel=license]", BY_SA)
    of_entry = feed("entry/link[@rel=license]", "https://creativecommons.org/licenses/by-nd/4.0/")
    assert text_grants(of_feed, of_source, of_entry) == ["CC-BY-ND-4.0"]
    assert text_grants(of_feed, of_source) == ["CC-BY-SA-4.0"]
    assert text_grants(of_feed) == ["CC-BY-4.0"]


def test_an_entry_that_is_expressly_unspecified_has_no_licence_of_its_feed() -> None:
    unspecified = feed("entry/link[@rel=license]", "http://purl.org/atompub/license#unspecified")
    assert claims(feed("feed/link[@rel=license]", BY), unspecified) == []
    assert claims(feed("feed/cc:license", BY), unspecified) == []
    kept = claims(feed("feed/rights", "All rights reserved."), unspecified)
    assert kept == [("reserved", "text", "", 40)]


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ("item/media:license", "image"),
        ("item/media:content/creativeCommons:license", "image"),
        ("item/media:content[medium=video]/media:license", "video"),
        ("item/media:content[type=audio/mpeg]/media:license", "audio"),
    ],
)
def test_media_rss_is_about_the_media_alone(field: str, kind: str) -> None:
    assert claims(feed(field, BY)) == [("grant_media", kind, "CC-BY-4.0", 80)]


def test_a_link_in_an_items_text_needs_words_that_it_is_of_the_text() -> None:
    field = "item/content:encoded/a[@rel=license]"
    bare = feed(field, BY)
    photo = feed(field, f"{BY}\nCC BY\nPhoto: N. Roe, CC BY")
    text = feed(field, f"{BY}\nCC BY\nThis article is licensed under CC BY.")
    assert claims(bare) == []
    assert [claim[1] for claim in claims(photo)] == ["image"]
    assert claims(text) == [("grant_text", "text", "CC-BY-4.0", 60)]


def test_preferences_are_no_licences() -> None:
    assert statements(feed("item/rsl:license", "<rsl:license/>")) == ()
    assert statements(feed("item/tdm:reservation", "1")) == ()
    assert statements(feed("item/rsl:link[@rel=license]", BY)) == ()


def test_the_facts_of_a_feed() -> None:
    found = statements(
        feed("item/dcterms:rightsHolder", "Orchard Wire"),
        feed("item/cc:attributionName", "L. Ode"),
        feed("item/cc:morePermissions", "https://post.example/more"),
    )
    assert [(s.copyright_holder, s.credit_text, s.usage_terms) for s in found] == [
        ("Orchard Wire", None, None),
        (None, "L. Ode", None),
        (None, None, "https://post.example/more"),
    ]


def test_fields_of_a_json_article_are_the_items() -> None:
    assert claims(RightsSignal(layer="json", field="license_url", value=BY)) == [ITEM]


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (f'<{BY}>; rel="license"', [("grant_text", "text", "CC-BY-4.0", 60)]),
        (f"<{BY}>; rel=license", [("grant_text", "text", "CC-BY-4.0", 60)]),
        (f'<{BY}>; rel="next license"; title="a, b; c"', [("grant_text", "text", "CC-BY-4.0", 60)]),
        (f'<{BY}>; rel="help"; rel="license"', []),
        (f'<{BY}>; rel="license"; type="application/rsl+xml"', []),
        ('</rsl.xml>; rel="license"', []),
        (f'<{BY}>; rel="license"; anchor="/a.jpg"', [("grant_media", "image", "CC-BY-4.0", 60)]),
        (f'<{BY}>; rel="license"; anchor="/b"', [("grant_other_object", "other", "CC-BY-4.0", 60)]),
        (
            f'<{BY}>; rel="license"; anchor="https://post.example/news/mill"',
            [("grant_text", "text", "CC-BY-4.0", 60)],
        ),
        (f"{BY}; rel=license", []),
    ],
)
def test_the_link_header(value: str, expected: list[object]) -> None:
    assert claims(header("link", value)) == expected


def test_other_headers() -> None:
    assert claims(header("license", BY)) == [("grant_text", "text", "CC-BY-4.0", 60)]
    assert claims(header("copyright", "All rights reserved")) == [("reserved", "text", "", 60)]
    assert claims(header("x-robots-tag", "noarchive")) == []
