"""Turn an item into the article that the producers would hand over, by their own readers."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urljoin, urlsplit

from trafilatura.utils import load_html

from dateline import ids
from dateline.records import RawArticle, RightsSignal
from dateline.rights.signals.robots_lines import USER_AGENT_TOKEN, rights_lines
from dateline.rights.signals.rsl import cut_rsl, rsl_addresses
from dateline.rights.signals.tdmrep import cut_tdmrep
from producers.extract.page_signals import page_signals
from producers.feed_document import FeedDocument
from producers.parse_feed import parse_feed
from producers.parsed import ParsedArticle, Refusal
from producers.sources.ninjs import parse_ninjs

from .gold import Item

OBSERVED_AT = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
SOURCE_ID = "gold.example"
_NOWHERE = "https://gold.example/"
_EMPTY_PAGE = "<html><body><p></p></body></html>"
_TDM_PATH = "/.well-known/tdmrep.json"


class ItemUnreadableError(ValueError):
    """A part of an item that our producers refuse."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Gathered:
    """An article with its signals, and the markup of its page for detectors that read pages."""

    article: RawArticle
    page_html: str | None = None


def gather(item: Item) -> Gathered:
    """Return the article of ``item`` with every signal beside it, as producers give them.

    What the item says of its article wins over what its feed or ninjs says.

    Raises:
        ItemUnreadableError: the feed or ninjs item is refused; the message names the part.
    """
    page = _page_html(item)
    parsed = [each for each in (_feed_article(item), _ninjs_article(item)) if each is not None]
    stated = item.article
    stated_beside = [
        *(signal for each in parsed for signal in each.rights_signals),
        *_page_signals(item, page),
    ]
    return Gathered(
        article=RawArticle(
            article_id=ids.article_id(SOURCE_ID, item.id),
            source_id=SOURCE_ID,
            key=item.id,
            content_sha256=ids.article_id(SOURCE_ID, item.body),
            body=item.body,
            media_type="text/plain",
            origin="live",
            observed_at=OBSERVED_AT,
            updated_at=OBSERVED_AT,
            url=stated.url,
            language=item.language,
            authors=stated.authors or _first(parsed, "authors") or (),
            credit=stated.credit or _first(parsed, "credit"),
            publisher=stated.publisher or _first(parsed, "publisher"),
            title=_first(parsed, "title"),
            rights_signals=(*stated_beside, *_host_signals(item, stated_beside)),
        ),
        page_html=page,
    )


def body_html(body: str) -> str:
    """Return a text as paragraphs of markup."""
    paragraphs = re.split(r"\n\s*\n", body.strip())
    return "\n".join(f"<p>{html.escape(p).replace(chr(10), '<br>')}</p>" for p in paragraphs)


def _page_html(item: Item) -> str | None:
    page = item.beside.page_html
    return None if page is None else page.replace("{{body}}", body_html(item.body))


def _page_signals(item: Item, page: str | None) -> tuple[RightsSignal, ...]:
    if page is None and not item.beside.http_headers:
        return ()
    tree = load_html(page or _EMPTY_PAGE)
    if tree is None:
        raise ItemUnreadableError(f"{item.id}: page_html is no markup")
    headers = {name.lower(): value for name, value in item.beside.http_headers.items()}
    return page_signals(tree, headers)


def _feed_article(item: Item) -> ParsedArticle | None:
    feed = item.beside.feed_xml
    if feed is None:
        return None
    found = parse_feed(feed.strip().encode(), base_url=urljoin(_url(item), "/feed.xml"))
    if not isinstance(found, FeedDocument) or len(found.items) != 1:
        why = found.reason if isinstance(found, Refusal) else f"{len(found.items)} items"
        raise ItemUnreadableError(f"{item.id}: feed_xml: {why}")
    return found.items[0].article


def _ninjs_article(item: Item) -> ParsedArticle | None:
    if item.beside.ninjs is None:
        return None
    given: dict[str, Any] = json.loads(item.beside.ninjs)
    names = {name.lower() for name in given}
    if not names & {"body_text", "bodies", "body_xhtml", "body_html"}:
        given["body_text"] = item.body
    given.setdefault("uri", _url(item))
    found = parse_ninjs(given, line=None, is_alone=True)
    if not isinstance(found, ParsedArticle):
        raise ItemUnreadableError(f"{item.id}: ninjs: {found.reason}")
    return found


def _host_signals(item: Item, stated: Sequence[RightsSignal]) -> Iterator[RightsSignal]:
    """Yield what files of the host say of the article; ``stated`` may name its RSL document."""
    beside, url = item.beside, _url(item)
    robots = rights_lines(beside.robots_txt or "", token=USER_AGENT_TOKEN)
    found = [_host_signal("robots", "robots.txt", robots, urljoin(url, "/robots.txt"))]
    rules = cut_tdmrep(beside.tdmrep_json or "", article_url=url)
    found.append(_host_signal("wellknown", "tdmrep.json", rules, urljoin(url, _TDM_PATH)))
    if beside.rsl_xml is not None:
        named = rsl_addresses([*stated, found[0]], article_url=url)
        address = named[0] if named else urljoin(url, "/rsl.xml")
        document = cut_rsl(beside.rsl_xml.strip(), article_url=url)
        found.append(_host_signal("rsl", "document", document, address))
    yield from (signal for signal in found if signal.value)


def _host_signal(layer: str, field: str, value: str, source_url: str) -> RightsSignal:
    return RightsSignal(layer=layer, field=field, value=value, source_url=source_url)


def _url(item: Item) -> str:
    url = item.article.url or _NOWHERE
    return url if urlsplit(url).netloc else _NOWHERE


def _first(parsed: list[ParsedArticle], name: str) -> Any:
    return next((value for each in parsed if (value := getattr(each, name))), None)
