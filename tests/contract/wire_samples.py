"""One full example of each record on the wire, with made-up content and no field at its default."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from dateline.alert_records import AlertContent, AlertEntity, QuietHours, Surge
from dateline.document_records import (
    CopySign,
    DocumentEntity,
    EntityLink,
    EntityMerge,
    KeyPhrase,
    Quotation,
    Relation,
    ResolvedEntity,
    StoryChange,
    StoryEntity,
    StoryMember,
    StoryTerms,
    TermCounts,
    TextSignature,
)
from dateline.records import (
    Alert,
    ArticleState,
    Channel,
    Dateline,
    EnrichedArticle,
    EntityCorrection,
    EntityRecord,
    GroupedArticle,
    KillNotice,
    Mention,
    RawArticle,
    Record,
    Redecide,
    RightsSignal,
    StoryRecord,
    VersionSeen,
    Watch,
)
from dateline.rights.record import (
    Access,
    Attribution,
    Decision,
    Preferences,
    RawPreference,
    Resolution,
    Rights,
    RightsEvidence,
    RightsObject,
)

FOLDER = Path(__file__).resolve().parents[1] / "data" / "wire"


def _at(hour: int, microsecond: int = 0) -> datetime:
    return datetime(2026, 11, 2, hour, 30, 15, microsecond, tzinfo=UTC)


ARTICLE_ID = "a1" * 32
CONTENT_SHA256 = "c3" * 32
# Astral, combining and quoted characters: what survives here survives anywhere.
BODY = 'GENEVA (Example Wire) — Zoë Ibáñez 🎈 opened the "Marrow\u200b Bridge".\nCC BY 4.0'
TEXT = 'GENEVA (Example Wire) - Zoë Ibáñez 🎈 opened the "Marrow Bridge".'

RAW_ARTICLE = RawArticle(
    article_id=ARTICLE_ID,
    source_id="example-wire",
    key="https://wire.example/2026/bridge",
    content_sha256=CONTENT_SHA256,
    body=BODY,
    media_type="text/plain",
    origin="backfill",
    observed_at=_at(9, 250000),
    updated_at=_at(8),
    published_at=_at(7),
    published_at_raw="Mon, 02 Nov 2026 07:30:15 GMT",
    title="Bridge opens",
    summary="A bridge was opened.",
    url="https://wire.example/2026/bridge?lang=en",
    guid="tag:wire.example,2026:bridge",
    language="en-GB",
    authors=("Ada Example", "Bo Muster"),
    credit="Example Wire/Pool",
    publisher="Example Wire Ltd",
    pub_status="withheld",
    is_pub_status_explicit=True,
    canonical_url="https://original.example/a",
    date_flags=("no_time_zone",),
    feed_text_sha256="f" * 64,
    page_text_sha256="9" * 64,
    rights_signals=(
        RightsSignal(
            layer="html",
            field="link[rel=license]",
            value="https://license.example/1",
            xpath="/html/head/link",
            source_url="https://wire.example/2026/bridge",
        ),
    ),
    extraction_method="trafilatura",
)

KILL_NOTICE = KillNotice(
    article_id=ARTICLE_ID,
    source_id="example-wire",
    key="https://wire.example/2026/bridge",
    reason="Kill: wrong bridge.",
    origin="live",
    observed_at=_at(11),
    updated_at=_at(10),
    url="https://wire.example/2026/bridge",
)

EVIDENCE = RightsEvidence(
    id="e1",
    object_id="text",
    layer="html",
    field="a[rel=license]@article",
    start=66,
    end=75,
    quote="CC BY 4.0",
    text_sha256="d4" * 32,
    frame="grant_text",
    scope="this_object",
    rank=60,
    confidence=0.9,
    detector="html.rel_license",
    registry_version="2026-11-01",
    spdx_expression="CC-BY-4.0",
    licensor="Example Wire",
    xpath="/html/body/article/a",
    source_url="https://wire.example/2026/bridge",
    observed_at=_at(9),
)

RIGHTS = Rights(
    status="granted",
    schema_version="1.1",
    spdx_expression="CC-BY-4.0",
    license_uri="https://license.example/by/4.0/",
    license_name="Attribution 4.0 International",
    family="cc",
    code="by",
    version="4.0",
    jurisdiction="igo",
    licensor="Example Wire",
    copyright_holder="Example Wire",
    copyright_year=2026,
    copyright_notice="(c) 2026 Example Wire",
    credit_text="Example Wire",
    usage_terms="Name the wire.",
    acquire_license_page="https://wire.example/buy",
    effective=("by",),
    preferences=Preferences(
        tdm_reservation=True,
        tdm_policy_url="https://wire.example/tdm.json",
        ai_train="disallowed",
        ai_input="allowed",
        search="allowed",
        snippet_max_chars=120,
        noarchive=True,
        noindex=True,
        raw=(
            RawPreference(
                protocol="tdmrep",
                field="tdm-reservation",
                value="1",
                source_url="https://wire.example/2026/bridge",
            ),
        ),
        nosnippet_texts=("Not to be cut.",),
    ),
    access=Access(is_free=True, expires_at=_at(20), embargoed_until=_at(7)),
    objects=(
        RightsObject(
            id="image1",
            kind="image",
            spdx_expression="CC-BY-2.0",
            credit="A photographer",
            url="https://wire.example/bridge.jpg",
        ),
    ),
    evidence=(EVIDENCE,),
    resolution=Resolution(
        winner="e1",
        losers=("e2",),
        rules=("R1",),
        has_disagreement=True,
        conflicts=("grant_vs_reservation",),
    ),
    confidence=0.9,
    attribution=Attribution(
        text="Example Wire, CC BY 4.0",
        html="<p>Example Wire, CC BY 4.0</p>",
        jsonld="{}",
        is_complete=True,
        missing=("author",),
    ),
    notes=("no author was supplied",),
)

ENTITY_ID = "e5" * 32
DOCUMENT_ENTITY = DocumentEntity(
    entity_id=ENTITY_ID,
    entity_type="person",
    name="Zoë Ibáñez",
    is_full_name=False,
    mention_indices=(0,),
    aliases=("Ibáñez",),
    titles=("Dr.",),
    role="Minister of Bridges",
    roles=("Minister of Bridges", "engineer"),
    relations=(Relation(kind="holder", country_code="ch", entity_id="d6" * 32, start=3, end=9),),
    salience=0.75,
    reasons=("surname of a full name",),
    link=EntityLink(
        row_id="Q0",
        qid="Q0",
        name="Zoë Ibáñez",
        country_code="ch",
        country_relation="within",
        geo_point=(46.2, 6.1),
        reason="full name",
    ),
)

ENRICHED_ARTICLE = EnrichedArticle(
    article=RAW_ARTICLE,
    text=TEXT,
    offsets=((0, 0), (57, 58)),
    title="Bridge opens",
    is_title_derived=True,
    summary="Zoë Ibáñez opened the Marrow Bridge.",
    is_summary_derived=True,
    language="en",
    language_confidence=0.98,
    rights=RIGHTS,
    pipeline_version="0.1.0+rules.7",
    dateline=Dateline(
        place="GENEVA", start=0, end=24, agency="Example Wire", date_text="2 November"
    ),
    mentions=(
        Mention(
            text="Zoë Ibáñez",
            label="PERSON",
            entity_type="person",
            entity_id=ENTITY_ID,
            start=24,
            end=34,
            sentence_start=24,
            sentence_end=65,
            detector="en_core_web_sm@3.8.0",
        ),
    ),
    mentions_absent_reason="text longer than the limit",
    entities=(DOCUMENT_ENTITY,),
    quotations=(
        Quotation(
            kind="direct", start=49, end=62, verb="said", speaker_start=24, speaker_end=34,
            entity=0, reason="named",
        ),
    ),
    key_phrases=(
        KeyPhrase(
            kind="event", text="Zoë Ibáñez opened the bridge", start=24, end=62, score=0.5, entity=0
        ),
    ),
    story_terms=StoryTerms(
        name=TermCounts(ids=b"\x01\x00\x00\x00", counts=b"\x02\x00"),
        word=TermCounts(ids=b"\x03\x00\x00\x00", counts=b"\x04\x00"),
        number=TermCounts(ids=b"\x05\x00\x00\x00", counts=b"\x06\x00"),
        pair=TermCounts(ids=b"\x07\x00\x00\x00", counts=b"\x08\xff"),
    ),
    text_signature=TextSignature(shingle_count=40, hashes=b"\x09\x00\x00\x00"),
)  # fmt: skip

VERSION = VersionSeen(content_sha256=CONTENT_SHA256, updated_at=_at(8), revision=2)
DECISION = Decision(
    policy_id="default@2",
    purpose="public_search",
    store="full",
    display="full",
    snippet_chars=300,
    export=True,
    ai_use="review",
    attribution_required=True,
    is_verbatim_only=True,
    is_share_alike=True,
    store_days=30,
    reasons=("granted by the text itself",),
)

RESOLVED = ResolvedEntity(
    document_entity_id=ENTITY_ID,
    entity_id="c4" * 32,
    name="Zoë Ibáñez",
    aliases=("Zoe Ibanez",),
    reason="one text uses both names",
    member_ids=(ENTITY_ID,),
)

GROUPED_ARTICLE = GroupedArticle(
    article_id=ARTICLE_ID,
    source_id="example-wire",
    revision=2,
    change="content",
    first_seen_at=_at(6),
    observed_at=_at(9),
    origin="live",
    pub_status="usable",
    story_id="f6" * 32,
    versions=(VERSION,),
    story_aliases=("b7" * 32,),
    story_reasons=("3 names in common",),
    role="copy",
    role_reasons=("9 of 10 sentences in common",),
    decisions=(DECISION,),
    enriched=ENRICHED_ARTICLE,
    origin_article_id="0d" * 32,
    resolved=(RESOLVED,),
)

GROUPED_KILL = GroupedArticle(
    article_id=ARTICLE_ID,
    source_id="example-wire",
    revision=3,
    change="kill",
    first_seen_at=_at(6),
    observed_at=_at(11),
    origin="live",
    pub_status="canceled",
    story_id="f6" * 32,
    versions=(VERSION,),
    story_aliases=("b7" * 32,),
    story_reasons=("3 names in common",),
    role="update",
    role_reasons=("the same publisher, later",),
    decisions=(DECISION,),
    kill=KILL_NOTICE,
    origin_article_id="0d" * 32,
    resolved=(RESOLVED,),
)

STORY_ENTITY = StoryEntity(
    entity_id=ENTITY_ID,
    entity_type="person",
    name="Zoë Ibáñez",
    count=2,
    is_full_name=False,
    aliases=("Ibáñez",),
    country_codes=("ch",),
)

ARTICLE_STATE = ArticleState(
    article_id=ARTICLE_ID,
    source_id="example-wire",
    revision=2,
    story_id="f6" * 32,
    first_seen_at=_at(6),
    last_changed_at=_at(9),
    current_sha256=CONTENT_SHA256,
    current_updated_at=_at(8),
    pub_status="usable",
    versions=(VERSION,),
    story_aliases=("b7" * 32,),
    revived_at=_at(6),
    url="https://wire.example/2026/bridge",
    canonical_url="https://original.example/a",
    text_sha256="1e" * 32,
    origin_article_id="0d" * 32,
    enriched_offset=41,
    rights=RIGHTS,
    decisions_sha256="2f" * 32,
    decided_at=_at(9),
    story_reasons=("3 names in common",),
    role="copy",
    role_reasons=("9 of 10 sentences in common",),
    event_at=_at(7),
    lane="en",
    copy_sign=CopySign(
        shingle_count=7,
        hashes=b"\x01\x02\x03\xfe",
        origin_article_id="0d" * 32,
        role="copy",
        reasons=("the same text",),
    ),
    member=StoryMember(
        at=_at(7),
        language="en",
        title="Bridge opens",
        is_copy=True,
        term_ids=b"\x09\x00\x00\x00",
        term_weights=b"\x0a\x00",
    ),
    story_entities=(STORY_ENTITY,),
    resolved_sha256="3a" * 32,
)

REDECIDE = Redecide(article_id=ARTICLE_ID, requested_at=_at(12), policy_id="default@3")

STORY_RECORD = StoryRecord(
    story_id="f6" * 32,
    root_article_id=ARTICLE_ID,
    revision=4,
    lane="en",
    title="Zoë Ibáñez opens a bridge",
    main_article_id=ARTICLE_ID,
    first_at=_at(6),
    last_at=_at(9),
    article_count=2,
    source_ids=("example-wire",),
    entities=(STORY_ENTITY,),
    merged_ids=("b7" * 32,),
    split_from_ids=("b8" * 32,),
    merged_into="a8" * 32,
    changes=(
        StoryChange(
            kind="split",
            from_story_id="b8" * 32,
            into_story_id="f6" * 32,
            article_ids=(ARTICLE_ID,),
            reason="two groups that share no name",
            at=_at(8),
        ),
    ),
)

ENTITY_RECORD = EntityRecord(
    entity_id=ENTITY_ID,
    revision=3,
    entity_type="person",
    name="Zoë Ibáñez",
    is_renamed=True,
    names=("Zoë Ibáñez", "Zoe Ibanez"),
    member_ids=(ENTITY_ID, "d6" * 32),
    country_codes=("ch",),
    merges=(
        EntityMerge(
            entity_id="d6" * 32,
            into_entity_id=ENTITY_ID,
            is_same=False,
            by="hand",
            reason="mother and daughter",
            article_ids=(ARTICLE_ID,),
            at=_at(8),
        ),
    ),
    merged_into="d7" * 32,
    updated_at=_at(9),
)

ENTITY_CORRECTION = EntityCorrection(
    correction_id="3a" * 32,
    kind="rename",
    entity_id=ENTITY_ID,
    other_entity_id="d6" * 32,
    name="Zoë Ibáñez",
    note="as she writes it",
    requested_at=_at(12),
    entity_type="person",
    known_names=("Zoe Ibanez", "Z. Ibáñez"),
)

WATCH = Watch(
    watch_id="bridges",
    created_at=_at(5),
    changed_at=_at(6),
    name="Bridges",
    query='"Marrow Bridge" AND entity:"Zoë Ibáñez"',
    trigger="surge",
    repeat="story_and_updates",
    channel_ids=("desk-mail",),
    scope="source",
    silence_days=30,
    surge=Surge(window_hours=12, baseline_days=14, min_articles=4, min_ratio=2.5),
    is_license_told=True,
    is_active=False,
    came_from="file",
)

CHANNEL = Channel(
    channel_id="desk-mail",
    kind="email",
    created_at=_at(4),
    changed_at=_at(5),
    name="The desk",
    address="desk@marrow.example",
    secret_env="DESK_SECRET",  # noqa: S106  # a variable's name
    quiet_hours=QuietHours(starts_at="22:00", ends_at="06:30", time_zone="Europe/Lisbon"),
    digest="daily",
    digest_hour=7,
    time_zone="Europe/Lisbon",
    max_per_hour=20,
    is_active=False,
    came_from="api",
)

ALERT = Alert(
    alert_id="99" * 32,
    watch_id="bridges",
    channel_id="desk-mail",
    trigger="update",
    subject="f6" * 32,
    article_id=ARTICLE_ID,
    revision=2,
    story_id="f6" * 32,
    story_aliases=("b7" * 32,),
    created_at=_at(9),
    content=AlertContent(
        watch_name="Bridges",
        query='"Marrow Bridge" AND entity:"Zoë Ibáñez"',
        reasons=("Zoë Ibáñez in the first sentence",),
        title="The Marrow Bridge is open",
        sentence="Zoë Ibáñez opened the Marrow Bridge.",
        excerpt="Zoë Ibáñez opened the Marrow Bridge. It",
        withheld_reason="the licence allows a snippet",
        entities=(AlertEntity(entity_id=ENTITY_ID, name="Zoë Ibáñez", entity_type="person"),),
        url="https://marrow.example/bridge",
        source_id="marrow",
        publisher="The Marrow Post",
        language="en",
        spdx_expression="CC-BY-4.0",
        attribution_text="The Marrow Post, CC BY 4.0",
        story_title="Bridge opens",
        published_at=_at(7),
        first_seen_at=_at(8),
        note="another text",
    ),
    corrects_alert_id="88" * 32,
)

# By file: <schema>.v<version>.json, with the case before the version where a class has several.
SAMPLES: dict[str, Record] = {
    "raw_article.v1.json": RAW_ARTICLE,
    "kill_notice.v1.json": KILL_NOTICE,
    "enriched_article.v1.json": ENRICHED_ARTICLE,
    "grouped_article.v1.json": GROUPED_ARTICLE,
    "grouped_article.kill.v1.json": GROUPED_KILL,
    "article_state.v1.json": ARTICLE_STATE,
    "redecide.v1.json": REDECIDE,
    "story_record.v1.json": STORY_RECORD,
    "entity_record.v1.json": ENTITY_RECORD,
    "entity_correction.v1.json": ENTITY_CORRECTION,
    "watch.v1.json": WATCH,
    "channel.v1.json": CHANNEL,
    "alert.v1.json": ALERT,
}
