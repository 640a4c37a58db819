"""Return the articles of one input by its format; the only place that knows every parser."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from producers.parsed import Format, Parsed, Refusal
from producers.sources.json_input import parse_json, parse_json_lines
from producers.sources.text_file import parse_text
from producers.sources.warc_stream import ByteReader

logger = logging.getLogger(__name__)

Lines = Iterable[tuple[int, bytes | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Input:
    """One file or standard input: its bytes, its lines, or an archive that is read to be parsed.

    ``shown`` is the name for people; ``relative`` the posix path below the ingested folder, None
    for standard input; ``mtime_ns`` None likewise. ``origin`` names the file for the state.
    ``archive`` is a file that is opened to be parsed, ``stream`` an archive that is open already.
    """

    shown: str
    origin: str
    format: Format
    source_id: str
    relative: str | None = None
    mtime_ns: int | None = None
    size_bytes: int = 0
    data: bytes = b""
    lines: Lines | None = None
    archive: Path | None = None
    stream: ByteReader | None = None


def parse_input(source: Input, *, max_bytes: int) -> Iterator[Parsed]:
    """Return the articles, refusals and skips of ``source``, in order; lines and archives lazily.

    Raises: Nothing but what reading raises. A parser that fails on a file is our bug; the file is
    refused with its name and the rest goes on.
    """
    try:
        for parsed in _parse(source, max_bytes):
            if isinstance(parsed, Refusal) and not parsed.unit_sha256:
                yield replace(parsed, unit_sha256=hashlib.sha256(source.data).hexdigest())
            else:
                yield parsed
    except (OSError, GeneratorExit):
        raise
    except Exception as error:  # one file must never stop the others
        logger.exception("parser of %s failed", source.format)
        yield Refusal(reason=f"our bug: the {source.format} parser raised {type(error).__name__}")


def _parse(source: Input, max_bytes: int) -> Iterable[Parsed]:
    if source.lines is not None:
        return parse_json_lines(
            source.lines, max_bytes=max_bytes, is_ninjs_only=source.format == "ninjs"
        )
    if source.format == "warc":
        return _parse_archive(source)
    if source.format == "html":
        from producers.sources.html_file import parse_html  # takes 0.5 s: only when needed

        return parse_html(source.data)
    if source.format == "txt":
        return parse_text(source.data)
    return parse_json(source.data, is_ninjs_only=source.format == "ninjs")


def _parse_archive(source: Input) -> Iterator[Parsed]:
    from producers.sources.warc_input import parse_warc_input  # starts processes

    if source.stream is not None:
        yield from parse_warc_input(source.stream)
    elif source.archive is not None:
        with source.archive.open("rb") as file:
            yield from parse_warc_input(file)
