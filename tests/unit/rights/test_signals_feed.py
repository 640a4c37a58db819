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
        ("item/media:content[medium=audio][type=video/mp4]/media:license", "audio"),
        ("item/media:content[type=application/x][url=https://a.example/b.mp4]/media:license",
         "video"),
        ("item/media:content[url=https://a.example/b.webp]/media:copyright", "image"),
        ("item/enclosure[type=audio/mpeg][url=https://a.example/b]/media:license", "audio"),
    ],
)  # fmt: skip
def test_media_rss_is_about_the_media_alone(field: str, kind: str) -> None:
    assert claims(feed(field, BY)) == [("grant_media", kind, "CC-BY-4.0", 80)]


def test_what_a_channel_says_of_media_is_the_channels() -> None:
    field = "channel/media:content[medium=document]/media:license"
    assert claims(feed(field, BY)) == [("grant_other_object", "other", "CC-BY-4.0", 40)]


def test_who_made_a_picture_and_where_it_may_be_shown_are_no_licences() -> None:
    place = "item/media:content[url=https://a.example/b.jpg]"
    (restriction,) = statements(feed(f"{place}/media:restriction", "deny country: at"))
    assert (restriction.frame, restriction.object_kind) == ("mention", "image")
    assert restriction.usage_terms == "deny country: at"
    assert statements(feed(f"{place}/media:rights", "official")) == ()


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
