"""Return the enriched article: everything that is read from the text, composed of pure steps.

``prepare`` comes before the entity model, ``NameFinder.find`` and ``assemble`` after it. The model
reads ``prepared.text[prepared.ner_start:]``: ``build_mentions`` takes ``offset=ner_start``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from dateline.document_records import DocumentEntity, TextSignature
from dateline.errors import ArticleInvalid
from dateline.records import Dateline, EnrichedArticle, Mention, RawArticle
from dateline.rights.read_rights import notice_spans
from dateline.rights.record import Rights
from processors.enrich.clean_text import Offsets, clean_text
from processors.enrich.copy_signature import sign_text
from processors.enrich.derive_title import derive_summary, derive_title
from processors.enrich.document_entities.find_entities import MAX_ENTITIES
from processors.enrich.find_names import MAX_MENTIONS, FoundNames
from processors.enrich.identify_language import LanguageGuess, identify_language
from processors.enrich.parse_dateline import parse_dateline
from processors.enrich.read_document import DocumentReading, read_document
from processors.enrich.rights_reader import RightsReader
from processors.enrich.story_terms import story_terms

# Goes up with every change of a result of this stage; every document carries it.
PIPELINE_VERSION = "enrich@4"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An article with all that is read from it without its names.

    ``ner_start`` is where the story begins behind the dateline.
    """

    article: RawArticle
    rights: Rights
    text: str
    offsets: Offsets
    dateline: Dateline | None
    ner_start: int
    language: LanguageGuess
    title: str
    is_title_derived: bool
    summary: str
    is_summary_derived: bool


def prepare(article: RawArticle, reader: RightsReader) -> Prepared:
    """Return rights, clean text, dateline, language, title and summary of ``article``.

    Raises:
        ArticleInvalid: no text is left once the notice is cut and the text is cleaned.
    """
    clean = clean_text(article.body)
    dateline, ner_start, language = _opening(clean.text, article.language)
    rights = reader.read(
        article, language=language.code, agency=dateline.agency if dateline else None
    )
    spans = notice_spans(rights)
    if spans:
        clean = clean_text(article.body, spans)
        dateline, ner_start, language = _opening(clean.text, article.language)
    if not clean.text:
        raise ArticleInvalid("the text is empty after cleaning")
    title = _one_line(article.title)
    summary = _one_line(article.summary)
    return Prepared(
        article=article,
        rights=rights,
        text=clean.text,
        offsets=clean.offsets,
        dateline=dateline,
        ner_start=ner_start,
        language=language,
        title=title or derive_title(clean.text, ner_start),
        is_title_derived=not title,
        summary=summary or derive_summary(clean.text, ner_start),
        is_summary_derived=not summary,
    )


def assemble(
    prepared: Prepared, names: FoundNames | None, absent_reason: str | None = None
) -> EnrichedArticle:
    """Return the record of the enrich stage.

    Args:
        prepared: what ``prepare`` returned.
        names: what ``NameFinder.find`` returned; None where the text is too long to be read.
        absent_reason: why no model was asked (such as the language), else nothing.
    """
    reading = _NO_READING
    mentions: tuple[Mention, ...] = ()
    title = "" if prepared.is_title_derived else prepared.title
    if names is not None:
        reading = read_document(
            prepared.text, names.mentions, names.links,
            language=prepared.language.code, title=title, story_start=prepared.ner_start,
        )  # fmt: skip
        mentions = _of_entities(names.mentions, reading.entities)
        absent_reason = "; ".join(filter(None, (absent_reason, _left_out(names, reading)))) or None
    return EnrichedArticle(
        article=prepared.article,
        text=prepared.text,
        offsets=prepared.offsets,
        title=prepared.title,
        is_title_derived=prepared.is_title_derived,
        summary=prepared.summary,
        is_summary_derived=prepared.is_summary_derived,
        language=prepared.language.code,
        language_confidence=prepared.language.confidence,
        rights=prepared.rights,
        pipeline_version=PIPELINE_VERSION,
        dateline=prepared.dateline,
        mentions=mentions,
        mentions_absent_reason=absent_reason,
        entities=reading.entities,
        quotations=reading.quotations,
        key_phrases=reading.key_phrases,
        story_terms=story_terms(prepared.text, title=title, entities=reading.entities),
        text_signature=_signature(prepared.text),
    )


def _signature(text: str) -> TextSignature | None:
    signed = sign_text(text)
    if signed is None:
        return None
    return TextSignature(shingle_count=signed.shingle_count, hashes=signed.hashes)


_NO_READING = DocumentReading(entities=(), quotations=(), key_phrases=())


def _of_entities(
    mentions: Sequence[Mention], entities: Sequence[DocumentEntity]
) -> tuple[Mention, ...]:
    """Return the mentions with the type and id of their entity; amounts and dates have none."""
    owners = {index: entity for entity in entities for index in entity.mention_indices}
    return tuple(
        replace(mention, entity_type=owner.entity_type, entity_id=owner.entity_id)
        if (owner := owners.get(index))
        else mention
        for index, mention in enumerate(mentions)
    )


def _left_out(names: FoundNames, reading: DocumentReading) -> str | None:
    """Return why some mentions or entities are absent, if any are."""
    if names.left_out:
        count = names.left_out + len(names.mentions)
        return f"only the first {MAX_MENTIONS} of {count} mentions are kept"
    if reading.left_out:
        count = reading.left_out + len(reading.entities)
        return f"only the first {MAX_ENTITIES} of {count} entities are kept"
    return None


def _opening(text: str, hint: str | None) -> tuple[Dateline | None, int, LanguageGuess]:
    """Return the dateline, where the story begins behind it, and the story's language."""
    dateline = parse_dateline(text)
    start = dateline.end if dateline else 0
    return dateline, start, identify_language(text[start:], hint)


def _one_line(text: str | None) -> str:
    return " ".join(clean_text(text).text.split()) if text else ""
