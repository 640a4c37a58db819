"""Return the bytes of a feed in each format."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.utils import format_datetime
from html import escape

from .articles import Article
from .plans import DateStyle, FeedKind, FeedPlan

CONTENT_TYPES: dict[FeedKind, str] = {
    "rss20": "application/rss+xml; charset=utf-8",
    "rss10": "application/rdf+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "json_feed": "application/feed+json",
    "news_sitemap": "application/xml",
    "sitemap_index": "application/xml",
    "ninjs": "application/json",
}
CC_BY = "https://creativecommons.org/licenses/by/4.0/"
FUTURE = timedelta(days=2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An article as one feed shows it: ``link`` and ``guid`` are that feed's spelling."""

    article: Article
    link: str
    guid: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedPage:
    """What a feed is rendered from."""

    plan: FeedPlan
    title: str
    home_url: str
    self_url: str
    entries: Sequence[Entry]
    child_urls: Sequence[str] = ()
    has_cc_notice: bool = False


def render_feed(page: FeedPage) -> bytes:
    """Return the feed as it is sent."""
    data = _RENDERERS[page.plan.kind](page).encode()
    # mtime 0: the same articles give the same bytes.
    return gzip.compress(data, 6, mtime=0) if page.plan.is_gzip_file else data


def content_type(plan: FeedPlan) -> str:
    """Return the Content-Type of a feed."""
    return "application/gzip" if plan.is_gzip_file else CONTENT_TYPES[plan.kind]


def _rss20(page: FeedPage) -> str:
    rights = f"<creativeCommons:license>{CC_BY}</creativeCommons:license>"
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/"'
        ' xmlns:creativeCommons="http://backend.userland.com/creativeCommonsRssModule">\n<channel>'
        f"<title>{escape(page.title)}</title><link>{escape(page.home_url)}</link>"
        f"<description>News</description><language>en</language>{rights * page.has_cc_notice}\n"
        + "\n".join(_rss20_item(page, entry) for entry in page.entries)
        + "\n</channel></rss>\n"
    )


def _rss20_item(page: FeedPage, entry: Entry) -> str:
    guid = ""
    if entry.guid is not None:
        is_link = "true" if entry.guid == entry.link else "false"
        guid = f'<guid isPermaLink="{is_link}">{escape(entry.guid)}</guid>'
    at = _date(entry.article.published_at, page.plan.dates)
    date = f"<pubDate>{_rfc822(at, page.plan.dates)}</pubDate>" if at else ""
    return (
        f"<item><title>{escape(entry.article.title)}</title><link>{escape(entry.link)}</link>{guid}"
        f"{date}<description>{escape(entry.article.summary)}</description>"
        f"{_encoded(page, entry)}</item>"
    )


def _encoded(page: FeedPage, entry: Entry) -> str:
    if not page.plan.has_full_text:
        return ""
    return f"<content:encoded><![CDATA[{body_html(entry.article)}]]></content:encoded>"


def _rss10(page: FeedPage) -> str:
    links = "".join(f'<rdf:li rdf:resource="{escape(e.link)}"/>' for e in page.entries)
    items = "\n".join(_rss10_item(page, entry) for entry in page.entries)
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<rdf:RDF xmlns="http://purl.org/rss/1.0/"'
        ' xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"'
        ' xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/">\n'
        f'<channel rdf:about="{escape(page.self_url)}"><title>{escape(page.title)}</title>'
        f"<link>{escape(page.home_url)}</link><description>News</description>"
        f"<dc:language>en</dc:language><items><rdf:Seq>{links}</rdf:Seq></items></channel>\n"
        f"{items}\n</rdf:RDF>\n"
    )


def _rss10_item(page: FeedPage, entry: Entry) -> str:
    at = _date(entry.article.updated_at, page.plan.dates)
    date = f"<dc:date>{_iso(at, page.plan.dates)}</dc:date>" if at else ""
    return (
        f'<item rdf:about="{escape(entry.link)}"><title>{escape(entry.article.title)}</title>'
        f"<link>{escape(entry.link)}</link>{date}"
        f"<description>{escape(entry.article.summary)}</description>{_encoded(page, entry)}</item>"
    )


def _atom(page: FeedPage) -> str:
    latest = max((e.article.updated_at for e in page.entries), default=None)
    rights = f'<link rel="license" href="{CC_BY}"/>' if page.has_cc_notice else ""
    return (
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom"'
        f' xml:lang="en"><id>{escape(page.self_url)}</id><title>{escape(page.title)}</title>'
        f'<link rel="self" href="{escape(page.self_url)}"/>'
        f'<link rel="alternate" href="{escape(page.home_url)}"/>{rights}'
        f"<updated>{_iso(latest, 'good') if latest else '1970-01-01T00:00:00Z'}</updated>\n"
        + "\n".join(_atom_entry(page, entry) for entry in page.entries)
        + "\n</feed>\n"
    )


def _atom_entry(page: FeedPage, entry: Entry) -> str:
    published = _date(entry.article.published_at, page.plan.dates)
    updated = _date(entry.article.updated_at, page.plan.dates)
    dates = ""
    if published and updated:
        dates = (
            f"<published>{_iso(published, page.plan.dates)}</published>"
            f"<updated>{_iso(updated, page.plan.dates)}</updated>"
        )
    content = ""
    if page.plan.has_full_text:
        content = f'<content type="html">{escape(body_html(entry.article))}</content>'
    return (
        f"<entry><id>{escape(entry.guid or entry.link)}</id>"
        f"<title>{escape(entry.article.title)}</title>"
        f'<link rel="alternate" type="text/html" href="{escape(entry.link)}"/>{dates}'
        f"<summary>{escape(entry.article.summary)}</summary>{content}</entry>"
    )


def _json_feed(page: FeedPage) -> str:
    return json.dumps(
        {
            "version": "https://jsonfeed.org/version/1.1",
            "title": page.title,
            "home_page_url": page.home_url,
            "feed_url": page.self_url,
            "language": "en",
            "items": [_json_item(page, entry) for entry in page.entries],
        }
    )


def _json_item(page: FeedPage, entry: Entry) -> dict[str, str]:
    article = entry.article
    item = {
        "id": entry.guid or entry.link,
        "url": entry.link,
        "title": article.title,
        "summary": article.summary,
    }
    published = _date(article.published_at, page.plan.dates)
    updated = _date(article.updated_at, page.plan.dates)
    if published and updated:
        item["date_published"] = _iso(published, page.plan.dates)
        item["date_modified"] = _iso(updated, page.plan.dates)
    if page.plan.has_full_text:
        item["content_html"] = body_html(article)
    return item


def _news_sitemap(page: FeedPage) -> str:
    urls = []
    for entry in page.entries:
        article = entry.article
        urls.append(
            f"<url><loc>{escape(entry.link)}</loc>"
            f"<lastmod>{_iso(article.updated_at, 'good')}</lastmod><news:news><news:publication>"
            f"<news:name>{escape(page.title)}</news:name><news:language>en</news:language>"
            "</news:publication>"
            f"<news:publication_date>{_iso(article.published_at, 'good')}</news:publication_date>"
            f"<news:title>{escape(article.title)}</news:title></news:news></url>"
        )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"'
        ' xmlns:news="http://www.google.com/schemas/sitemap-news/0.9">\n'
        + "\n".join(urls)
        + "\n</urlset>\n"
    )


def _sitemap_index(page: FeedPage) -> str:
    latest = max((e.article.updated_at for e in page.entries), default=None)
    lastmod = f"<lastmod>{_iso(latest, 'good')}</lastmod>" if latest else ""
    rows = "\n".join(
        f"<sitemap><loc>{escape(url)}</loc>{lastmod}</sitemap>" for url in page.child_urls
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{rows}\n</sitemapindex>\n"
    )


def _ninjs(page: FeedPage) -> str:
    return json.dumps({"items": [_ninjs_item(entry) for entry in page.entries]})


def _ninjs_item(entry: Entry) -> dict[str, object]:
    article = entry.article
    item: dict[str, object] = {
        "standard": {"name": "ninjs", "version": "2.1"},
        "uri": entry.guid,
        "type": "text",
        "pubstatus": "canceled" if article.state == "canceled" else "usable",
        "firstcreated": _iso(article.published_at, "good"),
        "versioncreated": _iso(article.updated_at, "good"),
        "version": str(article.version),
        "language": "en",
        "headlines": [{"role": "main", "value": article.title}],
        "descriptions": [{"role": "summary", "value": article.summary}],
    }
    if article.state != "canceled":
        item["bodies"] = [{"contenttype": "text/html", "value": body_html(article)}]
    if article.embargoed_until is not None:
        item["embargoed"] = _iso(article.embargoed_until, "good")
    return item


def body_html(article: Article) -> str:
    """Return the text as paragraphs of HTML."""
    return "".join(f"<p>{escape(paragraph)}</p>" for paragraph in article.paragraphs)


def _date(at: datetime, style: DateStyle) -> datetime | None:
    if style == "missing":
        return None
    return at + FUTURE if style == "future" else at


def _iso(at: datetime, style: DateStyle) -> str:
    return at.strftime("%Y-%m-%dT%H:%M:%S") + ("" if style == "no_zone" else "Z")


def _rfc822(at: datetime, style: DateStyle) -> str:
    text = format_datetime(at, usegmt=True)
    return text.removesuffix(" GMT") if style == "no_zone" else text


_RENDERERS: dict[FeedKind, Callable[[FeedPage], str]] = {
    "rss20": _rss20,
    "rss10": _rss10,
    "atom": _atom,
    "json_feed": _json_feed,
    "news_sitemap": _news_sitemap,
    "sitemap_index": _sitemap_index,
    "ninjs": _ninjs,
}
