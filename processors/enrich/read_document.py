"""Return what a document says: its entities, who said what, and what it is about."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from dateline.document_records import DocumentEntity, KeyPhrase, Quotation
from dateline.gazetteer.links import Link
from dateline.records import Mention
from dateline.rights.sentences import split_sentences
from processors.enrich.document_entities.find_entities import (
    MAX_ENTITIES,
    build_entities,
    find_groups,
    find_ties,
)
from processors.enrich.document_entities.score_salience import score_salience
from processors.enrich.key_phrases import find_key_phrases
from processors.enrich.quotations.read_quotations import read_quotations
from processors.enrich.quotations.speakers import Speakers
from processors.enrich.quotations.speech_words import speech_words
from processors.enrich.text_words import read_words

# No article is so long; of what is longer the opening is read for quotations and phrases.
_MOST_CHARS = 200_000


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentReading:
    """What reading one document gives.

    Attributes:
        entities: in order of their first mention.
        quotations: in order; ``entity`` is a place in ``entities``.
        key_phrases: events before topics, each kind the best first.
        left_out: how many things more the document names.
    """

    entities: tuple[DocumentEntity, ...]
    quotations: tuple[Quotation, ...]
    key_phrases: tuple[KeyPhrase, ...]
    left_out: int = 0


def read_document(
    text: str, mentions: Sequence[Mention], links: Sequence[Link], *, language: str,
    title: str = "", story_start: int = 0,
) -> DocumentReading:  # fmt: skip
    """Return the entities, quotations and key phrases of a document.

    Args:
        text: clean text; all offsets refer to it.
        mentions: sorted by place, none overlapping.
        links: of the mentions, in their order; none at all where nothing was linked.
        language: ISO 639-1 code of the text.
        title: as the source gave it; empty where it was made from the text.
        story_start: where the story begins behind the dateline.
    """
    sentences = split_sentences(text[:_MOST_CHARS])
    words = read_words(text, min(len(text), _MOST_CHARS))
    found = find_groups(text, mentions, links, language)
    groups = found[:MAX_ENTITIES]
    ties = find_ties(groups)
    speakers = Speakers(text, groups, speech_words(language), words)
    quotations = read_quotations(text[:_MOST_CHARS], speakers, ties, sentences)
    spoken = Counter(each.entity for each in quotations if each.entity is not None)
    shares = [spoken[at] / max(len(quotations), 1) for at in range(len(groups))]
    salience = score_salience(groups, text, title, shares, story_start)
    return DocumentReading(
        entities=build_entities(groups, ties, salience),
        quotations=quotations,
        key_phrases=find_key_phrases(
            text, words.behind(story_start), sentences, speakers, salience, language
        ),
        left_out=len(found) - len(groups),
    )
