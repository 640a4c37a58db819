"""Licences in the HTML of a feed's item, from the feed to the record, by way of every reader."""

from __future__ import annotations

import json

import pytest
from read_everything import bounded, rights_of, rights_of_feed

from dateline.rights.record import Rights
from producers.feed_document import FeedDocument
from producers.parse_feed import parse_feed

BY = "https://creativecommons.org/licenses/by/4.0/"
BY_SA = "https://creativecommons.org/licenses/by-sa/4.0/"
FEED = "https://paper.example/feed.xml"
SENTENCE = f'<p>This article is licensed under <a rel="license" href="{BY}">CC BY 4.0</a>.</p>'
ATOM = (
    '<feed xmlns="http://www.w3.org/2005/Atom"><entry><id>1</id><title>t</title>{}</entry></feed>'
)
RSS = (
    '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><item>'
    "<guid>1</guid><title>t</title>{}</item></channel></rss>"
)


def in_rss(markup: str) -> str:
    return RSS.format(f"<content:encoded><![CDATA[<p>Work begins.</p>{markup}]]></content:encoded>")


def objects(rights: Rights) -> list[tuple[str, str]]:
    return [(each.kind, each.spdx_expression) for each in rights.objects]


@pytest.mark.parametrize(
    "xml",
    [
        pytest.param(in_rss(SENTENCE), id="content-encoded"),
        pytest.param(RSS.format(f"<description><![CDATA[{SENTENCE}]]></description>"), id="rss"),
        pytest.param(
            RSS.format(
                f"<description><![CDATA[{SENTENCE}]]></description>"
                "<content:encoded>Work begins.</content:encoded>"
            ),
            id="description-beside-content",
        ),
        pytest.param(
            ATOM.format(f'<content type="html"><![CDATA[{SENTENCE}]]></content>'), id="atom"
        ),
        pytest.param(
            ATOM.format(
                '<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">'
                f"{SENTENCE}</div></content>"
            ),
            id="xhtml",
        ),
        pytest.param(
            ATOM.format(f'<summary type="html"><![CDATA[{SENTENCE}]]></summary>'), id="summary"
        ),
        pytest.param(in_rss(SENTENCE.replace(' rel="license"', "")), id="without-rel"),
        pytest.param(in_rss(SENTENCE[3:-4]), id="without-paragraph"),
        pytest.param(
            json.dumps(
                {
                    "version": "https://jsonfeed.org/version/1.1",
                    "title": "P",
                    "items": [{"id": "1", "content_html": SENTENCE}],
                }
            ),
            id="json-feed",
        ),
    ],
)
def test_a_sentence_with_a_link_is_a_grant_as_in_a_page(xml: str) -> None:
    rights = rights_of_feed(xml)
    assert (rights.status, rights.spdx_expression) == ("granted", "CC-BY-4.0")
    [evidence] = [each for each in rights.evidence if each.frame == "grant_text"]
    assert (evidence.layer, evidence.source_url) == ("html", FEED)
    assert "This article is licensed" in evidence.quote


CREDIT = f'Photo: N. Roe, <a rel="license" href="{BY_SA}">CC BY-SA 4.0</a>'


@pytest.mark.parametrize(
    ("markup", "kind"),
    [
        pytest.param(
            f'<figure><img src="a.jpg"><figcaption>{CREDIT}</figcaption></figure>', "image",
            id="figure",
        ),
        pytest.param(
            f'<div class="wp-caption"><img src="a.jpg"><p>N. Roe, <a rel="license" href="{BY_SA}">'
            "CC BY-SA 4.0</a></p></div>", "image",
            id="caption-class",
        ),
        pytest.param(f"<p><em>{CREDIT}</em></p>", "image", id="words"),
        pytest.param(f"</div></p>{CREDIT}", "image", id="broken"),
        pytest.param(
            f'<blockquote>He sang. <a rel="license" href="{BY_SA}">CC BY-SA</a></blockquote>',
            "quoted_work",
            id="quotation",
        ),
    ],
)  # fmt: skip
def test_the_licence_of_a_picture_is_the_pictures(markup: str, kind: str) -> None:
    rights = rights_of_feed(in_rss(markup))
    assert (rights.status, rights.spdx_expression) == ("unknown", "NOASSERTION")
    assert objects(rights) == [(kind, "CC-BY-SA-4.0")]


@pytest.mark.parametrize(
    "markup",
    [
        pytest.param(f'<div style="display:none">{SENTENCE}</div>', id="hidden"),
        pytest.param(f'<div class="comments">{SENTENCE}</div>', id="comment"),
        pytest.param(
            f'<p>Wikipedia moved to <a href="{BY_SA}">CC BY-SA 4.0</a> in 2023.</p>', id="mention"
        ),
        pytest.param(
            f'<p>This article is not licensed under <a rel="license" href="{BY}">CC BY</a>.</p>',
            id="denied",
        ),
    ],
)
def test_other_links_in_an_item_grant_nothing(markup: str) -> None:
    rights = rights_of_feed(in_rss(markup))
    assert rights.status == "unknown"
    assert rights.evidence


def test_a_sentence_that_the_items_html_hides_counts_nothing_in_the_text() -> None:
    body = "Work begins. This article is licensed under CC BY 4.0."
    hidden = '<p hidden="">This article is licensed under CC BY 4.0.</p>'
    found = parse_feed(in_rss(hidden).encode(), base_url=FEED)
    assert isinstance(found, FeedDocument)
    signals = found.items[0].article.rights_signals
    assert rights_of(body).status == "granted"
    assert rights_of(body, *signals).status == "unknown"


def test_passages_of_an_item_that_no_snippet_may_show_are_kept() -> None:
    rights = rights_of_feed(in_rss("<p>Seen. <span data-nosnippet>Not shown.</span></p>"))
    assert rights.preferences.nosnippet_texts == ("Not shown.",)


@pytest.mark.parametrize(
    "markup",
    [
        f'<a rel="license" href="{BY_SA}">' * 20_000,
        "<div>" * 20_000 + CREDIT,
        f"<figure>{CREDIT}</figure>" * 5_000,
        "licence <!--" * 20_000,
    ],
)
def test_hostile_markup_of_an_item_is_read_in_bounded_time(markup: str) -> None:
    with bounded():
        assert rights_of_feed(in_rss(markup)).status != "public_domain"
