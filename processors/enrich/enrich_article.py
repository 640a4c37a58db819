"""Return the enriched article: everything that is read from the text, composed of pure steps.

``prepare`` comes before the entity model and ``assemble`` after it. The model reads
``prepared.text[prepared.ner_start:]``, and ``build_mentions`` takes ``offset=prepared.ner_start``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dateline.errors import ArticleInvalid
from dateline.records import Dateline, EnrichedArticle, Mention, RawArticle
from dateline.rights.read_rights import notice_spans
from dateline.rights.record import Rights
from processors.enrich.clean_text import Offsets, clean_text
from processors.enrich.derive_title import derive_summary, derive_title
from processors.enrich.identify_language import LanguageGuess, identify_language
from processors.enrich.parse_dateline import parse_dateline
from processors.enrich.rights_reader import RightsReader

# Goes up with every change of a result of this stage; every document carries it.
PIPELINE_VERSION = "enrich@2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prepared:
    """An article with all that the text says except its mentions.

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
    prepared: Prepared,
    mentions: Sequence[Mention],
    absent_reason: str | None,
    pipeline_version: str = PIPELINE_VERSION,
) -> EnrichedArticle:
    """Return the record of the enrich stage.

    Args:
        prepared: what ``prepare`` returned.
        mentions: what ``build_mentions`` returned; empty where no model was asked.
        absent_reason: why no model was asked (such as the language), else nothing.
        pipeline_version: version of the code that made the record.
    """
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
        pipeline_version=pipeline_version,
        dateline=prepared.dateline,
        mentions=tuple(mentions),
        mentions_absent_reason=absent_reason,
    )


def _opening(text: str, hint: str | None) -> tuple[Dateline | None, int, LanguageGuess]:
    """Return the dateline, where the story begins behind it, and the story's language."""
    dateline = parse_dateline(text)
    start = dateline.end if dateline else 0
    return dateline, start, identify_language(text[start:], hint)


def _one_line(text: str | None) -> str:
    return " ".join(clean_text(text).text.split()) if text else ""
