"""Return an address that may be asked for, or say why it may not."""

from __future__ import annotations

import re
from urllib.parse import urljoin, urlsplit

from yarl import URL

from producers.fetch.fetched import FetchProblem
from producers.normalize_url import MAX_URL_CHARS

# What a host consists of once it is encoded for the name system. Underscores are no host names by
# the book, yet they are in use.
HOST_NAME = re.compile(r"(?!-)[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*\.?")
HOST_V6 = re.compile(r"[0-9a-f:]+(\d+\.){0,3}\d*")  # no zone: it names a local interface
MAX_HOST_CHARS = 254
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


def parse_http_url(text: str) -> URL:
    """Return the address in the form it is sent, without its fragment.

    The host is lower-case and encoded (IDNA); full-width digits have become digits. Whether its
    address may be connected to is judged when it is connected.

    Raises:
        FetchProblem: ``url``: another scheme than http(s), user information, port 0, no host or one
            that is none, control characters, too long.
    """
    given = text.strip()
    if len(given) > MAX_URL_CHARS:
        raise FetchProblem("url", f"longer than {MAX_URL_CHARS} characters")
    if CONTROL.search(given):
        raise FetchProblem("url", "holds control characters")
    try:
        given.encode()
        netloc = urlsplit(given).netloc
        url = URL(given).with_fragment(None)
        scheme, host, port = url.scheme, url.raw_host or "", url.port
    except ValueError as error:  # bad port, bad IPv6 literal, a host that cannot be encoded
        raise FetchProblem("url", "cannot be parsed") from error
    if scheme not in ("http", "https"):
        raise FetchProblem("url", "only http and https are fetched")
    if "@" in netloc or url.raw_user is not None or url.raw_password is not None:
        raise FetchProblem("url", "holds a user name")
    if port == 0:
        raise FetchProblem("url", "port 0")
    if not _is_host(host):
        raise FetchProblem("url", "no valid host")
    return url


def resolve_location(base: URL, location: str) -> URL:
    """Return where a redirect leads.

    Args:
        base: the address that answered.
        location: the header's value; bytes that are no UTF-8 may stand in it as surrogates.

    Raises:
        FetchProblem: ``url``: as `parse_http_url`.
    """
    try:
        joined = urljoin(str(base), clean_text(location).strip())
    except ValueError as error:
        raise FetchProblem("url", "redirect cannot be parsed") from error
    return parse_http_url(joined)


def clean_text(value: str) -> str:
    """Return a header's value as text that can be encoded; bytes beyond UTF-8 read as Latin-1."""
    try:
        value.encode()
    except UnicodeEncodeError:
        return value.encode("utf-8", "surrogateescape").decode("latin-1")
    return value


def host_of(url: str) -> str:
    """Return the host that answers for ``url``: lower-case, encoded, without a final dot.

    Raises:
        FetchProblem: ``url``: as `parse_http_url`.
    """
    return (parse_http_url(url).raw_host or "").rstrip(".")


def origin_of(url: str) -> str:
    """Return scheme, host and port without the default one: ``https://example.org``.

    Raises:
        FetchProblem: ``url``: as `parse_http_url`.
    """
    parsed = parse_http_url(url)
    host = (parsed.host_subcomponent or "").rstrip(".")
    return f"{parsed.scheme}://{host}{'' if parsed.is_default_port() else f':{parsed.port}'}"


def _is_host(host: str) -> bool:
    pattern = HOST_V6 if ":" in host else HOST_NAME
    return len(host) <= MAX_HOST_CHARS and pattern.fullmatch(host) is not None
