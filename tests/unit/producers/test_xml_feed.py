from __future__ import annotations

import socket
import time
from datetime import UTC, datetime

import pytest

from dateline.records import RightsSignal
from producers.feed_document import FeedDocument, FeedItem
from producers.parsed import ParsedArticle, Refusal
from producers.sources.xml_feed import parse_xml_feed

BASE = "https://paper.example/news/feed.xml"
BY = "https://creativecommons.org/licenses/by/4.0/"
NAMESPACES = " ".join(
    f'xmlns:{prefix}="{uri}"'
    for prefix, uri in {
        "atom": "http://www.w3.org/2005/Atom",
        "content": "http://purl.org/rss/1.0/modules/content/",
        "commons": "http://backend.userland.com/creativeCommonsRssModule",
        "license": "http://creativecommons.org/ns#",
        "dc": "http://purl.org/dc/elements/1.1/",
        "terms": "http://purl.org/dc/terms/",
        "media": "http://search.yahoo.com/mrss/",
        "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
        "r": "https://rslstandard.org/rsl",
        "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
        "sy": "http://purl.org/rss/1.0/modules/syndication/",
    }.items()
)
PHOTO = "media:content[url=https://paper.example/news/x.jpg]"
PARAGRAPH = "The council met on Monday and decided that the road stays closed for a year. "


def rss(item: str, channel: str = "") -> bytes:
    return (
        f'<?xml version="1.0"?><rss version="2.0" {NAMESPACES}><channel>{channel}'
        f"{item}</channel></rss>"
    ).encode()


def atom(entry: str, feed: str = "") -> bytes:
    return f'<feed xmlns="http://www.w3.org/2005/Atom">{feed}<entry>{entry}</entry></feed>'.encode()


def read(data: bytes, base_url: str = BASE) -> FeedDocument:
    found = parse_xml_feed(data, base_url=base_url)
    assert isinstance(found, FeedDocument)
    return found


def only(data: bytes) -> FeedItem:
    [item] = read(data).items
    return item


def article(data: bytes) -> ParsedArticle:
    return only(data).article


def rights(data: bytes) -> dict[str, str]:
    signals = article(data).rights_signals
    return {signal.field: signal.value for signal in signals if signal.layer == "feed"}


def test_an_rss_feed_is_read_whole() -> None:
    feed = read(
        rss(
            f"""<item><title>Road &amp;amp; &lt;b&gt;rail&lt;/b&gt;</title>
            <link>/a/1?utm_source=rss</link><guid isPermaLink="false">tag:1</guid>
            <pubDate>Mon, 23 Nov 2026 10:00:00 +0100</pubDate>
            <atom:updated>2026-11-23T11:00:00Z</atom:updated>
            <dc:creator>Writer One</dc:creator><dc:publisher>Paper Press</dc:publisher>
            <source url="https://agency.example/feed">The Agency</source>
            <description>&lt;p&gt;In short.&lt;/p&gt;</description>
            <content:encoded><![CDATA[<p>{PARAGRAPH * 5}</p><p>{PARAGRAPH * 5}</p>]]>
            </content:encoded>
            <enclosure url="https://paper.example/a.mp3" type="audio/mpeg"/></item>""",
            """<title>Paper</title><link>https://paper.example/</link><language>en_GB</language>
            <ttl>15</ttl><atom:link rel="self" href="feed.xml"/>
            <atom:link rel="hub" href="https://hub.example/"/>""",
        )
    )
    [item] = feed.items
    assert item.has_full_text
    assert item.article == ParsedArticle(
        body="\n".join([(PARAGRAPH * 5).strip()] * 2),
        media_type="text/html",
        is_alone=False,
        url="https://paper.example/a/1?utm_source=rss",
        guid="tag:1",
        title="Road & rail",
        summary="In short.",
        language="en-GB",
        authors=("Writer One",),
        credit="The Agency",
        publisher="Paper Press",
        published_at=datetime(2026, 11, 23, 9, tzinfo=UTC),
        published_at_raw="Mon, 23 Nov 2026 10:00:00 +0100",
        updated_at=datetime(2026, 11, 23, 11, tzinfo=UTC),
        extraction_method=item.article.extraction_method,
    )
    assert (feed.kind, feed.version, feed.title) == ("rss", "rss20", "Paper")
    assert (feed.home_url, feed.self_url) == ("https://paper.example/", BASE)
    assert (feed.hub_urls, feed.ttl_seconds) == (("https://hub.example/",), 900)


def test_an_atom_feed_is_read_whole() -> None:
    feed = read(
        atom(
            f"""<id>urn:x:1</id><title type="html">Road &amp;amp; rail</title>
            <link rel="enclosure" href="https://paper.example/a.mp3"/>
            <link type="application/json" href="https://paper.example/a/1.json"/>
            <link rel="alternate" type="text/html" href="../a/1"/>
            <published>2026-11-23T10:00:00+01:00</published><updated>2026-11-23T11:00:00Z</updated>
            <summary>In short.</summary>
            <source><title>The Agency</title></source>
            <content type="xhtml" xml:lang="de"><div xmlns="http://www.w3.org/1999/xhtml">
            <p>{PARAGRAPH * 9}</p></div></content>""",
            "<title>Paper</title><author><name>Newsroom</name></author>",
        )
    )
    [item] = feed.items
    assert (feed.kind, feed.version) == ("atom", "atom10")
    assert item.has_full_text
    assert item.article.body == (PARAGRAPH * 9).strip()
    assert item.article.url == "https://paper.example/a/1"
    assert (item.article.guid, item.article.title) == ("urn:x:1", "Road & rail")
    assert (item.article.authors, item.article.credit) == (("Newsroom",), "The Agency")
    assert (item.article.language, item.article.summary) == ("de", "In short.")
    assert item.article.published_at == datetime(2026, 11, 23, 9, tzinfo=UTC)


def test_rss_1_with_one_date_per_item() -> None:
    data = f"""<rdf:RDF xmlns="http://purl.org/rss/1.0/" {NAMESPACES}>
    <channel rdf:about="https://paper.example/"><title>Paper</title>
    <sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>
    <license:license rdf:resource="{BY}"/></channel>
    <item rdf:about="https://paper.example/a/1"><title>One</title>
    <link>https://paper.example/a/1</link><dc:date>2026-11-23T10:00Z</dc:date></item>
    </rdf:RDF>""".encode()
    feed = read(data)
    assert (feed.kind, feed.version, feed.ttl_seconds) == ("rss", "rss10", 1800)
    found = article(data)
    assert found.published_at == found.updated_at == datetime(2026, 11, 23, 10, tzinfo=UTC)
    assert found.guid == "https://paper.example/a/1"
    assert rights(data) == {"channel/cc:license": BY}


def test_rss_091_with_its_doctype() -> None:
    data = (
        b'<!DOCTYPE rss PUBLIC "-//X//DTD RSS 0.91//EN" "http://dtd.example/rss-0.91.dtd">'
        b'<rss version="0.91"><channel><item><title>Caf&eacute;</title>'
        b"<link>https://paper.example/1</link></item></channel></rss>"
    )
    assert article(data).title == "Café"
    assert article(data).date_flags == ("missing",)


@pytest.mark.parametrize(
    ("item", "url"),
    [
        ("<link> https://a.example/1\n</link>", "https://a.example/1"),
        ("<link>../b</link>", "https://paper.example/b"),
        ('<link xml:base="https://c.example/d/">e</link>', "https://c.example/d/e"),
        (
            "<link>https://count.example/1</link>"
            "<feedburner:origLink>https://a.example/1</feedburner:origLink>",
            "https://a.example/1",
        ),
        ("<guid>https://a.example/2</guid>", "https://a.example/2"),
        ('<guid isPermaLink="true">/2</guid>', "https://paper.example/2"),
        ("<guid>12345</guid>", None),
        ('<guid isPermaLink="false">https://a.example/2</guid>', None),
        ("<link>javascript:alert(1)</link>", None),
        ("<link>data:text/html,x</link>", None),
        ("<link>http://[bad/</link>", None),
        ('<atom:link href="https://a.example/3"/>', "https://a.example/3"),
        ("<enclosure url='https://a.example/4.mp3'/>", None),
    ],
)
def test_the_address_of_an_item(item: str, url: str | None) -> None:
    assert article(rss(f"<item><title>t</title>{item}</item>")).url == url


def test_a_guid_does_not_change_with_the_address_of_the_feed() -> None:
    data = rss("<item><guid>12345</guid><title>t</title></item>")
    guids = {
        item.article.guid
        for base_url in (BASE, "http://other.example/")
        for item in read(data, base_url).items
    }
    assert guids == {"12345"}


def test_rights_stand_beside_the_item_with_their_place() -> None:
    data = rss(
        f"""<item><title>t</title><dc:rights>Item rights</dc:rights>
        <license:license rdf:resource="{BY}"/><terms:rightsHolder>Holder</terms:rightsHolder>
        <atom:link rel="license" href="/terms"/>
        <atom:link rel="license" type="application/rsl+xml" href="/rsl.xml"/>
        <media:group><media:content url="x.jpg"><media:license href="{BY}">Photo</media:license>
        <dc:rights>Of the photo</dc:rights></media:content></media:group>
        <media:copyright>Agency</media:copyright>
        <r:content url="/a"><r:license><r:permits>search</r:permits></r:license></r:content>
        </item>""",
        f"<copyright>All rights reserved</copyright><commons:license>{BY}</commons:license>",
    )
    found = rights(data)
    rsl = found.pop("item/rsl:content")
    assert rsl.startswith("<r:content ")
    assert "permits>search</" in rsl
    assert article(data).rights_signals[0] == RightsSignal(
        layer="feed", field="item/dc:rights", value="Item rights"
    )
    assert found == {
        "item/dc:rights": "Item rights",
        "item/cc:license": BY,
        "item/dcterms:rightsHolder": "Holder",
        "item/atom:link[@rel=license]": "https://paper.example/terms",
        "item/rsl:link[@rel=license]": "https://paper.example/rsl.xml",
        f"item/{PHOTO}/media:license": "Photo",
        f"item/{PHOTO}/dc:rights": "Of the photo",
        f"item/{PHOTO}/media:copyright": "Agency",
        "channel/copyright": "All rights reserved",
        "channel/creativeCommons:license": BY,
    }


def test_rights_of_atom_come_from_entry_then_source_then_feed() -> None:
    data = atom(
        f'<title>t</title><rights>Entry</rights><source><link rel="license" href="{BY}"/></source>',
        "<rights>Feed</rights>",
    )
    assert list(rights(data).items()) == [
        ("entry/rights", "Entry"),
        ("entry/source/link[@rel=license]", BY),
        ("feed/rights", "Feed"),
    ]


def test_rights_stay_with_their_item_when_the_feed_is_broken() -> None:
    feed = read(
        b"<rss><channel><item><title>a & b</title><link>https://p.example/1?a=1&b=2</link>"
        b"<dc:rights>First</dc:rights></item><item><title>broken <br> item</title>"
        b"<guid>2</guid><description>x &nbsp; y</description>"
        b"<cc:license>Second</cc:license></item>"
    )
    found = [
        (item.article.title, [signal.value for signal in item.article.rights_signals])
        for item in feed.items
    ]
    assert found == [("a & b", ["First"]), ("broken item", ["Second"])]
    assert feed.items[0].article.url == "https://p.example/1?a=1&b=2"


@pytest.mark.parametrize(
    ("content", "has_full_text"),
    [
        (PARAGRAPH * 9, True),
        (PARAGRAPH * 3, True),
        (PARAGRAPH, False),
        (PARAGRAPH * 9 + "And so …", False),
        (PARAGRAPH * 9 + "[...]", False),
        (PARAGRAPH * 9 + "Read more", False),
        (PARAGRAPH * 9 + "[…]</p><p>The post appeared first on Paper.", False),
    ],
)
def test_full_text_is_told_from_a_teaser(content: str, has_full_text: bool) -> None:
    item = only(
        rss(
            "<item><description>A short summary.</description>"
            f"<content:encoded><![CDATA[<p>{content}</p>]]></content:encoded></item>"
        )
    )
    assert item.has_full_text is has_full_text


def test_a_description_is_text_but_never_the_full_one() -> None:
    item = only(rss(f"<item><description>{PARAGRAPH * 20}</description></item>"))
    assert item.article.body == (PARAGRAPH * 20).strip()
    assert not item.has_full_text


def test_an_item_without_anything_is_refused() -> None:
    feed = read(rss("<item><pubDate>2026</pubDate></item><item><guid>2</guid></item>"))
    assert [item.article.guid for item in feed.items] == ["2"]
    assert [each.reason for each in feed.refusals] == [
        "no identity: neither link nor guid nor text"
    ]


def test_deleted_entries_of_atom_are_withdrawals() -> None:
    data = (
        b'<feed xmlns="http://www.w3.org/2005/Atom" xmlns:at="http://purl.org/atompub/tombstones/1.0">'
        b'<at:deleted-entry ref="urn:x:1" when="2026-11-23T10:00:00Z">'
        b"<at:comment>Wrong</at:comment></at:deleted-entry></feed>"
    )
    found = article(data)
    assert (found.guid, found.pub_status, found.kill_reason) == ("urn:x:1", "canceled", "Wrong")
    assert found.updated_at == datetime(2026, 11, 23, 10, tzinfo=UTC)


def test_markup_in_fields_becomes_text() -> None:
    found = article(
        rss(
            "<item><title>&lt;img src=x onerror=alert(1)&gt;Hello</title><description><![CDATA["
            "<p>One</p><script>alert(1)</script><iframe src='javascript:x'></iframe>two]]>"
            "</description></item>"
        )
    )
    assert (found.title, found.body) == ("Hello", "One\ntwo")


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"<item><a>x</a>" + b"<a>x</a>" * 200_000 + b"</item>", id="children"),
        pytest.param(b"<item>" + b"<author>a b</author>" * 4000 + b"</item>", id="authors"),
        pytest.param(b"<item>" + b"<category>a</category>" * 4900 + b"</item>", id="categories"),
        pytest.param(b"<item><author>" + b"a.a" * 600_000 + b"</author></item>", id="long-author"),
        pytest.param(
            b"<item><description><![CDATA[" + b"x " * 4_900_000 + b"]]></description></item>",
            id="10-mb-cdata",
        ),
        pytest.param(b"<item><title>x</title></item>" * 20_000, id="items"),
        pytest.param(b"<item><title>a" * 20_000, id="unclosed"),
        pytest.param(b"<item><pubDate>" + b"10:" * 600_000 + b"</pubDate></item>", id="date"),
        pytest.param(b"<item><link>" + b"/a&amp;a;" * 100_000 + b"</link></item>", id="link"),
    ],
)
def test_a_hostile_feed_costs_seconds_at_most(data: bytes) -> None:
    began_at = time.process_time()
    parse_xml_feed(b"<rss><channel>" + data + b"</channel></rss>", base_url=BASE)
    assert time.process_time() - began_at < 5


def test_nothing_is_ever_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: object) -> None:
        raise AssertionError(args)

    monkeypatch.setattr(socket.socket, "connect", refuse)
    parse_xml_feed(b"https://paper.example/feed", base_url=BASE)
    parse_xml_feed(b"<rss xml:base='http://a.example/'><channel/></rss>", base_url="file:///x")


@pytest.mark.parametrize("data", [b"", b"no markup", b"<html><p>x</p></html>", b"<foo/>"])
def test_what_is_no_feed_is_refused(data: bytes) -> None:
    assert isinstance(parse_xml_feed(data, base_url=BASE), Refusal)
