"""Say whether a page that answers 200 stands in the place of an article that is gone."""

from __future__ import annotations

import re
from urllib.parse import urlsplit

from producers.url_twins import article_url

# Titles of error pages that come with status 200: all of the title, or all before the site's name.
_ERROR_TITLE = re.compile(
    r"\s*(?:error\s*)?(?:(?:404|410)(?:\s*[-|–—:]?\s*(?:error|(?:page\s+)?not\s+found))?"
    r"|(?:sorry[,!. ]+)?(?:(?:the|this|that)\s+)?(?:(?:page|article|story)\s+)?"
    r"(?:(?:was|is|could|can)\s*)?(?:not|no longer|n[o']t)\s+(?:be\s+)?(?:found|available)"
    r"|(?:seite|artikel)\s+nicht\s+gefunden|page\s+(?:introuvable|non\s+trouvée)"
    r"|página\s+no\s+encontrada|pagina\s+non\s+trovata)[.!]?\s*(?:[-|–—(]|\Z)",
    re.IGNORECASE,
)
_ERROR_PATH = re.compile(r"/(?:404|410|error|not[-_]?found)(?:\.\w+)?/?\Z", re.IGNORECASE)


def is_error_title(title: str | None) -> bool:
    """Return whether a page has the title of an error page; an article about 404 has another."""
    return _ERROR_TITLE.match(title or "") is not None


def is_same_place(final_url: str, url: str) -> bool:
    """Return whether both are the address of one article (http, www, AMP, tracking apart)."""
    return _place(final_url) == _place(url)


def is_above(final_url: str, url: str) -> bool:
    """Return whether a redirect led up: to the site's home page, a section, or an error page.

    The home page of another site says nothing: it may ask for a login or for consent.
    """
    final, first = urlsplit(_place(final_url)), urlsplit(_place(url))
    if final == first or final.netloc != first.netloc:
        return False
    if _ERROR_PATH.search(final.path) and not _ERROR_PATH.search(first.path):
        return True
    if final.query:
        return False
    path = final.path.rstrip("/")
    return first.path.startswith(f"{path}/") if path else True


def _place(url: str) -> str:
    return re.sub(r"\Ahttps://www\.", "https://", article_url(url) or "").rstrip("/")
