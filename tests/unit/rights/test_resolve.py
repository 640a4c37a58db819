from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from made_statements import FRAMES, any_statement, grant, licensed, statement

from dateline.rights.confidence import Confidences, Counted
from dateline.rights.contracts import Contract
from dateline.rights.evidence import MOST_EVIDENCE
from dateline.rights.facts import Facts
from dateline.rights.record import Frame, Preferences, Rights, RightsStatus
from dateline.rights.resolve import resolve
from dateline.rights.statement import (
    RANK_CHANNEL,
    RANK_ITEM,
    RANK_NOTHING,
    RANK_OBJECT,
    RANK_PAGE,
    RANK_SECTION,
    RANK_SITE,
    Reading,
    StatedAccess,
    StatedPreference,
    Statement,
)

NO_FACTS = Facts()
NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
AFP = Facts(publisher="Orchard Wire", credits=("AFP",))
RESERVED = statement("reserved", quote="All rights reserved.", start=90)
DENIED = statement("negated", rank=RANK_NOTHING, quote="Not under any CC licence.", start=60)


def resolved(*statements: Statement, facts: Facts = NO_FACTS) -> Rights:
    return resolve(Reading(statements=statements), facts)


def outcome(rights: Rights) -> tuple[RightsStatus, str, tuple[str, ...]]:
    return rights.status, rights.spdx_expression, rights.effective


GRANTED = ("granted", "CC-BY-4.0", ("by",))
UNKNOWN = ("unknown", "NOASSERTION", ())
KEPT = ("reserved", "NOASSERTION", ())


def test_resolve_without_statements_knows_nothing() -> None:
    rights = resolved()
    assert outcome(rights) == UNKNOWN
    assert (rights.confidence, rights.evidence, rights.resolution.rules) == (0.0, (), ("R9",))


def test_resolve_grants_what_a_notice_states() -> None:
    rights = resolved(
        grant(licensor="Orchard Wire"), facts=Facts(observed_at=NOON, registry_version="7")
    )
    assert outcome(rights) == GRANTED
    assert rights.license_uri == "https://creativecommons.org/licenses/by/4.0/"
    assert (rights.licensor, rights.code, rights.version) == ("Orchard Wire", "by", "4.0")
    assert (rights.resolution.winner, rights.resolution.losers) == ("e1", ())
    (evidence,) = rights.evidence
    assert (evidence.observed_at, evidence.registry_version) == (NOON, "7")
    assert (evidence.spdx_expression, evidence.object_id) == ("CC-BY-4.0", "text")


@pytest.mark.parametrize("spdx_id", ["CC0-1.0", "CC-PDM-1.0", "LicenseRef-US-Government-Work"])
def test_resolve_knows_the_public_domain(spdx_id: str) -> None:
    assert outcome(resolved(grant(spdx_id))) == ("public_domain", spdx_id, ())


def test_resolve_names_no_licensor_of_the_public_domain_mark() -> None:
    assert resolved(grant("CC-PDM-1.0", licensor="Orchard Wire")).licensor is None


@pytest.mark.parametrize("frame", [f for f in FRAMES if f not in ("grant_text", "reserved")])
def test_resolve_grants_by_no_other_frame(frame: Any) -> None:
    assert outcome(resolved(statement(frame, "CC-BY-4.0"))) == UNKNOWN


def test_resolve_counts_nothing_on_the_lowest_level() -> None:
    frames: tuple[Frame, ...] = ("grant_text", "reserved")
    for frame in frames:
        assert outcome(resolved(statement(frame, "CC-BY-4.0", RANK_NOTHING))) == UNKNOWN


def test_resolve_puts_the_text_before_other_objects() -> None:
    photo = statement("grant_media", "CC-BY-2.0", RANK_OBJECT, object_kind="image", layer="jsonld")
    assert [e.object_id for e in resolved(photo, grant()).evidence] == ["text", "image1"]


def test_resolve_gives_an_images_licence_to_the_image_alone() -> None:
    photo = statement(
        "grant_media", "CC-BY-2.0", object_kind="image", object_key="https://o.example/1.jpg"
    )
    rights = resolved(photo, grant("CC-BY-NC-4.0"))
    assert outcome(rights) == ("granted", "CC-BY-NC-4.0", ("by", "nc"))
    (image,) = rights.objects
    assert (image.id, image.kind, image.spdx_expression, image.url) == (
        "image1", "image", "CC-BY-2.0", "https://o.example/1.jpg",
    )  # fmt: skip
    assert {e.object_id for e in rights.evidence} == {"text", "image1"}
    assert "R1" in rights.resolution.rules


def test_resolve_tells_pictures_without_address_apart_by_licence() -> None:
    one = statement("grant_media", "CC-BY-2.0", object_kind="image")
    same = replace(one, object_key="https://o.example/1.jpg", layer="jsonld", rank=RANK_OBJECT)
    other = statement("grant_media", "CC-BY-SA-2.0", object_kind="image")
    found = [(o.id, o.spdx_expression) for o in resolved(one, same, other).objects]
    assert sorted(found) == [("image1", "CC-BY-2.0"), ("image2", "CC-BY-SA-2.0")]


@pytest.mark.parametrize(
    ("rank", "layer", "scope"),
    [
        pytest.param(RANK_OBJECT, "jsonld", "this_object", id="jsonld"),
        pytest.param(RANK_ITEM, "feed", "this_object", id="item"),
        pytest.param(RANK_PAGE, "html", "this_object", id="page"),
        pytest.param(RANK_CHANNEL, "feed", "channel", id="channel"),
    ],
)
@pytest.mark.parametrize("is_looser", [True, False])
def test_resolve_lets_the_higher_level_win_in_both_directions(
    rank: int, layer: Any, scope: Any, is_looser: bool
) -> None:
    loose, strict = ("CC-BY-4.0", "CC-BY-NC-SA-4.0")
    high = grant(loose if is_looser else strict, rank, layer=layer, scope=scope)
    low = grant(strict if is_looser else loose, RANK_SITE, layer="html", scope="site", start=9)
    rights = resolved(low, high)
    assert rights.status == "granted"
    assert rights.spdx_expression == (loose if is_looser else strict)
    assert rights.resolution.losers == ("e2",)
    assert ("R5" in rights.resolution.rules) == is_looser


def test_resolve_does_not_trust_a_weak_grant_that_is_looser_than_a_lower_level() -> None:
    box = grant("CC-BY-4.0", RANK_SECTION, layer="html", scope="section")
    footer = grant("CC-BY-NC-4.0", RANK_SITE, layer="html", scope="site")
    rights = resolved(box, footer)
    assert outcome(rights) == ("conflict", "CC-BY-4.0 AND CC-BY-NC-4.0", ("by", "nc"))
    assert "R5" in rights.resolution.rules


def test_resolve_puts_a_default_below_a_sentence_about_this_text() -> None:
    default = grant("CC-BY-NC-ND-4.0", scope="site", has_exception=True)
    rights = resolved(default, grant(start=80))
    assert outcome(rights) == GRANTED
    assert "R2" in rights.resolution.rules
    assert outcome(resolved(grant(scope="site"), RESERVED)) == KEPT
    assert outcome(resolved(grant(scope="site"), DENIED)) == UNKNOWN


def test_resolve_lets_an_item_reserve_what_the_channel_grants() -> None:
    channel = grant(rank=RANK_CHANNEL, layer="feed", scope="channel")
    item = statement("reserved", rank=RANK_ITEM, layer="feed", quote="All rights reserved")
    rights = resolved(channel, item)
    assert outcome(rights) == KEPT
    assert (rights.resolution.winner, rights.resolution.losers) == ("e1", ("e2",))
    assert rights.resolution.rules == ("R8",)


@pytest.mark.parametrize(
    ("other", "expected"),
    [
        pytest.param(grant("CC-BY-NC-4.0", start=9),
                     ("conflict", "CC-BY-4.0 AND CC-BY-NC-4.0", ("by", "nc")), id="licence"),
        pytest.param(grant("CC-BY-3.0", start=9),
                     ("conflict", "CC-BY-3.0 AND CC-BY-4.0", ("by",)), id="version"),
        pytest.param(RESERVED, ("conflict", "CC-BY-4.0", ("by",)), id="reserved"),
        pytest.param(DENIED, ("conflict", "CC-BY-4.0", ("by",)), id="denied"),
        pytest.param(grant(has_condition=True, start=9),
                     ("conflict", "CC-BY-4.0", ("by",)), id="condition"),
    ],
)  # fmt: skip
def test_resolve_reports_a_conflict_on_one_level(other: Statement, expected: Any) -> None:
    certain = Confidences(
        by_kind={("text", "grant_text", "notice.this_text"): Counted(hits=98, n=98)}
    )
    rights = resolve(
        Reading(statements=(grant(licensor="Orchard Wire"), other)), confidences=certain
    )
    assert outcome(rights) == expected
    assert rights.resolution.has_disagreement
    assert rights.resolution.conflicts
    assert rights.resolution.winner is None
    assert set(rights.resolution.losers) == {"e1", "e2"}
    assert rights.confidence == 0.5
    assert (rights.license_uri, rights.licensor) == (None, "Orchard Wire")
    assert rights.notes


def test_resolve_finds_no_denial_in_the_end_of_another_licence() -> None:
    over = statement("negated", "CC-BY-NC-3.0", RANK_NOTHING, quote="Until 2019 they were BY-NC.")
    assert outcome(resolved(grant(), over)) == GRANTED


@pytest.mark.parametrize("rank", [RANK_OBJECT, RANK_ITEM])
@pytest.mark.parametrize("kept", [RESERVED, DENIED])
def test_resolve_overrules_no_reservation_of_the_text_itself_in_silence(
    rank: int, kept: Statement
) -> None:
    rights = resolved(grant(rank=rank, layer="jsonld"), kept)
    assert outcome(rights) == ("conflict", "CC-BY-4.0", ("by",))


def test_resolve_lets_a_denial_in_the_text_take_what_stands_below() -> None:
    footer = grant(rank=RANK_SITE, layer="html", scope="site")
    assert outcome(resolved(DENIED, footer)) == UNKNOWN
    reserved = statement("reserved", rank=RANK_SITE, layer="html", quote="All rights reserved")
    assert outcome(resolved(DENIED, footer, reserved)) == KEPT


@pytest.mark.parametrize(
    ("spdx_id", "quote", "expected"),
    [
        (
            "CC-BY-NC-4.0",
            "It may not be used for commercial purposes without permission.",
            "granted",
        ),
        ("CC-BY-NC-ND-4.0", "Not for commercial use, no derivatives.", "granted"),
        ("CC-BY-4.0", "All other rights reserved.", "granted"),
        ("CC-BY-4.0", "Third-party content may not be reproduced.", "granted"),
        ("CC-BY-4.0", "Alle übrigen Rechte vorbehalten.", "granted"),
        ("CC-BY-4.0", "This text may not be reproduced by third parties.", "conflict"),
        ("CC-BY-4.0", "Weitergabe an Dritte nur mit Genehmigung.", "conflict"),
        ("CC-BY-ND-4.0", "Sie dürfen ihn nicht verändern.", "conflict"),
        ("CC-BY-4.0", "It may not be used for commercial purposes.", "conflict"),
        ("CC-BY-NC-4.0", "It may not be reproduced without permission.", "conflict"),
        ("CC-BY-NC-4.0", "All rights reserved.", "conflict"),
    ],
)
def test_resolve_finds_no_conflict_in_what_the_licence_keeps_itself(
    spdx_id: str, quote: str, expected: str
) -> None:
    kept = statement("reserved", quote=quote, start=90)
    assert resolved(grant(spdx_id), kept).status == expected


@pytest.mark.parametrize(
    ("plain", "full"),
    [("LicenseRef-CC-BY-SA", "CC-BY-SA-4.0"), ("CC-BY-SA-3.0", "CC-BY-SA-3.0-DE")],
)
def test_resolve_takes_one_licence_named_twice_in_its_fullest_form(plain: str, full: str) -> None:
    rights = resolved(grant(plain), grant(full, start=9))
    assert rights.status == "granted"
    assert rights.spdx_expression == full
    winner = next(e for e in rights.evidence if e.id == rights.resolution.winner)
    assert winner.spdx_expression == full


@pytest.mark.parametrize(
    "fields",
    [
        pytest.param({"scope": "site_by_licensor", "is_about_licensor": True}, id="all-content"),
        pytest.param({"scope": "site", "rank": RANK_SITE, "layer": "html"}, id="footer"),
        pytest.param({"scope": "channel", "rank": RANK_CHANNEL, "layer": "feed"}, id="channel"),
    ],
)
def test_resolve_does_not_give_away_what_an_agency_wrote(fields: dict[str, Any]) -> None:
    limited = grant(licensor="Orchard Wire", **fields)
    rights = resolved(limited, facts=AFP)
    assert outcome(rights) == UNKNOWN
    assert (rights.licensor, rights.resolution.rules) == (None, ("R3", "R9"))
    assert rights.notes == ("the text is credited to others: AFP",)
    assert outcome(resolved(limited, facts=Facts(publisher="Orchard Wire"))) == GRANTED
    assert outcome(resolved(replace(limited, licensor="AFP"), facts=AFP)) == GRANTED


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        pytest.param("html.rel_license", UNKNOWN, id="link"),
        pytest.param("html.rel_license.notice.alone", UNKNOWN, id="name-of-licence"),
        pytest.param("html.rel_license.notice.this_text", GRANTED, id="this-article"),
    ],
)
def test_resolve_takes_a_bare_link_of_the_page_for_the_templates(rule: str, expected: Any) -> None:
    link = grant(rank=RANK_PAGE, layer="html", rule_id=rule)
    assert outcome(resolved(link, facts=AFP)) == expected
    assert outcome(resolved(link)) == GRANTED


def test_resolve_lets_a_statement_about_this_article_stand_beside_an_agency() -> None:
    assert outcome(resolved(grant(), facts=AFP)) == GRANTED


def test_resolve_holds_a_contract_above_all_that_is_stated() -> None:
    contract = Contract(
        source_id="orchard", license=licensed("CC-BY-4.0"), licensor="Orchard Wire",
        since=date(2026, 1, 1), signed_by="A. Operator",
    )  # fmt: skip
    rights = resolved(RESERVED, facts=Facts(contract=contract))
    assert outcome(rights) == GRANTED
    assert (rights.confidence, rights.evidence[0].layer) == (1.0, "config")
    assert outcome(resolved(facts=replace(AFP, contract=contract))) == UNKNOWN


def test_resolve_keeps_preferences_apart_from_the_licence() -> None:
    optout = StatedPreference(raw=(), tdm_reservation=True)
    rights = resolve(Reading(statements=(grant(),), preferences=(optout,)))
    assert outcome(rights) == GRANTED
    assert rights.resolution.conflicts == ("grant_vs_reservation",)
    assert resolve(Reading(preferences=(optout,))).resolution.conflicts == ()


def test_resolve_reads_a_reservation_of_mining_as_no_reservation_of_the_text() -> None:
    words = "We reserve the right of text and data mining under Directive (EU) 2019/790."
    rights = resolved(grant(), statement("reserved", quote=words, start=50))
    assert outcome(rights) == GRANTED
    assert rights.preferences.tdm_reservation is True
    assert rights.resolution.conflicts == ("grant_vs_reservation",)


def test_resolve_takes_facts_from_the_highest_statement_that_has_them() -> None:
    low = statement("mention", rank=RANK_SITE, copyright_holder="Site", copyright_year=2020)
    high = statement("mention", rank=RANK_OBJECT, copyright_holder="Orchard Wire")
    photo = statement(
        "mention", rank=RANK_OBJECT, object_kind="image", copyright_notice="(c) L. Ode"
    )
    rights = resolved(low, high, photo)
    assert (rights.copyright_holder, rights.copyright_year) == ("Orchard Wire", 2020)
    assert rights.copyright_notice is None
    hidden = statement("mention", rank=RANK_NOTHING, copyright_holder="Mallory")
    assert resolved(hidden).copyright_holder is None
    terms = statement("republish_terms", quote="Take it, name us.")
    assert resolved(terms).usage_terms == "Take it, name us."


def test_resolve_narrows_access() -> None:
    later = datetime(2026, 12, 1, tzinfo=UTC)
    access = resolve(
        Reading(
            access=(
                StatedAccess(is_free=True, expires_at=later, embargoed_until=NOON),
                StatedAccess(is_free=False, expires_at=NOON, embargoed_until=later),
            )
        )
    ).access
    assert (access.is_free, access.expires_at, access.embargoed_until) == (False, NOON, later)


def test_resolve_is_as_sure_as_the_surest_statement_that_agrees() -> None:
    counts = Confidences(by_kind={("html", "grant_text", "html.rel_license"): Counted(hits=8, n=8)})
    page = grant(rank=RANK_PAGE, layer="html", rule_id="html.rel_license", licensor="Orchard Wire")
    reading = Reading(statements=(grant(), page))
    assert resolve(reading, confidences=counts).confidence == 0.9
    assert resolve(reading, confidences=counts).licensor == "Orchard Wire"
    other = replace(page, license=licensed("CC-BY-NC-4.0"))
    differing = resolve(Reading(statements=(grant(), other)), confidences=counts)
    assert (differing.confidence, differing.licensor) == (0.5, None)


def test_resolve_takes_no_licensor_from_a_statement_about_others() -> None:
    page = grant(rank=RANK_SITE, layer="html", scope="site", licensor="Orchard Wire")
    assert resolved(grant(), page, facts=AFP).licensor is None


def test_resolve_never_loses_the_statement_that_decided() -> None:
    many = [statement("mention", rank=RANK_OBJECT, start=n, quote=f"{n}") for n in range(200)]
    rights = resolved(*many, grant())
    assert rights.status == "granted"
    assert rights.resolution.winner in {e.id for e in rights.evidence}
    assert len(rights.evidence) == 41


def test_resolve_stays_small_and_whole_on_thousands_of_statements() -> None:
    equal = [grant(start=n, quote=f"{n}") for n in range(5000)]
    began = time.process_time()
    rights = resolved(*equal, DENIED, RESERVED)
    assert time.process_time() - began < 3
    assert rights.status == "conflict"
    assert len(rights.evidence) <= MOST_EVIDENCE + 3
    lost = {e.frame for e in rights.evidence if e.id in rights.resolution.losers}
    assert lost == {"grant_text", "negated", "reserved"}


statements = st.lists(any_statement(), max_size=6)


@given(statements, st.randoms(use_true_random=False), st.sampled_from([Facts(), AFP]))
def test_resolve_does_not_depend_on_the_order(found: Any, random: Any, facts: Facts) -> None:
    shuffled = list(found)
    random.shuffle(shuffled)
    assert resolved(*found, facts=facts) == resolved(*shuffled, facts=facts)


WITHOUT_GRANT = tuple(frame for frame in FRAMES if frame != "grant_text")


@given(st.lists(any_statement(frames=WITHOUT_GRANT), max_size=8))
def test_resolve_never_gives_without_a_grant_of_the_text(found: list[Statement]) -> None:
    rights = resolved(*found)
    assert rights.status in ("unknown", "reserved")
    assert (rights.spdx_expression, rights.effective) == ("NOASSERTION", ())


@given(st.lists(any_statement().filter(lambda s: s.object_kind != "text"), max_size=8))
def test_resolve_never_gives_the_text_what_other_objects_have(found: list[Statement]) -> None:
    assert resolved(*found).status == "unknown"


@given(statements)
def test_resolve_gives_only_what_one_counting_statement_gives(found: list[Statement]) -> None:
    rights = resolved(*found)
    if rights.status not in ("granted", "public_domain"):
        return
    (winner,) = [e for e in rights.evidence if e.id == rights.resolution.winner]
    assert (winner.frame, winner.object_id) == ("grant_text", "text")
    assert winner.rank > RANK_NOTHING
    assert rights.effective == licensed(winner.spdx_expression).constraints
    ids = {e.id for e in rights.evidence}
    assert set(rights.resolution.losers) <= ids - {winner.id}


DENIED_ON_NODE = statement("negated", "CC-BY-4.0", RANK_OBJECT, layer="config")
TWO_ON_ITEM = [grant(each, RANK_ITEM, layer="feed") for each in ("CC-BY-4.0", "CC-BY-NC-4.0")]
LOOSE_CHANNEL = grant("CC-BY-4.0", RANK_CHANNEL, layer="html", scope="channel")
STRICT_SITE = grant("CC-BY-NC-4.0", RANK_SITE, layer="html", scope="site")
STRICT_PAGE = grant("CC-BY-NC-4.0", RANK_PAGE, layer="html")
STRICT_DENIED = statement("negated", "CC-BY-NC-4.0", RANK_NOTHING)


@given(statements, any_statement(frames=("reserved", "negated")), st.sampled_from([NO_FACTS, AFP]))
@example(found=TWO_ON_ITEM, kept=DENIED_ON_NODE, facts=NO_FACTS)
@example(found=[LOOSE_CHANNEL, STRICT_SITE], kept=STRICT_DENIED, facts=NO_FACTS)
@example(found=[STRICT_PAGE, LOOSE_CHANNEL], kept=STRICT_DENIED, facts=NO_FACTS)
def test_resolve_gives_nothing_more_after_a_reservation(
    found: list[Statement], kept: Statement, facts: Facts
) -> None:
    given = ("granted", "public_domain")
    after = resolved(*found, kept, facts=facts)
    if after.status in given:
        before = resolved(*found, facts=facts)
        assert before.status in given
        assert set(before.effective) <= set(after.effective)


def test_resolve_states_no_preferences_where_none_were_stated() -> None:
    assert resolved(grant()).preferences == Preferences()
