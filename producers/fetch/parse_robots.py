"""Return the rules for one robot from the bytes of a robots.txt (RFC 9309)."""

from __future__ import annotations

import codecs
import re
from urllib.parse import urljoin, urlsplit

from protego import Protego

MAX_PARSED_BYTES = 512_000  # RFC 9309, 2.5: at least 500 KiB must be read
MAX_LINE_CHARS = 8192  # a longer line is no rule
MAX_SITEMAPS = 500
USER_AGENT_LINE = re.compile(r"\s*user[- ]?agent\s*:\s*([^#\r\n]*)", re.IGNORECASE)
PRODUCT_TOKEN = re.compile(r"[a-z_-]+", re.IGNORECASE)
# A token no robot has; the parser would take "date" for a group of "dateline".
OTHER = "-"


class RobotsRules:
    """What one robots.txt says to one robot. ``text`` is the whole text that was read."""

    def __init__(self, parsed: Protego, *, text: str, origin: str, token: str) -> None:
        self._parsed = parsed
        self._token = token
        self.text = text
        self.crawl_delay_seconds = _delay_seconds(parsed, token)
        self.sitemaps = _sitemaps(parsed, origin)

    def may_fetch(self, url: str) -> bool:
        """Return whether ``url`` of this origin may be had."""
        return self._parsed.can_fetch(url, self._token)


def parse_robots(data: bytes, *, origin: str, token: str) -> RobotsRules:
    """Return the rules; a page of HTML or other noise has none and so forbids nothing.

    Args:
        data: the file; what is beyond 500 KiB is left out, at a line's end.
        origin: what relative sitemap addresses are completed with.
        token: our product token, lower-case letters; groups of ``*`` count where none has it.

    Raises: Nothing.
    """
    text = _decode(data)
    is_markup = text.lstrip().startswith("<")
    lines = [] if is_markup else [_rename_group(line, token) for line in _lines(text)]
    parsed = Protego.parse("\n".join(lines))
    return RobotsRules(parsed, text=text, origin=origin, token=token)


def _decode(data: bytes) -> str:
    if len(data) > MAX_PARSED_BYTES:
        # Half a rule can allow or forbid far more than the whole one.
        cut = data[:MAX_PARSED_BYTES]
        data = cut[: max(cut.rfind(b"\n"), cut.rfind(b"\r")) + 1]
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return data.decode("utf-16", errors="replace")
    return data.decode("utf-8-sig", errors="replace")


def _lines(text: str) -> list[str]:
    return [line for line in text.splitlines() if len(line) <= MAX_LINE_CHARS]


def _rename_group(line: str, token: str) -> str:
    """Return a user-agent line with the bare name of the robot; RFC 9309 compares whole names."""
    found = USER_AGENT_LINE.match(line)
    if found is None:
        return line
    name = found[1].strip()
    if name == "*":
        return "User-agent: *"
    product = PRODUCT_TOKEN.match(name)
    is_ours = product is not None and product[0].lower() == token
    return f"User-agent: {token if is_ours else OTHER}"


def _delay_seconds(parsed: Protego, token: str) -> float | None:
    delay = parsed.crawl_delay(token)
    rate = parsed.request_rate(token)
    wishes = [] if delay is None else [delay]
    if rate is not None:
        wishes.append(rate.seconds / rate.requests)
    return max(wishes, default=None)


def _sitemaps(parsed: Protego, origin: str) -> tuple[str, ...]:
    found: dict[str, None] = {}
    for value in parsed.sitemaps:
        if len(found) >= MAX_SITEMAPS:
            break
        try:
            address = urljoin(f"{origin}/", value)
            is_web = urlsplit(address).scheme in ("http", "https")
        except ValueError:
            continue
        if is_web:
            found[address] = None
    return tuple(found)
