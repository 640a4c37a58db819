"""Read the list of sources (``config/sources.toml``), and add to it without spoiling it."""

from __future__ import annotations

import difflib
import re
import tomllib
import typing
from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec
import tomlkit
from msgspec import Meta

from dateline.errors import ConfigError
from producers.normalize_url import normalize_url

SourceKind = Literal["auto", "rss", "atom", "json_feed", "sitemap", "ninjs", "newsml_g2"]
FullText = Literal["auto", "never", "always"]
TABLE = "sources"
MAX_INTERVAL_SECONDS = 7 * 86400.0
_Interval = Annotated[float, Meta(ge=1, le=MAX_INTERVAL_SECONDS)]
_Text = Annotated[str, Meta(min_length=1, max_length=200)]


@dataclass(frozen=True, slots=True, kw_only=True)
class SourceConfig:
    """A feed or sitemap that is polled.

    ``publisher`` is the ``source_id`` of its articles; several feeds of one paper share it. A limit
    that is None is that of the settings (section ``feeds``). ``full_text`` ``auto`` gets the page
    where the feed has a summary only. ``recheck`` looks for silent edits and deletions, ``websub``
    lets the feed's hub send what is new. ``language`` helps where the feed does not say it.
    """

    url: str
    publisher: str
    kind: SourceKind = "auto"
    full_text: FullText = "auto"
    min_interval_seconds: float | None = None
    max_interval_seconds: float | None = None
    max_items_per_poll: int | None = None
    recheck: bool = True
    websub: bool = True
    is_active: bool = True
    language: str | None = None

    @property
    def feed_id(self) -> str:
        """Return what names the feed for ever: the normal form of the address as listed."""
        return normalize_url(self.url) or self.url


_TYPES: dict[str, Any] = {
    "url": str,
    "publisher": _Text,
    "kind": SourceKind,
    "full_text": FullText,
    "min_interval_seconds": _Interval,
    "max_interval_seconds": _Interval,
    "max_items_per_poll": Annotated[int, Meta(ge=1, le=50_000)],
    "recheck": bool,
    "websub": bool,
    "is_active": bool,
    "language": Annotated[str, Meta(pattern="^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")],
}
_HEADER = re.compile(r"\s*\[\[\s*[\"']?sources[\"']?\s*\]\]")
_BLANK_OR_COMMENT = re.compile(r"\s*(#|$)")
_DEFAULTS = {field.name: field.default for field in fields(SourceConfig)}


def default_publisher(url: str) -> str:
    """Return the publisher of an address where none is given: its host without ``www.``."""
    return (urlsplit(url.strip()).hostname or url).rstrip(".").removeprefix("www.")


def load_sources(path: Path) -> tuple[SourceConfig, ...]:
    """Return the sources of a file, in its order.

    Raises:
        ConfigError: see ``parse_sources``; the file does not exist or cannot be read.
    """
    try:
        text = path.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise ConfigError(
            f"source list {path} does not exist.", hint="Create it: `dateline sources add URL`."
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"source list {path} cannot be read: {error}.") from error
    return parse_sources(text, shown=str(path))


def parse_sources(text: str, *, shown: str) -> tuple[SourceConfig, ...]:
    """Return the sources of a TOML text, in its order, the inactive ones as well.

    Args:
        text: tables ``[[sources]]``; only ``url`` is needed.
        shown: the name of the file for messages.

    Raises:
        ConfigError: no TOML; an unknown key (with the nearest known one), a wrong value, an address
            that is not http(s) or stands there twice. Says the file, the entry and the key.
    """
    try:
        tree = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{shown} is not valid TOML: {error}.") from error
    for key in tree:
        if key != TABLE:
            raise ConfigError(
                f"{shown}: unknown key {key!r}.", hint=f"Each source begins with [[{TABLE}]]."
            )
    entries = tree.get(TABLE, [])
    if not isinstance(entries, list):
        raise ConfigError(
            f"{shown}: {TABLE!r} is not a list.", hint=f"Each source begins with [[{TABLE}]]."
        )
    found = [_source(entry, f"{shown}: source {n}") for n, entry in enumerate(entries, start=1)]
    _refuse_twins(found, shown)
    return tuple(found)


def add_source(text: str, source: SourceConfig) -> str:
    """Return the text of the list with one more source at its end; the rest stays as it is.

    Keys that have their default are left out.

    Raises:
        ConfigError: the list cannot be read, or the source is in it or cannot be.
    """
    known = parse_sources(text, shown="source list")
    if any(each.feed_id == source.feed_id for each in known):
        raise ConfigError(f"{source.url} is in the source list already.")
    left_out = _DEFAULTS | {"publisher": default_publisher(source.url)}
    table = tomlkit.table()
    for name, value in asdict(source).items():
        if name == "url" or value != left_out[name]:
            table.add(name, value)
    added = tomlkit.document()
    added.add(TABLE, tomlkit.aot())
    typing.cast(Any, added[TABLE]).append(table)
    # Text, not tree: an array in one line (`sources = [...]`) cannot be added to by a table.
    newline = "\r\n" if "\r\n" in text else "\n"
    gap = "" if not text.strip() else newline if text.endswith("\n") else newline * 2
    joined = f"{text}{gap}{tomlkit.dumps(added).strip().replace(chr(10), newline)}{newline}"
    parse_sources(joined, shown="source list")
    return joined


def remove_source(text: str, url: str) -> str:
    """Return the text of the list without a source; comments and order of the rest stay.

    Raises:
        ConfigError: the list cannot be read, or the source is not in it (with the nearest).
    """
    known = parse_sources(text, shown="source list")
    wanted = normalize_url(url) or url
    ids = [each.feed_id for each in known]
    if wanted not in ids:
        raise ConfigError(
            f"{url} is not in the source list.", hint=_nearest(wanted, [s.url for s in known])
        )
    removed = _without(text, ids.index(wanted), len(known))
    left = [each for each in known if each.feed_id != wanted]
    if list(parse_sources(removed, shown="source list")) != left:
        raise ConfigError("the source list cannot be edited.", hint=f"Remove {url} by hand.")
    return removed


def _without(text: str, index: int, count: int) -> str:
    """Return the text without one table; comments above the next table are the next table's."""
    lines = text.splitlines(keepends=True)
    headers = [number for number, line in enumerate(lines) if _HEADER.match(line)]
    if len(headers) != count:
        document = tomlkit.parse(text)
        typing.cast(Any, document[TABLE]).pop(index)
        return tomlkit.dumps(document)
    start, end = headers[index], [*headers, len(lines)][index + 1]
    while end > start + 1 and _BLANK_OR_COMMENT.match(lines[end - 1]):
        end -= 1
    while end < len(lines) and not lines[end].strip():
        end += 1
    return "".join(lines[:start] + lines[end:])


def _source(entry: Any, place: str) -> SourceConfig:
    if not isinstance(entry, dict):
        raise ConfigError(f"{place} is not a table.", hint=f"Each begins with [[{TABLE}]].")
    for key in entry:
        if key not in _TYPES:
            raise ConfigError(f"{place}: unknown key {key!r}.", hint=_nearest(key, _TYPES))
    if "url" not in entry:
        raise ConfigError(f"{place}: the key 'url' is missing.")
    values = {key: _converted(key, value, place) for key, value in entry.items()}
    values["url"] = values["url"].strip()
    if normalize_url(values["url"]) is None:
        raise ConfigError(
            f"{place}: url: {values['url'][:200]!r} is no http or https address.",
            hint="Give the address of a feed or sitemap.",
        )
    values.setdefault("publisher", default_publisher(values["url"]))
    values["publisher"] = values["publisher"].strip()
    if not values["publisher"]:
        raise ConfigError(f"{place}: publisher is empty.")
    source = SourceConfig(**values)
    shortest, longest = source.min_interval_seconds, source.max_interval_seconds
    if shortest is not None and longest is not None and shortest > longest:
        raise ConfigError(
            f"{place}: min_interval_seconds {shortest:g} is above max_interval_seconds {longest:g}."
        )
    return source


def _converted(key: str, value: Any, place: str) -> Any:
    try:
        return msgspec.convert(value, _TYPES[key])
    except msgspec.ValidationError as error:
        words = typing.get_args(_TYPES[key]) if typing.get_origin(_TYPES[key]) is Literal else ()
        hint = f"One of: {', '.join(words)}." if words else ""
        raise ConfigError(f"{place}: {key}: {error}.", hint=hint) from error


def _refuse_twins(sources: Iterable[SourceConfig], shown: str) -> None:
    first: dict[str, int] = {}
    for number, source in enumerate(sources, start=1):
        if source.feed_id in first:
            raise ConfigError(
                f"{shown}: source {number}: url {source.url!r} is the same as that of source"
                f" {first[source.feed_id]}.",
                hint="Remove one of them.",
            )
        first[source.feed_id] = number


def _nearest(word: str, known: Iterable[str]) -> str:
    matches = difflib.get_close_matches(word, list(known), n=1, cutoff=0.3)
    return f"Did you mean {matches[0]!r}?" if matches else ""
