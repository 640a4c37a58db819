"""Return the parts of records that say what a document and a story are about; all are plain data.

Offsets are Python code points of the clean text, ``[start, end)``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Literal

from msgspec import Meta

from dateline.rights.record import AwareDatetime

Sha256 = Annotated[str, Meta(pattern=r"^[0-9a-f]{64}\Z")]
EntityType = Literal[
    "person", "organization", "place", "facility", "group", "event", "work", "product", "law",
    "language", "quantity", "date",
]  # fmt: skip
# How a name is tied to a country.
#   is        it is the country             demonym  its people or things ("Qatari")
#   capital   its capital                   within   a place, body or person of the country
#   office    a body of its state           named    only the country's name stands in the mention
CountryRelation = Literal["is", "demonym", "capital", "within", "office", "named"]
# How an entity is tied to a country, beside what linking says of its name:
#   holder    its role is one of that country: "Iranian Foreign Minister"
RelationKind = CountryRelation | Literal["holder"]
GeoPoint = tuple[float, float]  # latitude, longitude in degrees (WGS 84)
CopyRole = Literal["original", "copy", "excerpt", "update"]
# How the speaker was found, or why nobody was.
#   named               the speaker's name stands there
#   pronoun             "he": the one person who is the subject before
#   role                "the minister": the one person with that role
#   continued           the quotation goes on behind its speaker
#   paper               "the statement": whoever spoke last as a body
#   unnamed             the words name nobody ("a resident")
#   several             more than one person fits
#   no_speaker          a verb of speech, but nobody who speaks
#   no_attribution      no verb of speech beside the words
SpeakerReason = Literal[
    "named", "pronoun", "role", "continued", "paper", "unnamed", "several", "no_speaker",
    "no_attribution",
]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Relation:
    """A tie of an entity to a country or to another entity.

    Attributes:
        kind: how.
        country_code: ISO 3166 alpha-2 in lower case, where it is one of a country.
        entity_id: of the other entity, where the document names it.
        start: where the words stand that say so.
        end: end, exclusive.
    """

    kind: RelationKind
    country_code: str | None
    entity_id: str | None
    start: int
    end: int


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityLink:
    """Who an entity is according to the gazetteer, or NIL (``row_id`` None), and why.

    Attributes:
        row_id: the QID, or an id of our own of a row or body of state; None is NIL.
        qid: Wikidata id; None for NIL and for rows whose id is not known for certain.
        name: main name of the row.
        country_code: ISO 3166 alpha-2 in lower case; also given for NIL when the mention holds a
            country's name.
        country_relation: how the entity is tied to that country.
        geo_point: of the place; of a country, that of its capital.
        reason: the rule that decided.
    """

    row_id: str | None = None
    qid: str | None = None
    name: str | None = None
    country_code: str | None = None
    country_relation: CountryRelation | None = None
    geo_point: GeoPoint | None = None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEntity:
    """Somebody or something that a document names, with everything the document says of the name.

    Attributes:
        entity_id: the Wikidata id where the mentions are linked, else sha256 of type and folded
            full name.
        name: the fullest form in the text, without titles, possessives, quotes and dashes.
        is_full_name: whether ``name`` may identify it beyond this document; a surname or an acronym
            without its expansion may not.
        mention_indices: places in the document's mentions, sorted.
        aliases: other forms of the name in the text, in order of appearance.
        titles: forms of address ("Sheikh", "Dr.").
        role: the fullest office or description the text gives ("Deputy Foreign Minister"), or None.
        roles: all of them, in order of appearance.
        relations: to countries; a demonym is an entity of its own with such a relation.
        salience: in [0, 1], how much the document is about it.
        reasons: rules that joined its mentions or kept them apart.
        link: who it is in the gazetteer; None where the language has no gazetteer.
    """

    entity_id: str
    entity_type: EntityType
    name: str
    is_full_name: bool
    mention_indices: tuple[int, ...]
    aliases: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    role: str | None = None
    roles: tuple[str, ...] = ()
    relations: tuple[Relation, ...] = ()
    salience: float = 0.0
    reasons: tuple[str, ...] = ()
    link: EntityLink | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Quotation:
    """Words that somebody said.

    Attributes:
        kind: ``direct`` in quotation marks, ``indirect`` as reported ("said that ...").
        start: of the words themselves, marks left out.
        end: end, exclusive.
        verb: as written; empty where there is none.
        speaker_start: where the words that name the speaker begin; None where there are none.
        speaker_end: end, exclusive.
        entity: place of the speaker among the document's entities, or None.
        reason: how the speaker was found, or why nobody was.
    """

    kind: Literal["direct", "indirect"]
    start: int
    end: int
    verb: str = ""
    speaker_start: int | None = None
    speaker_end: int | None = None
    entity: int | None = None
    reason: SpeakerReason


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPhrase:
    """A phrase of the text.

    Attributes:
        kind: ``event`` is who did what, ``topic`` a noun phrase.
        text: as it may be shown: of an event, the subject's name and what it did.
        start: of the words in the text; of an event, where its subject begins.
        end: end, exclusive.
        score: in [0, 1]; the best of a document has 1.
        entity: of an event, place of the subject among the document's entities.
    """

    kind: Literal["event", "topic"]
    text: str
    start: int
    end: int
    score: float
    entity: int | None = None


Channel = Literal["name", "word", "number", "pair"]
# 8 million places for words and 8 for pairs: of those of 100,000 articles few share one.
TERM_BITS = 24
FIRST_PAIR = 1 << (TERM_BITS - 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class TermCounts:
    """Hashed terms in the order of first occurrence and how often each occurs.

    ``ids`` are little-endian uint32 below ``1 << TERM_BITS``, ``counts`` little-endian uint16.
    """

    ids: bytes = b""
    counts: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryTerms:
    """What an article is compared by when stories are made: hashed terms by channel, no text.

    Pairs of words begin at ``FIRST_PAIR``, the ids of all other channels are below it.
    """

    name: TermCounts = TermCounts()
    word: TermCounts = TermCounts()
    number: TermCounts = TermCounts()
    pair: TermCounts = TermCounts()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryEntity:
    """An entity of a document as stories and identity across documents remember it.

    Attributes:
        entity_id: that of the document's entity.
        name: its fullest form there.
        count: how often it is mentioned; of a story, in how many articles.
        is_full_name: as in ``DocumentEntity``.
        aliases: other forms of its name in the same text.
        country_codes: countries it is tied to (ISO 3166 alpha-2, lower case).
    """

    entity_id: str
    entity_type: str
    name: str
    count: int = 1
    is_full_name: bool = True
    aliases: tuple[str, ...] = ()
    country_codes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class TextSignature:
    """What copies of a text are found by (``processors/enrich/copy_signature.py``), without it.

    Attributes:
        shingle_count: distinct shingles of the text.
        hashes: the smallest hashes of shingles, ascending; 4 bytes each, the lowest byte first.
    """

    shingle_count: int
    hashes: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class CopySign:
    """What is kept of a text to find its copies, without the text.

    Attributes:
        shingle_count: distinct shingles of the text.
        hashes: of shingles (``processors/enrich/copy_signature.py``); empty outside the window.
        origin_article_id: the first article with this text, of any source; None for that one.
        role: what the article is to that one.
        reasons: why, in fixed words.
    """

    shingle_count: int
    hashes: bytes
    origin_article_id: Sha256 | None = None
    role: CopyRole = "original"
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryMember:
    """What is kept of an article to find the story of others, without its text.

    ``title`` is only what its decisions allow to show. ``term_ids`` are little-endian uint32,
    ``term_weights`` little-endian uint16. ``is_copy``: taken from another.
    """

    at: AwareDatetime
    language: str
    title: str
    is_copy: bool
    term_ids: bytes
    term_weights: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ResolvedEntity:
    """Who a document's entity is across documents (contract point 9).

    Attributes:
        document_entity_id: id that reading the document alone gave.
        entity_id: id after merges.
        name: as people see it, everywhere the same.
        aliases: other names by which the same entity is known.
        reason: why it is more than what the document says; empty where it is not.
        member_ids: the other ids that were merged into ``entity_id``, sorted, at most 64: who
            watches one of them finds it here.
    """

    document_entity_id: str
    entity_id: str
    name: str
    aliases: tuple[str, ...] = ()
    reason: str = ""
    member_ids: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityMerge:
    """A decision that two ids are one entity, or (``is_same`` False) that they are not.

    Attributes:
        entity_id: the id that is a member of ``into_entity_id``.
        by: ``evidence`` of texts, or ``hand``: a correction, which stands above all evidence.
        article_ids: texts that say so, at most eight.
        reason: in words.
    """

    entity_id: str
    into_entity_id: str
    is_same: bool = True
    by: Literal["evidence", "hand"]
    reason: str
    article_ids: tuple[str, ...] = ()
    at: AwareDatetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryChange:
    """A merge or a split of a story; it never alerts. Of the articles, the first hundred."""

    kind: Literal["merge", "split"]
    from_story_id: str
    into_story_id: str
    article_ids: tuple[str, ...]
    reason: str
    at: AwareDatetime
