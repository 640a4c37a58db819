"""Return the HTML of a page with everything around the article that real pages have."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape

from .articles import Article
from .feeds import CC_BY, body_html

STYLE = "body{font:16px/1.5 serif}nav li{display:inline}aside{float:right;width:20em}" * 8
SECTIONS = ("Front page", "World", "Region", "Economy", "Weather", "Sport", "Letters", "Archive")
CC_NOTICE = (
    "All content of this site is licensed under a"
    f' <a rel="license" href="{CC_BY}">Creative Commons Attribution 4.0 International License</a>.'
)
ALL_RIGHTS = "© 2026. All rights reserved. Reproduction without permission is prohibited."


def render_page(
    article: Article, *, origin: str, related: Sequence[str] = (), has_cc_notice: bool = False
) -> str:
    """Return the page of an article.

    Args:
        article: what the page is about.
        origin: scheme, host and port.
        related: headlines for the side column.
        has_cc_notice: whether the footer and the metadata grant CC BY 4.0.
    """
    url = f"{origin}{article.path}"
    return (
        f"<!DOCTYPE html>\n<html lang=en><head><meta charset=utf-8>"
        f"<title>{escape(article.title)} | {escape(article.publisher)}</title>"
        f'<link rel="canonical" href="{escape(url)}"><link rel="amphtml" href="{escape(url)}/amp">'
        f'<meta property="og:title" content="{escape(article.title)}">'
        f'<meta property="og:site_name" content="{escape(article.publisher)}">'
        f'<meta name="description" content="{escape(article.summary)}">'
        f'<meta property="article:published_time" content="{article.published_at.isoformat()}">'
        f'<meta property="article:modified_time" content="{article.updated_at.isoformat()}">'
        f'<script type="application/ld+json">{_json_ld(article, url, has_cc_notice)}</script>'
        f"<style>{STYLE}</style></head><body>{_navigation()}<main><article>"
        f"<h1>{escape(article.title)}</h1>{body_html(article)}</article>{_related(related)}</main>"
        f"{_footer(has_cc_notice=has_cc_notice)}</body></html>\n"
    )


def render_home(title: str, feed_paths: Sequence[str]) -> str:
    """Return the front page, which names the feeds."""
    links = "".join(f'<link rel="alternate" type="{_type(p)}" href="{p}">' for p in feed_paths)
    return (
        f"<!DOCTYPE html><html lang=en><head><title>{escape(title)}</title>{links}</head>"
        f"<body>{_navigation()}<h1>{escape(title)}</h1></body></html>"
    )


def _type(path: str) -> str:
    return "application/feed+json" if path.endswith(".json") else "application/rss+xml"


def _json_ld(article: Article, url: str, has_cc_notice: bool) -> str:
    block: dict[str, object] = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": article.title,
        "datePublished": article.published_at.isoformat(),
        "dateModified": article.updated_at.isoformat(),
        "mainEntityOfPage": url,
        "publisher": {"@type": "Organization", "name": article.publisher},
    }
    if has_cc_notice:
        block["license"] = CC_BY
    return json.dumps(block)


def _navigation() -> str:
    items = "".join(f'<li><a href="/s/{number}">{name}</a></li>' for number, name in _numbered())
    return f'<header><nav><ul>{items}</ul></nav><div class="search">Search</div></header>'


def _numbered() -> list[tuple[int, str]]:
    return list(enumerate(SECTIONS))


def _related(titles: Sequence[str]) -> str:
    items = "".join(f'<li><a href="/r/{n}">{escape(t)}</a></li>' for n, t in enumerate(titles))
    return f'<aside class="related"><h2>More on this</h2><ul>{items}</ul></aside>'


def _footer(*, has_cc_notice: bool) -> str:
    rights = CC_NOTICE if has_cc_notice else ALL_RIGHTS
    return (
        "<footer><ul><li><a href='/about'>About us</a></li><li><a href='/terms'>Terms</a></li>"
        f"<li><a href='/newsletter'>Newsletter</a></li></ul><p class='copyright'>{rights}</p>"
        "</footer>"
    )
