"""Return one spelling for the addresses of one article; the key of its identity (design 6)."""

from __future__ import annotations

from urllib.parse import SplitResult, unquote, urlsplit, urlunsplit

# Parameters that say where a reader came from, never which article is meant. `ref`, `source` and
# the like are kept: some sites choose the article by them.
TRACKING_PREFIXES = ("utm_", "mtm_", "pk_", "hsa_")
TRACKING_NAMES = frozenset(
    {
        "dclid", "fbclid", "gclid", "gclsrc", "gbraid", "igshid", "mc_cid", "mc_eid", "msclkid",
        "oly_anon_id", "oly_enc_id", "twclid", "vero_id", "wbraid", "wickedid", "yclid", "_hsenc",
        "_hsmi", "__twitter_impression",
    }
)  # fmt: skip
DEFAULT_PORTS = {"http": 80, "https": 443}
MAX_URL_CHARS = 4096  # browsers and servers stop far below; a longer one is no address


def normalize_url(url: str) -> str | None:
    """Return ``url`` in its normal form, or None when it is no http(s) address.

    Lower-case scheme and host, https for http, no user name, default port, fragment or tracking
    parameters, ``/`` for an empty path. Order and spelling of the other parameters are kept: they
    are the site's own. Nothing is fetched.

    Raises: Nothing.
    """
    text = url.strip()
    if len(text) > MAX_URL_CHARS:
        return None
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:  # bad port, bad IPv6 literal
        return None
    if parts.scheme not in DEFAULT_PORTS or not host or not _is_encodable(text):
        return None
    host = host.rstrip(".")
    if not host:
        return None
    netloc = f"[{host}]" if ":" in host else host
    if port is not None and port not in DEFAULT_PORTS.values():
        netloc = f"{netloc}:{port}"
    path = parts.path or "/"
    return urlunsplit(SplitResult("https", netloc, path, _kept_query(parts.query), ""))


def _kept_query(query: str) -> str:
    return "&".join(part for part in query.split("&") if part and not _is_tracking(part))


def _is_tracking(parameter: str) -> bool:
    name = unquote(parameter.partition("=")[0]).lower()
    return name in TRACKING_NAMES or name.startswith(TRACKING_PREFIXES)


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
