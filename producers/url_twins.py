"""Return one address for the AMP and mobile twins of an article."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

from tld import get_tld

from producers.normalize_url import normalize_url

TWIN_HOST_PREFIXES = ("m.", "mobile.", "amp.")
AMP_SUFFIXES = ("/amp", "/amp/", "/amp.html", ".amp", ".amp.html")
AMP_PARAMETERS = {"amp": ("", "1", "true", "amp"), "outputtype": ("amp",)}
# What a cache adds to the address of the page that it keeps.
CACHE_PARAMETERS = frozenset({"usqp", "aoh", "csi", "ampshare", "referrer", "share"})
_GOOGLE_HOST = re.compile(r"(?:www\.)?google\.[a-z]{2,3}(?:\.[a-z]{2})?")
_GOOGLE_PATH = re.compile(r"/amp/(?:s/)?(?P<inner>.+)")
_CACHE_PATH = re.compile(r"/(?:c|v|wp)/(?:s/)?(?P<inner>.+)")
_HOST = re.compile(r"(?:[a-z0-9-]+\.)+[a-z][a-z0-9-]*")


def article_url(url: str) -> str | None:
    """Return ``normalize_url`` of ``url`` with AMP and mobile twins folded; None when it is none.

    Folded: hosts ``m.``, ``mobile.`` and ``amp.``; paths that end in ``/amp``, ``/amp/``,
    ``/amp.html``, ``.amp`` or ``.amp.html``; the parameters ``amp`` and ``outputType=amp``; the
    page inside an address of Google's AMP viewer or cache. Nothing is folded where no path or only
    a public suffix would be left (``m.example``, ``amp.co.uk``, ``/amp``).

    Not folded: ``www.`` and a slash at the end, for sites exist that answer something else without
    them, and the key of an article must not change once it is given; ``m`` inside a host
    (``en.m.wikipedia.org``) and ``/amp/`` inside a path, which are also names of sections.

    Raises: Nothing.
    """
    current = normalize_url(url)
    if current is None:
        return None
    while True:
        # Every fold makes the address shorter, so this ends.
        folded = normalize_url(_folded(current))
        if folded is None or len(folded) >= len(current):
            return current
        current = folded


def _folded(url: str) -> str:
    parts = urlsplit(url)
    inner = _inside_cache(parts)
    if inner is not None:
        return inner
    host = _without_prefix(parts.netloc)
    query = "&".join(part for part in parts.query.split("&") if not _is_amp(part))
    return urlunsplit(SplitResult(parts.scheme, host, _without_suffix(parts.path), query, ""))


def _inside_cache(parts: SplitResult) -> str | None:
    """Return the address that an address of the AMP viewer or cache stands for."""
    if _GOOGLE_HOST.fullmatch(parts.netloc):
        match = _GOOGLE_PATH.fullmatch(parts.path)
    elif parts.netloc.endswith(".cdn.ampproject.org"):
        match = _CACHE_PATH.fullmatch(parts.path)
    else:
        return None
    if match is None:
        return None
    host, _, path = match["inner"].partition("/")
    if not _HOST.fullmatch(host.lower()):
        return None
    query = "&".join(part for part in parts.query.split("&") if not _is_of_cache(part))
    return urlunsplit(SplitResult("https", host, f"/{path}", query, ""))


def _without_prefix(netloc: str) -> str:
    for prefix in TWIN_HOST_PREFIXES:
        rest = netloc.removeprefix(prefix)
        if rest != netloc and "." in rest.strip(".") and not _is_public_suffix(rest):
            return rest
    return netloc


def _is_public_suffix(netloc: str) -> bool:
    host = netloc.partition(":")[0]
    if not _HOST.fullmatch(host):
        return True  # nothing that can be judged: kept as it is
    found = get_tld(f"https://{host}/", fail_silently=True, search_private=True)
    return found == host


def _without_suffix(path: str) -> str:
    for suffix in AMP_SUFFIXES:
        rest = path.removesuffix(suffix)
        if rest == path or not rest.strip("/") or rest.endswith("/"):
            continue
        if suffix in ("/amp/", "/amp.html"):
            return f"{rest}/"
        return f"{rest}.html" if suffix == ".amp.html" else rest
    return path


def _is_amp(parameter: str) -> bool:
    name, _, value = parameter.partition("=")
    return unquote(value).lower() in AMP_PARAMETERS.get(unquote(name).lower(), ())


def _is_of_cache(parameter: str) -> bool:
    name = unquote(parameter.partition("=")[0]).lower()
    return name in CACHE_PARAMETERS or name.startswith("amp_") or _is_amp(parameter)
