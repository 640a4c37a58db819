"""What messages say, and that nothing foreign in them acts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from channel_samples import ALERT, CONTENT, NOW, alert_with, channel

from dateline.channels import Message, render_alert, render_digest
from dateline.ids import delivery_id

EVIL = '<img src=x onerror=alert(1)><a href="javascript:x">y</a>\r\n\r\n@everyone <!channel>'


class Tags(HTMLParser):
    """Names and attributes of what a browser would see."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.names: set[str] = set()
        self.attributes: set[str] = set()
        self.links: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.names.add(tag)
        self.attributes |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]


def forms(message: Message) -> tuple[str, str, str]:
    return message.text, message.html, message.short


def test_message_says_what_matched_and_why() -> None:
    message = render_alert(ALERT)

    assert message.subject == "[Qatar talks] Talks in Doha"
    for form in forms(message):
        for part in (
            "Al-Khulaifi said the talks went on.",
            "Mehr News Agency",
            "Doha round",
            "the query's entity “Qatar” in the title".replace("'", "&#39;")
            if form is message.html
            else "the query's entity “Qatar” in the title",
            "CC-BY-4.0",
            "“Talks in Doha” by Mehr News Agency, licensed under CC BY 4.0.",
            "https://news.example/a/1",
            "dateline watch remove qatar-talks",
        ):
            assert part in form


def test_message_id_is_that_of_the_delivery() -> None:
    message = render_alert(ALERT)

    assert message.message_id == delivery_id(ALERT.alert_id, "desk")
    assert message.created_at == NOW
    assert render_alert(replace(ALERT, channel_id="other")).message_id != message.message_id


def test_message_links_our_page_when_there_is_one() -> None:
    page = f"https://dl.news.example/x/alerts/{ALERT.alert_id}"
    with_page = render_alert(ALERT, public_url="https://dl.news.example/x/")

    assert all(page in form for form in forms(with_page))
    assert with_page.payload["data"]["alert_url"] == page
    assert not any("/alerts/" in form for form in forms(render_alert(ALERT)))


def test_message_says_that_the_text_is_withheld() -> None:
    reason = "the licence of this article allows its title only"
    message = render_alert(alert_with(sentence=None, excerpt=None, withheld_reason=reason))

    for form in forms(message):
        assert f"Text withheld by its licence: {reason}" in form
        assert "Al-Khulaifi" not in form


def test_message_without_a_title_names_the_source() -> None:
    message = render_alert(alert_with(title=None))

    assert message.subject == "[Qatar talks] an article of Mehr News Agency"


def test_correction_says_so_first() -> None:
    alert = replace(
        alert_with(note="The source has withdrawn this article."),
        trigger="correction",
        corrects_alert_id="f" * 64,
    )
    message = render_alert(alert)

    assert message.subject == "[Qatar talks] correction: Talks in Doha"
    assert message.follows_id == delivery_id("f" * 64, "desk")
    assert all("The source has withdrawn this article." in form for form in forms(message))


def test_alert_without_content_still_tells() -> None:
    message = render_alert(replace(ALERT, content=None))

    assert message.subject == "[qatar-talks] an article of an unknown source"
    assert "is not kept any more" in message.text


@pytest.mark.parametrize(
    "field",
    ["title", "sentence", "excerpt", "note", "story_title", "attribution_text", "watch_name",
     "query", "publisher", "withheld_reason", "spdx_expression", "language"],
)  # fmt: skip
def test_foreign_text_is_harmless_in_every_form(field: str) -> None:
    message = render_alert(alert_with(**{field: EVIL}))
    plain = Tags(render_alert(ALERT).html)
    found = Tags(message.html)

    assert found.names <= plain.names | {"blockquote", "strong", "br"}
    assert found.attributes == plain.attributes
    assert found.links == plain.links
    assert "\n" not in message.subject
    assert "@everyone" not in message.short
    assert "<" not in message.short
    assert "\r" not in message.text


def test_foreign_reasons_and_entities_are_harmless() -> None:
    entity = replace(CONTENT.entities[0], name=EVIL)
    message = render_alert(alert_with(reasons=(EVIL,), entities=(entity,)))

    assert "img" not in Tags(message.html).names
    assert "@everyone" not in message.short


@pytest.mark.parametrize(
    "url", ["javascript:alert(1)", "data:text/html,x", "https://good.example@bad.example/", "//x/",
            'https://x.example/"onmouseover="alert(1)', "https://x.example/a](http://bad.example)"]
)  # fmt: skip
def test_links_are_http_and_keep_to_themselves(url: str) -> None:
    message = render_alert(alert_with(url=url))

    links = Tags(message.html).links
    assert all(link.startswith("https://x.example/") for link in links)
    assert "onmouseover" not in Tags(message.html).attributes
    assert "javascript:" not in "".join(forms(message))
    assert "bad.example/" not in "".join(links)
    assert "](http" not in message.short
    assert message.payload["data"]["content"]["url"] in [None, *links]


def test_long_parts_are_cut() -> None:
    message = render_alert(
        alert_with(
            title="word " * 1000, sentence="x" * 50_000, reasons=("because " * 500,) * 40,
            query="a OR " * 10_000,
        )
    )  # fmt: skip

    assert len(message.subject) <= 150
    assert len(message.text) < 8_000
    assert len(message.short) < 1_500
    assert "and 32 more" in message.text


def test_digest_groups_by_watch_and_counts_the_rest() -> None:
    other = replace(
        alert_with(watch_name="Sanctions", title="Sanctions eased"),
        alert_id="d" * 64,
        watch_id="sanctions",
        created_at=NOW + timedelta(minutes=5),
    )
    desk = channel("email", name="Desk")

    message = render_digest(desk, [ALERT, other, ALERT], more_count=14)

    assert message.subject == "[Desk] 17 alerts"
    assert message.created_at == other.created_at
    for form in forms(message):
        assert form.count("Talks in Doha") >= 2
        assert form.index("Qatar talks") < form.index("Sanctions")
        assert form.count("dateline watch remove qatar-talks") == 1
        assert "and 14 more" in form
    assert message.payload["type"] == "alert.digest"
    assert message.payload["data"]["alert_count"] == 17
    assert message.payload["data"]["more_count"] == 14


def test_digest_id_is_the_same_at_every_try() -> None:
    desk = channel("email")
    first = render_digest(desk, [ALERT], more_count=0)

    assert render_digest(desk, [ALERT], more_count=0).message_id == first.message_id
    assert render_digest(desk, [ALERT, ALERT], more_count=0).message_id != first.message_id
    assert render_digest(desk, [ALERT], more_count=0, message_id="due").message_id == "due"
    assert "." not in first.message_id


def test_digest_lists_a_hundred_at_most() -> None:
    message = render_digest(channel("email"), [ALERT] * 130, more_count=0)

    assert message.text.count("- Talks in Doha") == 100
    assert "and 30 more" in message.text
    assert "and 120 more" in message.short
