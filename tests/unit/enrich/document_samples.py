"""Documents for tests, with their names marked in the text: ``[person:Ada Brook] said ...``.

``[demonym qa:Qatari]`` and ``[country qa:Qatar]`` are linked as the gazetteer links them.
"""

from __future__ import annotations

import re
from typing import get_args

from dateline.document_records import EntityType
from dateline.gazetteer.links import Link
from dateline.ids import entity_id
from dateline.records import Mention
from dateline.rights.sentences import split_sentences
from processors.enrich.read_document import DocumentReading, read_document

_MARK = re.compile(r"\[(?P<kind>\w+)(?: (?P<code>\w+))?:(?P<name>[^\]]+)\]")
_TYPES: dict[str, EntityType] = {"demonym": "group", "country": "place"}


def unmark(marked: str) -> tuple[str, list[Mention], list[Link]]:
    """Return the text without marks, its mentions and their links."""
    pieces, spans, at, length = [], [], 0, 0
    for found in _MARK.finditer(marked):
        before = marked[at : found.start()]
        start = length + len(before)
        pieces += [before, found["name"]]
        length, at = start + len(found["name"]), found.end()
        spans.append((start, length, found["kind"], found["code"]))
    text = "".join([*pieces, marked[at:]])
    sentences = split_sentences(text)
    mentions, links = [], []
    for start, end, kind, code in spans:
        entity_type = _TYPES.get(kind, kind)
        assert entity_type in get_args(EntityType)
        sentence = next((s for s in sentences if s[0] <= start < s[1]), (start, end))
        mentions.append(
            Mention(
                text=text[start:end], label="", entity_type=entity_type,
                entity_id=entity_id(entity_type, text[start:end]), start=start, end=end,
                sentence_start=sentence[0], sentence_end=max(sentence[1], end), detector="test@1",
            )
        )  # fmt: skip
        links.append(_link(start, end, kind, code))
    return text, mentions, links


def _link(start: int, end: int, kind: str, code: str | None) -> Link:
    if kind == "country":
        return Link(start, end, f"Q-{code}", f"Q-{code}", "country", code, code, "is", None, "row")
    if kind == "demonym":
        return Link(start, end, None, None, None, None, code, "demonym", None, "demonym")
    return Link(start, end, None, None, None, None, None, None, None, "unknown_name")


def read(marked: str, language: str = "en", **fields: str) -> tuple[str, DocumentReading]:
    """Return the text without marks, and what reading it gives."""
    text, mentions, links = unmark(marked)
    return text, read_document(text, mentions, links, language=language, **fields)


def said(marked: str, language: str = "en") -> list[tuple[str, str | None, str]]:
    """Return speaker, words and reason of each quotation."""
    text, reading = read(marked, language)
    return [
        (
            reading.entities[each.entity].name if each.entity is not None else None,
            text[each.start : each.end],
            each.reason,
        )
        for each in reading.quotations
    ]  # type: ignore[misc]
