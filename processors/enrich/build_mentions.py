"""Return the mentions of a text from the plain spans that an entity model found in it."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from types import MappingProxyType

from dateline.document_records import EntityType
from dateline.errors import InvariantBroken
from dateline.ids import entity_id
from dateline.records import Mention
from dateline.rights.sentences import Span

# OntoNotes (English model) and WikiNER (French model). MISC of the French model holds titles,
# peoples, events and errors in one label: no type of ours is true of it, so it makes no mention.
ENTITY_TYPES: MappingProxyType[str, EntityType | None] = MappingProxyType(
    {
        "PERSON": "person",
        "PER": "person",
        "ORG": "organization",
        "GPE": "place",
        "LOC": "place",
        "FAC": "facility",
        "NORP": "group",
        "EVENT": "event",
        "WORK_OF_ART": "work",
        "PRODUCT": "product",
        "LAW": "law",
        "LANGUAGE": "language",
        "DATE": "date",
        "TIME": "date",
        "MONEY": "quantity",
        "PERCENT": "quantity",
        "QUANTITY": "quantity",
        "CARDINAL": "quantity",
        "ORDINAL": "quantity",
        "MISC": None,
    }
)
_NOT_NAMES = frozenset({"date", "quantity"})
# What is left of an article or a possessive ending alone.
_NO_NAMES = frozenset({"the", "s"})
_EDGE = " \t\n\"'“”‘’«»–—-,;:…"
_ARTICLE = "the "
# The article is part of these; fold_name would not find the city without it.
_KEEPS_ARTICLE = frozenset({"the hague"})


def build_mentions(
    spans: Sequence[tuple[int, int, str]],
    text: str,
    sentences: Sequence[Span],
    detector: str,
    *,
    offset: int = 0,
) -> tuple[Mention, ...]:
    """Return the mentions, sorted by place, each once.

    Args:
        spans: start, end and label, as the model gave them.
        text: clean text of the whole article; the mentions' offsets refer to it.
        sentences: spans of the model's sentences, sorted.
        detector: ``<model>@<version>``.
        offset: where the text that the model read begins in ``text``; it is added to the offsets
            of ``spans`` and ``sentences``.

    Returns:
        mentions without articles, possessive endings, quotes and dashes at their edges; spans
        that hold no name after that, and labels without a type, are left out.

    Raises:
        InvariantBroken: a span lies outside the text, so the model read another text.
    """
    starts = [start + offset for start, _ in sentences]
    mentions: dict[tuple[int, int, str], Mention] = {}
    for raw_start, raw_end, label in spans:
        if not 0 <= raw_start + offset <= raw_end + offset <= len(text):
            raise InvariantBroken(f"span {raw_start}-{raw_end} + {offset} outside {len(text)}")
        entity_type = ENTITY_TYPES.get(label)
        if entity_type is None:
            continue
        start, end = _trim(text, raw_start + offset, raw_end + offset)
        if not _is_nameable(text[start:end], entity_type):
            continue
        at = bisect_right(starts, start) - 1
        # A name across two sentences belongs to the first; without sentences it is its own.
        sentence = (starts[at], sentences[at][1] + offset) if at >= 0 else (start, end)
        mentions[start, end, label] = Mention(
            text=text[start:end],
            label=label,
            entity_type=entity_type,
            entity_id=entity_id(entity_type, text[start:end]),
            start=start,
            end=end,
            sentence_start=sentence[0],
            sentence_end=max(sentence[1], end),
            detector=detector,
        )
    return tuple(mentions[key] for key in sorted(mentions))


def _is_nameable(name: str, entity_type: EntityType) -> bool:
    test = str.isalnum if entity_type in _NOT_NAMES else str.isalpha
    return any(map(test, name)) and name.lower() not in _NO_NAMES


def _trim(text: str, start: int, end: int) -> Span:
    """Return the span without what is not part of the name; a name ends with its paragraph."""
    start += len(text[start:end]) - len(text[start:end].lstrip(_EDGE))
    paragraph_end = text.find("\n", start, end)
    end = paragraph_end if paragraph_end >= 0 else end
    start, end = _trim_edges(text, start, end)
    name = text[start:end]
    if name[: len(_ARTICLE)].lower() == _ARTICLE and name.lower() not in _KEEPS_ARTICLE:
        start, end = _trim_edges(text, start + len(_ARTICLE), end)
    if text[max(start, end - 2) : end] in ("'s", "’s", "'S"):
        start, end = _trim_edges(text, start, end - 2)
    return start, end


def _trim_edges(text: str, start: int, end: int) -> Span:
    while start < end and text[start] in _EDGE:
        start += 1
    while end > start and text[end - 1] in _EDGE:
        end -= 1
    return start, end
