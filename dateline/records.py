"""Return the records that travel between the stages, one frozen class a stage.

All times are aware UTC datetimes. All offsets are Python code points, ``[start, end)``. Records are
JSON on the wire (``dateline.wire``); ``docs/fields.md`` says where each field comes from.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from msgspec import Meta

from dateline.alert_records import Alert, Channel, Watch
from dateline.document_records import (
    CopyRole,
    CopySign,
    CountryRelation,
    DocumentEntity,
    EntityMerge,
    EntityType,
    KeyPhrase,
    Quotation,
    ResolvedEntity,
    Sha256,
    StoryChange,
    StoryEntity,
    StoryMember,
    StoryTerms,
    TextSignature,
)
from dateline.rights.record import (
    Access,
    AiUse,
    Attribution,
    AwareDatetime,
    Decision,
    DisplayTier,
    Preference,
    RawPreference,
    Resolution,
    Rights,
    RightsEvidence,
    RightsObject,
    RightsStatus,
    StoreTier,
)

Origin = Literal["live", "backfill"]
PubStatus = Literal["usable", "withheld", "canceled"]
DateFlag = Literal["missing", "unreadable", "no_time_zone", "no_time", "future", "implausible"]
Change = Literal["new", "content", "kill", "revive", "story", "policy", "entity"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsSignal:
    """One rights statement found beside the text, word for word, for the licence rules.

    ``layer`` (``feed``, ``http``, ``html``, ...) and ``field`` are those of the evidence.
    ``source_url`` says which document it stands in, ``xpath`` at which element.
    """

    layer: str
    field: str
    value: str
    xpath: str | None = None
    source_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RawArticle:
    """An article as its source gave it; nothing is corrected, only clamped and flagged.

    ``key`` identifies the article inside its source (design section 6); ``updated_at`` is the
    source's own time clamped to ``observed_at``, and orders the versions of one article. Only a
    ``usable`` that the source said itself (``is_pub_status_explicit``) revives a killed article.
    ``canonical_url`` (``rel=canonical``) is a hint that this is a copy, never an identity.
    ``date_flags`` say what was wrong with the source's publication time. ``feed_text_sha256`` and
    ``page_text_sha256`` are of both texts, where a page was fetched for an entry of a feed.
    """

    article_id: Sha256
    source_id: str
    key: str
    content_sha256: Sha256
    body: str
    media_type: str
    origin: Origin
    observed_at: AwareDatetime
    updated_at: AwareDatetime
    published_at: AwareDatetime | None = None
    published_at_raw: str | None = None
    date_flags: tuple[DateFlag, ...] = ()
    title: str | None = None
    summary: str | None = None
    url: str | None = None
    canonical_url: str | None = None
    guid: str | None = None
    language: str | None = None
    authors: tuple[str, ...] = ()
    credit: str | None = None
    publisher: str | None = None
    pub_status: PubStatus = "usable"
    is_pub_status_explicit: bool = False
    rights_signals: tuple[RightsSignal, ...] = ()
    extraction_method: str = "verbatim"
    feed_text_sha256: Sha256 | None = None
    page_text_sha256: Sha256 | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KillNotice:
    """The source withdrew an article; travels in its article's place, in order."""

    article_id: Sha256
    source_id: str
    key: str
    reason: str
    origin: Origin
    observed_at: AwareDatetime
    updated_at: AwareDatetime
    url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Dateline:
    """The opening ``PLACE (AGENCY) -`` of a wire text; offsets refer to the clean text."""

    place: str
    start: int
    end: int
    agency: str | None = None
    date_text: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Mention:
    """A name in the clean text.

    ``label`` is the detector's own (OntoNotes for English), ``entity_type`` ours; ``entity_id`` is
    contract point 9: a Wikidata QID where linked, else sha256 of type and folded full name.
    ``detector`` is ``<model>@<version>``, or the gazetteer where no model saw the name.
    """

    text: str
    label: str
    entity_type: EntityType
    entity_id: str
    start: int
    end: int
    sentence_start: int
    sentence_end: int
    detector: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichedArticle:
    """An article with clean text, language, dateline, names and rights.

    ``text`` is the body without licence notices and with white space and quotes made regular.
    ``offsets`` is its map to ``article.body``: sorted pairs ``(position in text, position in
    body)``; between two pairs both advance one code point at a time.
    ``entities`` are the names joined within the document; ``story_terms`` is what stories compare
    it by, ``text_signature`` what its copies are found by: None of a text too short to be a copy of
    anything, of an enrich stage that did not make one yet, and behind the stories stage.
    """

    article: RawArticle
    text: str
    offsets: tuple[tuple[int, int], ...]
    title: str
    is_title_derived: bool
    summary: str
    is_summary_derived: bool
    language: str
    language_confidence: float
    rights: Rights
    pipeline_version: str
    dateline: Dateline | None = None
    mentions: tuple[Mention, ...] = ()
    mentions_absent_reason: str | None = None
    entities: tuple[DocumentEntity, ...] = ()
    quotations: tuple[Quotation, ...] = ()
    key_phrases: tuple[KeyPhrase, ...] = ()
    story_terms: StoryTerms | None = None
    text_signature: TextSignature | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupedArticle:
    """A current article with its revision and story; the only input of index and alerts.

    ``revision`` is given by the stories stage alone and is Elasticsearch's external version.
    Exactly one of ``enriched`` and ``kill`` is set: a kill leaves a tombstone. Of a copy
    ``enriched.rights`` are already met with those of its origin, ``origin_article_id``.
    ``resolved`` says who the entities of ``enriched`` are across documents.
    """

    article_id: Sha256
    source_id: str
    revision: Annotated[int, Meta(ge=1)]
    change: Change
    first_seen_at: AwareDatetime
    observed_at: AwareDatetime
    origin: Origin
    pub_status: PubStatus
    story_id: str
    versions: tuple[VersionSeen, ...]
    story_aliases: tuple[str, ...] = ()
    story_reasons: tuple[str, ...] = ()
    role: CopyRole = "original"
    role_reasons: tuple[str, ...] = ()
    decisions: tuple[Decision, ...] = ()
    enriched: EnrichedArticle | None = None
    kill: KillNotice | None = None
    origin_article_id: Sha256 | None = None
    resolved: tuple[ResolvedEntity, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionSeen:
    """A text of an article that was seen: its hash, its time, and the revision it got.

    ``revision`` 0 marks a text that arrived late and never was current.
    """

    content_sha256: Sha256
    updated_at: AwareDatetime
    revision: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticleState:
    """What the stories stage remembers of an article (``news.story.v1``, key ``article_id``).

    ``revived_at`` is the time of the explicit ``usable`` that ended a kill: older kills are known.
    ``url``, ``canonical_url`` and ``text_sha256`` (of the clean text; None: too short to tell)
    find copies. ``enriched_offset`` is where the current text stands in ``news.enriched.v1``,
    ``rights`` a summary of what was decided about (of a copy met with its origin's),
    ``decisions_sha256`` the hash of the decisions, ``decided_at`` the moment they are for.
    ``event_at`` is when it was published, clamped to when it was first seen; ``lane`` never
    changes. ``copy_sign`` and ``member`` are what copies and stories are found by; ``member`` is
    None outside the window of stories. ``story_entities`` are those that people may see;
    ``resolved_sha256`` is the hash of who they are, as it was emitted last.
    """

    article_id: Sha256
    source_id: str
    revision: int
    story_id: str
    first_seen_at: AwareDatetime
    last_changed_at: AwareDatetime
    current_sha256: str
    current_updated_at: AwareDatetime
    pub_status: PubStatus
    versions: tuple[VersionSeen, ...]
    story_aliases: tuple[str, ...] = ()
    revived_at: AwareDatetime | None = None
    url: str | None = None
    canonical_url: str | None = None
    text_sha256: Sha256 | None = None
    origin_article_id: Sha256 | None = None
    enriched_offset: int | None = None
    rights: Rights | None = None
    decisions_sha256: Sha256 | None = None
    decided_at: AwareDatetime | None = None
    story_reasons: tuple[str, ...] = ()
    role: CopyRole = "original"
    role_reasons: tuple[str, ...] = ()
    event_at: AwareDatetime | None = None
    lane: str | None = None
    copy_sign: CopySign | None = None
    member: StoryMember | None = None
    story_entities: tuple[StoryEntity, ...] = ()
    resolved_sha256: Sha256 | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Redecide:
    """A request to decide again about an article, on ``news.enriched.v1`` with the article's key.

    ``policy_id`` is the policy that the asker read; a stage with another one does not decide. None
    stands for any: it is not the policy that has changed, but who the article's entities are.
    """

    article_id: Sha256
    requested_at: AwareDatetime
    policy_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoryRecord:
    """A story as people see it, with its merges and splits (contract point 5); on two topics.

    ``revision`` goes up with every change and is Elasticsearch's external version. Times, counts,
    sources and entities are of the articles in the window; a story that has left it keeps the last.
    ``title`` holds nothing that the licence of its article does not allow to show. ``lane`` never
    changes. ``changes`` are the latest fifty.
    """

    story_id: str
    root_article_id: Sha256
    revision: Annotated[int, Meta(ge=1)] = 1
    lane: str = ""
    title: str = ""
    main_article_id: Sha256 | None = None
    first_at: AwareDatetime
    last_at: AwareDatetime
    article_count: int = 0
    source_ids: tuple[str, ...] = ()
    entities: tuple[StoryEntity, ...] = ()
    merged_ids: tuple[str, ...] = ()
    split_from_ids: tuple[str, ...] = ()
    merged_into: str | None = None
    changes: tuple[StoryChange, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityRecord:
    """An entity across documents, with everything that was decided about its ids.

    ``revision`` goes up with every change. ``member_ids`` are all its ids, its own among them;
    ``names`` all names by which it is known, the most frequent first. ``merged_into`` is set where
    it is now part of another.
    """

    entity_id: str
    revision: Annotated[int, Meta(ge=1)] = 1
    entity_type: str
    name: str
    is_renamed: bool = False
    names: tuple[str, ...] = ()
    member_ids: tuple[str, ...] = ()
    country_codes: tuple[str, ...] = ()
    merges: tuple[EntityMerge, ...] = ()
    merged_into: str | None = None
    updated_at: AwareDatetime


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityCorrection:
    """What somebody says about entities, by hand; kept, so that a replay repeats it.

    ``merge`` makes ``entity_id`` part of ``other_entity_id``; ``split`` says that both are not the
    same, whatever texts say; ``rename`` gives ``entity_id`` the name ``name``. ``entity_type`` and
    ``known_names`` (of ``entity_id``, then of the other) are what whoever asks saw: they stand for
    an id that no article of the window has any more.
    """

    correction_id: Sha256
    kind: Literal["merge", "split", "rename"]
    entity_id: str
    other_entity_id: str | None = None
    name: str | None = None
    note: str = ""
    requested_at: AwareDatetime
    entity_type: str | None = None
    known_names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class MentionField:
    """A mention as it is indexed (nested): text, label and place in the text."""

    text: str
    label: str
    type: str
    entity_id: str
    start: int
    end: int
    sentence: str | None
    detector: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GeoPointField:
    """A point as it is indexed, in degrees (WGS 84).

    By name, because Elasticsearch reads an array with the longitude first.
    """

    lat: float
    lon: float


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentEntityField:
    """An entity of the document as it is indexed (nested).

    ``entity_id`` and ``name`` are those across documents, ``document_entity_id`` that of the
    document alone. ``link_reason`` says why it is linked or NIL.
    """

    entity_id: str
    document_entity_id: str
    type: str
    name: str
    text: str
    aliases: tuple[str, ...] = ()
    titles: tuple[str, ...] = ()
    role: str | None = None
    is_full_name: bool = True
    qid: str | None = None
    row_id: str | None = None
    country_code: str | None = None
    country_relation: CountryRelation | None = None
    geo_point: GeoPointField | None = None
    holder_of: tuple[str, ...] = ()
    salience: float = 0.0
    link_reason: str | None = None
    reasons: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotationField:
    """A quotation as it is indexed (nested); ``text`` only where the whole text may be shown."""

    kind: str
    text: str | None
    start: int
    end: int
    speaker: str | None
    speaker_entity_id: str | None
    verb: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityFields:
    """Distinct names by type, flat keyword fields that Kibana can chart."""

    person: tuple[str, ...] = ()
    organization: tuple[str, ...] = ()
    place: tuple[str, ...] = ()
    facility: tuple[str, ...] = ()
    group: tuple[str, ...] = ()
    event: tuple[str, ...] = ()
    work: tuple[str, ...] = ()
    product: tuple[str, ...] = ()
    law: tuple[str, ...] = ()
    language: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsFlags:
    """Which constraints bind a reuser, as filters."""

    by: bool = False
    nc: bool = False
    nd: bool = False
    sa: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class PreferenceFields:
    """Usage preferences as they are indexed: without the passages that may not be shown."""

    tdm_reservation: bool | None = None
    tdm_policy_url: str | None = None
    ai_train: Preference = "unknown"
    ai_input: Preference = "unknown"
    search: Preference = "unknown"
    snippet_max_chars: int | None = None
    noarchive: bool = False
    noindex: bool = False
    has_nosnippet: bool = False
    raw: tuple[RawPreference, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsFields:
    """Rights as they are indexed; evidence and objects are nested, the filters are plain fields.

    Quotes are no longer than what may be shown of the text. ``odrl`` is one ODRL policy.
    """

    status: RightsStatus
    schema_version: str = "1"
    spdx_expression: str = "NOASSERTION"
    license_uri: str | None = None
    license_name: str | None = None
    family: str | None = None
    code: str | None = None
    version: str | None = None
    jurisdiction: str | None = None
    licensor: str | None = None
    copyright_holder: str | None = None
    copyright_year: int | None = None
    copyright_notice: str | None = None
    credit_text: str | None = None
    usage_terms: str | None = None
    acquire_license_page: str | None = None
    effective: tuple[str, ...] = ()
    flags: RightsFlags = RightsFlags()
    preferences: PreferenceFields = PreferenceFields()
    access: Access = field(default_factory=Access)
    objects: tuple[RightsObject, ...] = ()
    evidence: tuple[RightsEvidence, ...] = ()
    resolution: Resolution = field(default_factory=Resolution)
    confidence: float = 0.0
    attribution: Attribution | None = None
    odrl: dict[str, Any] | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionFilter:
    """A decision's columns as plain fields: Kibana cannot chart nested ones."""

    policy_id: str
    store: StoreTier
    display: DisplayTier
    export: bool
    ai_use: AiUse


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionFilters:
    """The decisions by purpose."""

    public_search: DecisionFilter | None = None
    internal_analytics: DecisionFilter | None = None
    redistribution_nc: DecisionFilter | None = None
    redistribution_commercial: DecisionFilter | None = None
    ml_training: DecisionFilter | None = None
    rag: DecisionFilter | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SearchDocument:
    """A document of the articles index; ``config/elasticsearch/articles.json`` has these fields.

    ``body`` holds only what the purpose ``public_search`` may show; ``body_internal`` holds text
    that may be searched but not shown, and is excluded from ``_source``; it is dropped at
    ``store_until``. ``decisions`` are whole and nested, ``decision`` has their filters by purpose.
    """

    article_id: Sha256
    source_id: str
    key: str
    revision: int
    pub_status: PubStatus
    origin: Origin
    story_id: str
    story_aliases: tuple[str, ...]
    role: str
    story_reasons: tuple[str, ...] = ()
    role_reasons: tuple[str, ...] = ()
    first_seen_at: AwareDatetime
    observed_at: AwareDatetime
    updated_at: AwareDatetime
    content_sha256: str | None
    versions: tuple[VersionSeen, ...]
    published_at: AwareDatetime | None = None
    date_flags: tuple[DateFlag, ...] = ()
    title: str | None = None
    is_title_derived: bool = False
    summary: str | None = None
    body: str | None = None
    body_internal: str | None = None
    body_chars: int = 0
    url: str | None = None
    authors: tuple[str, ...] = ()
    credit: str | None = None
    publisher: str | None = None
    language: str | None = None
    language_confidence: float | None = None
    dateline_place: str | None = None
    dateline_agency: str | None = None
    entities: EntityFields = field(default_factory=EntityFields)
    entity_ids: tuple[str, ...] = ()
    entity_names: tuple[str, ...] = ()
    document_entities: tuple[DocumentEntityField, ...] = ()
    countries: tuple[str, ...] = ()
    geo_points: tuple[GeoPointField, ...] = ()
    quotations: tuple[QuotationField, ...] = ()
    key_phrases: tuple[str, ...] = ()
    mentions: tuple[MentionField, ...] = ()
    mentions_absent_reason: str | None = None
    origin_article_id: Sha256 | None = None
    rights: RightsFields | None = None
    decisions: tuple[Decision, ...] = ()
    decision: DecisionFilters = DecisionFilters()
    store_until: AwareDatetime | None = None
    kill_reason: str | None = None
    pipeline_version: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeadLetter:
    """A record that cannot pass: its original bytes, and why (as headers on the topic)."""

    payload: bytes
    code: str
    stage: str
    topic: str
    partition: int
    offset: int
    attempts: int
    first_failed_at: AwareDatetime
    error: str
    key: bytes | None = None
    headers: tuple[tuple[str, bytes], ...] = ()


Record = (
    RawArticle | KillNotice | EnrichedArticle | Redecide | GroupedArticle | ArticleState
    | StoryRecord | EntityRecord | EntityCorrection | Watch | Channel | Alert
)  # fmt: skip
