from __future__ import annotations

import pytest
from known_licenses import REGISTRY
from signals_beside import ARTICLE, BY, BY_SA, claims, html, statements, text_grants

from dateline.ids import text_sha256
from dateline.rights.signals import read_signals

TEXT = ("grant_text", "text", "CC-BY-4.0")


@pytest.mark.parametrize(
    ("field", "rank"),
    [
        ("link[rel=license]@head", 60),
        ("a[rel=license]@article", 60),
        ("a[rel=copyright]@body", 60),
        ("a[rel=license]@footer", 30),
        ("a[rel=license]@aside", 30),
        ("a[rel=license]@republish", 50),
    ],
)
def test_a_rel_license_grants_the_text_at_the_level_of_its_place(field: str, rank: int) -> None:
    assert claims(html(field, BY)) == [(*TEXT, rank)]


@pytest.mark.parametrize("place", ["nav", "comment", "hidden"])
def test_a_link_where_nothing_counts_is_a_mention(place: str) -> None:
    link = html(f"a[rel=license]@{place}", BY, "CC BY 4.0", "This text is under CC BY 4.0.")
    assert claims(link) == []
    assert [s.rank for s in statements(link)] == [10]


@pytest.mark.parametrize(
    "target",
    [
        "https://creativecommons.org/licenses/by/",
        "https://creativecommons.org/share-your-work/",
        "https://creativecommons.org.post.example/licenses/by/4.0/",
        "https://creativecornmons.org/licenses/by/4.0/",
        "https://post.example/licenses/by/4.0/",
        "/imprint",
        "/rsl.xml",
        "",
    ],
)
def test_a_rel_license_to_no_known_licence_grants_nothing(target: str) -> None:
    assert claims(html("a[rel=license]@article", target, "This article is CC BY 4.0")) == []


def test_an_rsl_link_is_no_licence_of_the_text() -> None:
    typed = html("link[rel=license][type=application/rsl+xml]@head", BY)
    assert statements(typed) == ()


def test_a_link_in_a_figure_is_the_pictures_alone() -> None:
    first = html("a[rel=license]@figure", BY, "CC BY", "N. Roe, CC BY", xpath="/html/figure[1]/a")
    other = html("a[rel=license]@figure", BY_SA, "CC", "P. Li, CC", xpath="/html/figure[2]/a")
    assert [c[:2] for c in claims(first, other)] == [("grant_media", "image")] * 2
    assert len({s.object_key for s in statements(first, other)}) == 2


@pytest.mark.parametrize(
    ("caption", "kind"),
    [
        ("The heron at noon. CC BY 4.0", "image"),
        ("Video: the heron at noon. CC BY 4.0", "video"),
        ("Podcast: the heron, CC BY 4.0", "audio"),
        ("Our article in one picture. CC BY 4.0", "image"),
    ],
)
def test_a_licence_below_a_figure_is_of_what_it_shows(caption: str, kind: str) -> None:
    plain = html("a[href]@figure", BY, "CC BY 4.0", caption, xpath="/html/figure[1]/a")
    assert claims(plain) == [("grant_media", kind, "CC-BY-4.0", 50)]
    assert claims(html("a[href]@figure", BY, "more about this", caption))[:1] != [
        ("grant_text", "text", "CC-BY-4.0", 50)
    ]
    assert claims(html("a[href]@body", BY, "CC BY 4.0", "The heron at noon. CC BY 4.0")) == []


def test_a_link_in_a_quotation_is_the_quoted_works() -> None:
    assert claims(html("a[rel=license]@blockquote", BY)) == [
        ("grant_other_object", "quoted_work", "CC-BY-4.0", 60)
    ]


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Photo: N. Roe, CC BY", "image"),
        ("Music by the harbour band, CC BY", "audio"),
        ("Icons and theme: Pebble, CC BY", "software"),
        ("Bild von der Feuerwehr, CC BY", "image"),
        ("N. Roe / Harbour Club, CC BY", "image"),
        ("Licence: CC BY", "text"),
    ],
)
def test_words_beside_a_link_say_of_what_it_is(words: str, kind: str) -> None:
    found = claims(html("a[rel=license]@body", BY, "CC BY", words))
    assert [claim[1] for claim in found] == [kind]


@pytest.mark.parametrize(
    "words",
    [
        "The museum released its maps under CC BY.",
        "If the law passes, our articles would carry CC BY.",
        "This story is not available under CC BY.",
    ],
)
def test_a_link_in_a_sentence_that_gives_nothing_grants_nothing(words: str) -> None:
    assert text_grants(html("a[rel=license]@article", BY, "CC BY", words)) == []


def test_a_plain_link_grants_only_where_the_words_around_it_do() -> None:
    notice = html("a[href]@body", BY, "CC BY", "This article is licensed under CC BY.")
    tip = html("a[href]@body", BY, "a well-known licence", "Reading tip: a well-known licence")
    bare = html("a[href]@body", BY)
    assert claims(notice) == [(*TEXT, 50)]
    assert claims(tip) == claims(bare) == []


def test_a_links_own_words_count_before_those_around_it() -> None:
    words = "A roof of larch Licence of this article The hall will get a roof, the mayor said."
    link = html("a[rel=license]@article", BY, "Licence of this article", words)
    assert claims(link) == [(*TEXT, 60)]


@pytest.mark.parametrize("label", ["CC BY 4.0", "Licence", "Some rights reserved"])
def test_a_links_own_words_that_name_no_object_leave_it_to_those_around_it(label: str) -> None:
    credit = f"Photo: N. Roe [{label}], via Harbour Archive"
    assert text_grants(html("a[href]@article", BY, label, credit)) == []


@pytest.mark.parametrize(
    ("context", "is_notice"),
    [
        ("CC BY 4.0 Doris Muster", True),
        ("© 2026 Orchard Wire | CC BY 4.0", True),
        ("CC BY 4.0 explained", False),
        ("About | CC BY 4.0", False),
        ("What is CC BY 4.0?", False),
    ],
)
def test_a_footers_licence_beside_its_holder_is_a_site_notice(
    context: str, is_notice: bool
) -> None:
    link = html("a[href]@footer", BY, "CC BY 4.0", context)
    assert claims(link) == ([(*TEXT, 30)] if is_notice else [])


def test_a_link_whose_words_name_another_licence_states_both() -> None:
    link = html("a[rel=license]@article", BY, "CC BY-NC 4.0", "Licence: CC BY-NC 4.0")
    assert sorted(text_grants(link)) == ["CC-BY-4.0", "CC-BY-NC-4.0"]


def test_who_gives_what_and_its_exception_are_read_from_the_words() -> None:
    words = "Unless otherwise noted, all content by Orchard Wire is licensed under CC BY 4.0."
    (found,) = statements(html("a[rel=license]@footer", BY, "CC BY 4.0", words))
    assert found.licensor == "Orchard Wire"
    assert found.is_about_licensor
    assert found.has_exception
    assert found.scope == "site_by_licensor"
    assert found.quote == words


@pytest.mark.parametrize(
    ("about", "expected"),
    [
        ("http://www.post.example/news/mill/#top", [(*TEXT, 90)]),
        ("https://post.example/", [(*TEXT, 30)]),
        ("/photos/mill.jpg", [("grant_media", "image", "CC-BY-4.0", 60)]),
        ("https://post.example/news/other", []),
    ],
)
def test_rdfa_says_what_a_link_is_about(about: str, expected: list[object]) -> None:
    lines = [BY, "licence", "Our licence", f"about={about}"]
    assert claims(html("a[rel=license]@article", *lines)) == expected
    assert claims(html("[rel=cc:license]@article", *lines)) == expected


def test_a_picture_inside_what_is_about_this_page_stays_a_picture() -> None:
    lines = [BY, "CC BY", "N. Roe, CC BY", f"about={ARTICLE}"]
    assert claims(html("a[rel=license]@figure", *lines)) == [
        ("grant_media", "image", "CC-BY-4.0", 60)
    ]
    assert claims(html("a[rel=license]@footer", *lines)) == [(*TEXT, 30)]


@pytest.mark.parametrize(
    ("item_type", "expected"),
    [
        ("https://schema.org/NewsArticle", [(*TEXT, 60)]),
        ("https://schema.org/ImageObject", [("grant_media", "image", "CC-BY-4.0", 60)]),
        ("https://schema.org/Dataset", [("grant_other_object", "dataset", "CC-BY-4.0", 60)]),
        ("https://schema.org/WebSite", [(*TEXT, 30)]),
        ("https://schema.org/Comment", []),
        (None, []),
    ],
)
def test_microdata_is_of_its_item(item_type: str | None, expected: list[object]) -> None:
    lines = [BY] + ([f"itemtype={item_type}"] if item_type else [])
    assert claims(html("[itemprop=license]@article", *lines)) == expected


@pytest.mark.parametrize(
    ("place", "address", "expected"),
    [
        ("article", f"itemid={ARTICLE}", [(*TEXT, 90)]),
        ("body", "url=/news/mill/", [(*TEXT, 90)]),
        ("body", "url=/news/other", []),
        ("article", "url=/news/other", []),
        ("body", None, []),
        ("footer", None, [(*TEXT, 30)]),
    ],
)
def test_an_item_counts_where_it_is_this_article(
    place: str, address: str | None, expected: list[object]
) -> None:
    lines = [BY, "itemtype=https://schema.org/NewsArticle"] + ([address] if address else [])
    assert claims(html(f"[itemprop=license]@{place}", *lines)) == expected


@pytest.mark.parametrize(
    ("name", "value", "expected"),
    [
        ("name=dcterms.license", BY, [(*TEXT, 60)]),
        ("property=og:license", "CC-BY-4.0", [(*TEXT, 60)]),
        ("name=copyright", "CC BY 4.0", [(*TEXT, 60)]),
        ("name=dc.rights", "All rights reserved", [("reserved", "text", "", 60)]),
        ("name=copyright", "(c) 2026 Orchard Wire", []),
        ("itemprop=license", BY, []),
        ("name=robots", "noarchive", []),
    ],
)
def test_meta_fields(name: str, value: str, expected: list[object]) -> None:
    assert claims(html(f"meta[{name}]", value)) == expected


def test_a_bare_copyright_and_its_holder_are_kept_as_facts() -> None:
    found = statements(
        html("meta[name=copyright]", "(c) 2026 Orchard Wire"),
        html("meta[name=dcterms.rightsholder]", "Orchard Wire"),
    )
    assert [s.copyright_notice for s in found] == ["(c) 2026 Orchard Wire", None]
    assert [s.copyright_holder for s in found] == [None, "Orchard Wire"]


def test_a_notice_in_prose_has_the_level_of_its_place_and_exact_offsets() -> None:
    value = "Orchard Wire, 4 Kiln Street. All our articles are published under CC BY 4.0."
    signal = html("[class*=copyright]@footer", value)
    (found,) = statements(signal)
    assert (found.frame, found.rank, found.scope) == ("grant_text", 30, "site")
    assert value[found.start : found.end] == found.quote
    assert found.quote == "All our articles are published under CC BY 4.0."
    assert found.value_sha256 == text_sha256(value)


def test_a_notice_that_is_cut_off_grants_nothing_but_still_reserves() -> None:
    cut = html("[class*=copyright]@body (cut)", "Our articles are published under CC BY 4.0.")
    kept = html("[class*=copyright]@body (cut)", "All rights reserved.")
    assert claims(cut) == []
    assert [claim[0] for claim in claims(kept)] == ["reserved"]


@pytest.mark.parametrize("field", ["hidden-text", "comment-text"])
def test_hidden_words_and_comments_are_mentions(field: str) -> None:
    signal = html(field, "This article is licensed under CC BY 4.0. All rights reserved.")
    assert claims(signal) == []
    assert {s.frame for s in statements(signal)} == {"mention"}


def test_a_saved_page_has_the_archives_addresses() -> None:
    archive = "https://web.archive.org/web/20130307194448/"
    link = html("link[rel=license]@head", archive + BY)
    assert text_grants(link, url=archive + "http://post.example/") == ["CC-BY-4.0"]
    assert text_grants(link) == []


def test_free_access_is_read_from_microdata() -> None:
    item_type = "itemtype=https://schema.org/NewsArticle"
    said = [
        html("[itemprop=isaccessibleforfree]@article", "False", item_type),
        html("[itemprop=isaccessibleforfree]@article", "False", "itemtype=schema.org/ImageObject"),
    ]
    reading = read_signals(said, REGISTRY, article_url=ARTICLE)
    assert [access.is_free for access in reading.access] == [False]


@pytest.mark.parametrize(
    ("field", "is_text"),
    [
        ("[class*=copyright]@article", False),
        ("[class*=copyright]@footer", True),
        ("a[href]@article", False),
        ("a[href]@footer", True),
        ("a[rel=license]@article", True),
    ],
)
def test_a_copyright_line_is_of_the_text_only_where_no_picture_is_meant(
    field: str, is_text: bool
) -> None:
    credit = "© 2026 Camila Roe | CC BY 4.0"
    lines = [credit] if field.startswith("[") else [BY, "CC BY 4.0", credit]
    assert text_grants(html(field, *lines)) == (["CC-BY-4.0"] if is_text else [])
    photo = [line.replace("Camila Roe", "Camila Roe / flickr.com") for line in lines]
    assert text_grants(html(field, *photo)) == []


@pytest.mark.parametrize(
    ("place", "words", "is_grant"),
    [
        ("footer", "Harbour days, CC BY 4.0. Join us!", False),
        ("footer", "All our articles are published under CC BY 4.0.", True),
        ("footer", "© 2026 Orchard Wire, CC BY 4.0", True),
        ("republish", "Licence of the story: CC BY 4.0", True),
        ("republish", "Republish our articles for free, under CC BY 4.0.", True),
    ],
)
def test_a_footers_text_must_say_what_its_licence_is_of(
    place: str, words: str, is_grant: bool
) -> None:
    assert bool(text_grants(html(f"text@{place}", words))) == is_grant
