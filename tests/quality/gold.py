"""The gold set: its items as they are written, and what is wrong with them."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, get_args

import msgspec
from license_expression import get_spdx_licensing

from dateline.rights.record import CONSTRAINTS, NOASSERTION, Frame, ObjectKind, RightsStatus

FOLDER = Path(__file__).parent / "licensing"
GRANTED = ("granted", "public_domain")
Part = Literal["dev", "frozen"]
PARTS: tuple[Part, ...] = ("dev", "frozen")

_MARK = re.compile(r"\[\[(?P<name>\w+)\|(?P<words>.*?)\]\](?!\])", re.DOTALL)
_LICENSE_REF = re.compile(r"LicenseRef-[A-Za-z0-9.\-]+")
_PREFERENCE_VALUES: dict[str, tuple[Any, ...]] = {
    "tdm": ("reserved", "not_reserved"), "ai_train": ("y", "n"), "ai_input": ("y", "n"),
    "search": ("y", "n"), "noarchive": (True, False),
}  # fmt: skip


class Beside(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Signals outside the text."""

    page_html: str | None = None
    http_headers: dict[str, str] = {}
    feed_xml: str | None = None
    ninjs: str | None = None
    robots_txt: str | None = None
    tdmrep_json: str | None = None
    rsl_xml: str | None = None


class Supplied(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the source says of the article."""

    url: str | None = None
    publisher: str | None = None
    credit: str | None = None
    authors: tuple[str, ...] = ()


class MarkedNotice(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A notice as its label names it; its place is the mark in the body."""

    mark: str
    frame: Frame
    object: ObjectKind
    spdx: str


class ObjectLicense(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The licence of something else than the text."""

    kind: ObjectKind
    spdx: str


class Flags(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Conflicts and rules that an answer must name."""

    conflicts: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()


class Expected(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The right answer."""

    status: RightsStatus
    spdx: str
    effective: tuple[str, ...]
    licensor: str | None = None
    notices: tuple[MarkedNotice, ...] = ()
    objects: tuple[ObjectLicense, ...] = ()
    preferences: dict[str, str | int | bool] = {}
    flags: Flags = Flags()


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    language: str
    tags: tuple[str, ...]
    body: str
    expect: Expected
    article: Supplied = Supplied()
    beside: Beside = Beside()


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    item: tuple[_Row, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """A rights statement in the body, with offsets into it."""

    start: int
    end: int
    frame: Frame
    object: ObjectKind
    spdx: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Item:
    """An article of the gold set; its body is without marks."""

    id: str
    part: Part
    theme: str
    language: str
    tags: tuple[str, ...]
    body: str
    article: Supplied
    beside: Beside
    expect: Expected
    notices: tuple[Notice, ...]


def load_gold(part: Part, folder: Path = FOLDER) -> tuple[Item, ...]:
    """Return the items of one part, by file name and then as they are written.

    Raises:
        ValueError: a file is no TOML, has an unknown field, or a mark without a label.
    """
    return tuple(
        _item(row, part, path.stem.removeprefix(f"{part}-"))
        for path in sorted(folder.glob(f"{part}-*.toml"))
        for row in _rows(path)
    )


def unmarked(body: str) -> tuple[str, dict[str, tuple[int, int]]]:
    """Return the body without ``[[a|...]]`` marks, and where the words of each mark are in it."""
    pieces: list[str] = []
    spans: dict[str, tuple[int, int]] = {}
    length = position = 0
    for found in _MARK.finditer(body):
        before, words = body[position : found.start()], found["words"]
        start = length + len(before)
        length = start + len(words)
        spans[found["name"]] = (start, length)
        pieces += [before, words]
        position = found.end()
    return "".join([*pieces, body[position:]]), spans


def faults(items: Iterable[Item]) -> list[str]:
    """Return what is wrong with the items, each as ``<id>: <what>``; no text of an item."""
    listed = list(items)
    counts = Counter(item.id for item in listed)
    doubled = [f"{id_}: the id stands {n} times" for id_, n in counts.items() if n > 1]
    return doubled + [f"{item.id}: {fault}" for item in listed for fault in _faults_of(item)]


def is_spdx(expression: str) -> bool:
    """Return whether every part is an SPDX id or a LicenseRef, joined by AND in order."""
    parts = expression.split(" AND ")
    known = _spdx_ids()
    return parts == sorted(set(parts)) and all(
        part in known or _LICENSE_REF.fullmatch(part) for part in parts
    )


@cache
def _spdx_ids() -> frozenset[str]:
    return frozenset(get_spdx_licensing().known_symbols)


def _rows(path: Path) -> tuple[_Row, ...]:
    try:
        return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File).item
    except ValueError as error:
        raise ValueError(f"{path.name}: {error}") from error


def _item(row: _Row, part: Part, theme: str) -> Item:
    body, spans = unmarked(row.body)
    labels = [notice.mark for notice in row.expect.notices]
    if sorted(labels) != sorted(spans):
        raise ValueError(f"{row.id}: marks {sorted(spans)}, labels {sorted(labels)}")
    return Item(
        id=row.id,
        part=part,
        theme=theme,
        language=row.language,
        tags=row.tags,
        body=body,
        article=row.article,
        beside=row.beside,
        expect=row.expect,
        notices=tuple(
            Notice(
                start=spans[label.mark][0],
                end=spans[label.mark][1],
                frame=label.frame,
                object=label.object,
                spdx=label.spdx,
            )
            for label in row.expect.notices
        ),
    )


def _faults_of(item: Item) -> Iterator[str]:
    expect = item.expect
    if expect.effective != tuple(c for c in CONSTRAINTS if c in expect.effective):
        yield f"effective is not of {CONSTRAINTS} in this order"
    if expect.status in ("unknown", "reserved"):
        if expect.spdx != NOASSERTION or expect.effective:
            yield f"status {expect.status} with a licence or constraints"
    elif not is_spdx(expect.spdx):
        yield f"spdx {expect.spdx!r} is no sorted expression of SPDX ids"
    if expect.status == "public_domain" and expect.effective:
        yield "public domain with constraints"
    for spdx in [*(n.spdx for n in expect.notices), *(o.spdx for o in expect.objects)]:
        if spdx not in ("", NOASSERTION) and not is_spdx(spdx):
            yield f"spdx {spdx!r} of a notice or object is no SPDX id"
    for name, value in expect.preferences.items():
        is_count = name == "snippet_max" and isinstance(value, int) and value >= -1
        if not is_count and value not in _PREFERENCE_VALUES.get(name, ()):
            yield f"preference {name} = {value!r}"
    yield from _span_faults(item)


def _span_faults(item: Item) -> Iterator[str]:
    end = 0
    for notice in item.notices:
        words = item.body[notice.start : notice.end]
        if not words or words != words.strip():
            yield "a mark has no words, or white space at an end"
        if notice.start < end:
            yield "notices are not in order"
        end = notice.end
    if "[[" in item.body or "]]" in item.body:
        yield "a mark cannot be read"


FRAMES: tuple[str, ...] = get_args(Frame)
STATUSES: tuple[str, ...] = get_args(RightsStatus)
