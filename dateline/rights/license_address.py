"""Return what an address of creativecommons.org names: code, version and port, nothing guessed.

Source: the addresses of the deeds and legal codes of creativecommons.org. Only exact addresses
count, for what is not one is no licence: the start page, ``/licenses/``, ``/licenses/by/`` (no
version), ``by/9.9``, and every look-alike host.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

HOSTS = frozenset({"creativecommons.org", "www.creativecommons.org"})
MAX_ADDRESS_CHARS = 300
_LANGUAGE = r"[a-z]{2,3}(?:[-_@][a-z]{2,8})?"
_TAIL = rf"(?:/(?:deed(?:\.{_LANGUAGE})?|legalcode(?:\.{_LANGUAGE})?(?:\.txt)?|rdf|index\.html?)?)?"
_LICENSE = re.compile(
    r"/licenses/(?P<code>[a-z]{2,10}(?:\+|-[a-z]{2,8}\+?)*)/(?P<version>\d\.\d)"
    rf"(?:/(?P<port>(?!rdf)[a-z]{{2,3}}|scotland))?{_TAIL}",
    re.ASCII,
)
_PUBLIC_DOMAIN = re.compile(
    r"/publicdomain/(?P<code>zero|mark|certification)/(?P<version>1\.0)"
    rf"(?:/(?P<port>us))?{_TAIL}",
    re.ASCII,
)
_OLD_PUBLIC_DOMAIN = re.compile(r"/licenses/publicdomain(?:/1\.0)?/?(?:us/?)?", re.ASCII)


@dataclass(frozen=True, slots=True)
class CcAddress:
    """The parts of an address that names a licence; ``port`` is ``igo`` or a jurisdiction."""

    code: str
    version: str
    port: str | None = None


def parse_cc_address(address: str) -> CcAddress | None:
    """Return the parts of a Creative Commons address, or None for anything else.

    Accepted: http, https and ``//``; ``www.``; any case; ``deed.xx``, ``legalcode.xx``, ``rdf``; a
    query or fragment. Whether such a licence was ever published is the registry's to say.

    Raises: Nothing.
    """
    path = _path(address)
    if path is None:
        return None
    if _OLD_PUBLIC_DOMAIN.fullmatch(path):
        return CcAddress("certification", "1.0")
    found = _LICENSE.fullmatch(path) or _PUBLIC_DOMAIN.fullmatch(path)
    return CcAddress(found["code"], found["version"], found["port"]) if found else None


def is_cc_host(address: str) -> bool:
    """Return whether ``address`` is on Creative Commons' own site, licence or not."""
    return _path(address) is not None


def _path(address: str) -> str | None:
    stripped = address.strip()
    if not stripped or len(stripped) > MAX_ADDRESS_CHARS:
        return None
    if not stripped.isascii() or not stripped.isprintable() or "\\" in stripped:
        return None
    try:
        parts = urlsplit(stripped if "//" in stripped[:9] else f"//{stripped}")
    except ValueError:
        return None
    # The whole authority: a port or a user's name before the host makes it another one.
    if parts.scheme.lower() not in ("", "http", "https") or parts.netloc.lower() not in HOSTS:
        return None
    return re.sub(r"/{2,}", "/", parts.path.lower())
