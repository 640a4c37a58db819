from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from producers.feed_document import FeedDocument
from producers.parsed import ParsedArticle, Refusal
from producers.sources.newsml_g2 import parse_newsml_g2

NAR = 'xmlns="http://iptc.org/std/nar/2006-10-01/"'
RIGHTS = """<rightsInfo><copyrightHolder uri="https://wire.example/"><name>Orchard Wire</name>
</copyrightHolder><copyrightNotice>(c) 2026 Orchard Wire</copyrightNotice>
<usageTerms>Text only, no archive</usageTerms>
<rightsExpressionXML>
<o:Policy xmlns:o="http://www.w3.org/ns/odrl/2/" uid="u1"/></rightsExpressionXML>
</rightsInfo>"""
META = """<itemClass qcode="ninat:text"/><provider literal="wire.example"/>
<versionCreated>2026-11-20T12:00:00+02:00</versionCreated>
<firstCreated>2026-11-20T09:00:00Z</firstCreated>"""
CONTENT = """<contentMeta><by>By Staff</by><creator><name>L. Ode</name></creator>
<creditline>Orchard Wire/agencies</creditline><language tag="en-GB"/>
<headline role="hl:sub">Sub</headline><headline role="hl:main">Harbour <em>reopens</em></headline>
<description role="drol:summary">After the storm.</description></contentMeta>"""
XHTML = """<inlineXML contenttype="application/xhtml+xml"><html xmlns="http://www.w3.org/1999/xhtml">
<head><title>not text</title><script>no()</script></head><body><p>The harbour
 was <b>opened</b>.</p><figure><figcaption>Photo: CC BY</figcaption></figure>
<p>Ships left &amp; came.</p></body></html></inlineXML>"""
NITF = """<inlineXML contenttype="application/nitf+xml"><nitf><body><body.head><hedline><hl1>H</hl1>
</hedline></body.head><body.content><p>First.</p><media><media-caption>no</media-caption></media>
<p>Second.</p></body.content></body></nitf></inlineXML>"""


def news_item(
    *,
    guid: str = "urn:newsml:wire.example:20261120:1",
    meta: str = META,
    content: str = CONTENT,
    rights: str = RIGHTS,
    body: str = XHTML,
    namespace: str = NAR,
) -> str:
    return (
        f'<newsItem {namespace} guid="{guid}" version="3" standardversion="2.33" xml:lang="en">'
        f"{rights}<itemMeta>{meta}</itemMeta>{content}<contentSet>{body}</contentSet></newsItem>"
    )


def message(*items: str) -> bytes:
    inside = "".join(items)
    return f"<newsMessage {NAR}><header/><itemSet>{inside}</itemSet></newsMessage>".encode()


def document(data: bytes) -> FeedDocument:
    found = parse_newsml_g2(data)
    assert isinstance(found, FeedDocument)
    return found


def only(text: str) -> ParsedArticle:
    [item] = document(text.encode()).items
    return item.article


def refusal(text: str) -> str:
    [found] = document(text.encode()).refusals
    return found.reason


def test_an_item_gives_all_its_fields() -> None:
    found = document(news_item().encode())
    article = found.items[0].article
    assert (found.kind, found.version, found.items[0].has_full_text) == ("newsml_g2", "2.33", True)
    assert article.body == "The harbour was opened.\nShips left & came."
    assert article.title == "Harbour reopens"
    assert article.summary == "After the storm."
    assert article.authors == ("L. Ode",)
    assert article.credit == "Orchard Wire/agencies"
    assert article.publisher == "Orchard Wire"
    assert article.language == "en-GB"
    assert article.guid == "urn:newsml:wire.example:20261120:1"
    assert article.url is None
    assert article.published_at == datetime(2026, 11, 20, 9, tzinfo=UTC)
    assert article.published_at_raw == "2026-11-20T09:00:00Z"
    assert article.updated_at == datetime(2026, 11, 20, 10, tzinfo=UTC)
    assert (article.pub_status, article.is_pub_status_explicit) == ("usable", False)


def test_rights_are_kept_word_for_word_and_by_part() -> None:
    photo = '<rightsInfo idrefs="p1"><usageTerms href="https://w.example/t">Photo</usageTerms></rightsInfo>'
    signals = only(news_item(rights=RIGHTS + photo)).rights_signals
    assert [(signal.field, signal.value) for signal in signals[:3]] == [
        ("rightsInfo.copyrightHolder", "Orchard Wire\nhttps://wire.example/"),
        ("rightsInfo.copyrightNotice", "(c) 2026 Orchard Wire"),
        ("rightsInfo.usageTerms", "Text only, no archive"),
    ]
    assert signals[3].field == "rightsInfo.rightsExpressionXML"
    assert 'uid="u1"' in signals[3].value
    assert signals[4].field == "rightsInfo[idrefs=p1].usageTerms"
    assert signals[4].value == "Photo\nhttps://w.example/t"
    assert {signal.layer for signal in signals} == {"newsml_g2"}


def test_a_message_gives_its_items_in_order_and_says_why_others_are_left_out() -> None:
    picture = news_item(guid="p", meta='<itemClass qcode="ninat:picture"/>')
    package = f'<packageItem {NAR} guid="q"/>'
    broken = news_item(guid="")
    found = document(message(news_item(guid="a"), picture, package, broken, news_item(guid="b")))
    assert [item.article.guid for item in found.items] == ["a", "b"]
    assert [refusal.reason for refusal in found.refusals] == [
        "no text item: its class is 'picture'",
        "no news item: a packageItem",
        "attribute `guid` is missing",
    ]


@pytest.mark.parametrize(
    ("body", "text", "media_type"),
    [
        (NITF, "First.\nSecond.", "text/html"),
        (
            '<inlineData contenttype="text/plain">One\n\nTwo</inlineData>',
            "One\n\nTwo",
            "text/plain",
        ),
        (
            '<inlineData contenttype="text/html">&lt;p&gt;One&lt;/p&gt;</inlineData>',
            "One",
            "text/html",
        ),
        (f"<inlineXML/>{NITF}", "First.\nSecond.", "text/html"),
    ],
)
def test_bodies_are_read(body: str, text: str, media_type: str) -> None:
    article = only(news_item(body=body))
    assert (article.body, article.media_type) == (text, media_type)


@pytest.mark.parametrize(
    ("status", "expected"),
    [("stat:usable", "usable"), ("stat:withheld", "withheld"), ("stat:canceled", "canceled")],
)
def test_the_status_is_read(status: str, expected: str) -> None:
    article = only(news_item(meta=f'{META}<pubStatus qcode="{status}"/>'))
    assert (article.pub_status, article.is_pub_status_explicit) == (expected, True)


def test_a_cancelled_picture_without_text_is_a_withdrawal_with_its_reason() -> None:
    meta = (
        '<itemClass qcode="ninat:picture"/><pubStatus uri="http://cv.iptc.org/newscodes/pubstatusg2/canceled"/>'
        "<edNote>Wrong person named.</edNote><embargoed/>"
    )
    article = only(news_item(meta=meta, body=""))
    assert article.pub_status == "canceled"
    assert article.kill_reason == "Wrong person named."
    assert article.body == ""


def test_an_embargo_is_a_time_or_a_refusal() -> None:
    until = only(news_item(meta=f"{META}<embargoed>2026-12-01T00:00:00Z</embargoed>"))
    assert until.embargoed_until == datetime(2026, 12, 1, tzinfo=UTC)
    for text in ("<embargoed/>", "<embargoed>soon</embargoed>"):
        assert "embargoed" in refusal(news_item(meta=META + text))


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (
            news_item(meta=f'{META}<pubStatus qcode="stat:odd"/>'),
            "field `pubStatus`: 'odd' is none of",
        ),
        (news_item(body='<remoteContent href="x"/>'), "missing text: "),
        (news_item(body='<inlineData encoding="base64">QQ==</inlineData>'), "missing text: "),
    ],
)
def test_items_are_refused_with_a_reason(text: str, reason: str) -> None:
    assert refusal(text).startswith(reason)


def test_namespaces_do_not_matter_and_web_ids_are_addresses() -> None:
    article = only(news_item(namespace="", guid="https://wire.example/1"))
    assert article.url == "https://wire.example/1"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"text",
        b"<rss/>",
        b'<!DOCTYPE x [<!ENTITY a "aaaa">]><newsItem guid="&a;"/>',
        b"<newsMessage>" + b"<itemSet>" * 5000,
        b"\xff\xfe\x00",
    ],
)
def test_what_is_none_is_refused_whole(data: bytes) -> None:
    assert isinstance(parse_newsml_g2(data), Refusal)


@settings(max_examples=150, deadline=None)
@given(at=st.integers(0, 3000), cut=st.integers(0, 40), new=st.binary(max_size=12))
def test_no_document_raises(at: int, cut: int, new: bytes) -> None:
    data = message(news_item(), news_item(body=NITF))
    assert isinstance(parse_newsml_g2(data[:at] + new + data[at + cut :]), (FeedDocument, Refusal))
