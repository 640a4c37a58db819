"""Say whether a redirect led to the article or to something that stands before it."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from producers.url_twins import article_url

# A wall answers 200 with a text of its own, the same for every article.
_WALL_HOST = re.compile(r"(?:consent|login|signin|auth|sso|accounts?|myaccount)\.")
_WALL_PATH = re.compile(
    r"/(?:log-?in|sign-?in|sign-?up|register|registration|auth|sso|consent|cookie-?wall"
    r"|subscribe|subscription|paywall|404|410|error|not[-_]?found)(?:\.\w+)?(?:/|\Z)",
    re.IGNORECASE,
)
# The last part of a section's address; that of an article has a number or several words.
_SECTION = re.compile(r"[a-z]+(?:-[a-z]+)?", re.IGNORECASE)


def leads_elsewhere(final_url: str, url: str) -> bool:
    """Return whether the page at ``final_url`` is not the article asked for at ``url``.

    So it is when a redirect ended at a home page, at a section above the article, or at an address
    that names a login, a consent page, a subscription or an error, which ``url`` does not. Any
    other redirect is taken for the article's new address.

    Raises: Nothing.
    """
    final, first = _place(final_url), _place(url)
    if final == first:
        return False
    if _WALL_HOST.match(final.netloc) and final.netloc != first.netloc:
        return True
    if _WALL_PATH.search(final.path) and not _WALL_PATH.search(first.path):
        return True
    path = final.path.rstrip("/")
    if final.query or not first.path.strip("/"):
        return False
    is_above = final.netloc == first.netloc and first.path.startswith(f"{path}/")
    return not path or (is_above and bool(_SECTION.fullmatch(path.rpartition("/")[2])))


def _place(url: str) -> SplitResult:
    found = article_url(url) or ""
    return urlsplit(re.sub(r"\Ahttps://www\.", "https://", found).rstrip("/"))
