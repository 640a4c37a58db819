from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rights_strategies import NAMED, NOON, any_rights, is_no_looser

from dateline.rights.copies import OriginRights, rights_of_copy, summary_of
from dateline.rights.decide import decide
from dateline.rights.policy import load_policy
from dateline.rights.record import (
    PURPOSES,
    Access,
    Preferences,
    Resolution,
    Rights,
    RightsEvidence,
    RightsStatus,
)
from dateline.settings import PROJECT_DIR

POLICY = load_policy(PROJECT_DIR / "config" / "policies.toml")
EVIDENCE = RightsEvidence(
    id="e1", object_id="text", layer="text", field="body", start=0, end=9, quote="CC BY 4.0",
    text_sha256="d" * 64, frame="grant_text", scope="this_object", rank=70, confidence=0.9,
    detector="notice@1", registry_version="1", spdx_expression="CC-BY-4.0",
)  # fmt: skip


def rights(status: RightsStatus = "granted", **fields: Any) -> Rights:
    named = status in ("granted", "public_domain")
    row: dict[str, Any] = {
        "status": status, "spdx_expression": "CC-BY-4.0" if named else "NOASSERTION",
        "license_uri": "https://creativecommons.org/licenses/by/4.0/" if named else None,
        "effective": ("by",) if status == "granted" else (), "confidence": 0.9,
        "attribution": NAMED if named else None,
        "evidence": (EVIDENCE,) if named else (),
        "resolution": Resolution(winner="e1" if named else None),
    }  # fmt: skip
    return Rights(**(row | fields))


def origin(known: Rights | None, **fields: Any) -> OriginRights:
    return OriginRights(article_id="a" * 64, url="https://origin.example/1", rights=known, **fields)


def test_copy_of_a_text_with_the_same_licence_keeps_it() -> None:
    met = rights_of_copy(rights(), origin(rights()))

    assert (met.status, met.spdx_expression, met.effective) == ("granted", "CC-BY-4.0", ("by",))
    assert met.attribution == NAMED
    assert met.resolution.conflicts == ()
    assert met.resolution.rules == ("R7",)
    assert met.resolution.winner == "e1"


@pytest.mark.parametrize(
    ("own", "theirs", "expected"),
    [
        ("granted", "reserved", "reserved"),
        ("granted", "unknown", "unknown"),
        ("unknown", "granted", "unknown"),
        ("public_domain", "granted", "granted"),
        ("reserved", "unknown", "reserved"),
        ("granted", "conflict", "conflict"),
        ("conflict", "granted", "conflict"),
    ],
)
def test_status_is_the_stricter_one(own: RightsStatus, theirs: RightsStatus, expected: str) -> None:
    met = rights_of_copy(rights(own), origin(rights(theirs)))

    assert met.status == expected
    assert met.resolution.conflicts == ("copy_vs_origin",)


def test_refused_grant_names_no_licence_and_gives_none_away() -> None:
    met = rights_of_copy(rights(code="by", version="4.0"), origin(rights("reserved")))

    assert met.spdx_expression == "NOASSERTION"
    assert (met.license_uri, met.code, met.version) == (None, None, None)
    assert met.attribution is not None
    assert not met.attribution.is_complete
    assert met.resolution.losers == ("e1",)


def test_licences_are_united_and_the_line_that_knows_one_is_incomplete() -> None:
    theirs = rights(spdx_expression="CC-BY-NC-4.0", effective=("by", "nc"))

    met = rights_of_copy(
        rights(spdx_expression="CC-BY-SA-4.0", effective=("by", "sa")), origin(theirs)
    )

    assert met.spdx_expression == "CC-BY-NC-4.0 AND CC-BY-SA-4.0"
    assert met.effective == ("by", "sa", "nc")
    assert met.attribution is not None
    assert met.attribution.missing[-1] == "licence of the origin"


def test_evidence_of_the_origin_is_named() -> None:
    met = rights_of_copy(rights(), origin(rights()))

    assert [each.id for each in met.evidence] == ["e1", "origin.e1"]
    assert met.evidence[1].source_url == "https://origin.example/1"
    assert met.notes == ("copy of https://origin.example/1",)


def test_origin_that_is_not_known_grants_nothing() -> None:
    assert rights_of_copy(rights(), origin(None)).status == "unknown"


@pytest.mark.parametrize("status", ["granted", "public_domain", "unknown"])
def test_withdrawn_origin_has_nothing_to_grant(status: RightsStatus) -> None:
    met = rights_of_copy(rights(), origin(rights(status), is_withdrawn=True))

    assert met.status == "reserved"
    assert "origin_withdrawn" in met.resolution.conflicts


@pytest.mark.parametrize(
    ("own", "theirs", "expected"),
    [(None, None, None), (None, False, None), (False, False, False), (False, True, True),
     (None, True, True)],
)  # fmt: skip
def test_reservation_is_the_stricter_one(own: Any, theirs: Any, expected: Any) -> None:
    met = rights_of_copy(
        rights(preferences=Preferences(tdm_reservation=own)),
        origin(rights(preferences=Preferences(tdm_reservation=theirs))),
    )

    assert met.preferences.tdm_reservation is expected


def test_preferences_and_access_are_the_stricter_ones() -> None:
    own = rights(
        preferences=Preferences(ai_train="allowed", snippet_max_chars=200, noarchive=True),
        access=Access(is_free=True, expires_at=NOON),
    )
    theirs = rights(
        preferences=Preferences(
            ai_train="disallowed", snippet_max_chars=90, noindex=True, nosnippet_texts=("x",)
        ),
        access=Access(is_free=False, expires_at=NOON - timedelta(days=1), embargoed_until=NOON),
    )

    met = rights_of_copy(own, origin(theirs))

    assert met.preferences == Preferences(
        ai_train="disallowed", snippet_max_chars=90, noarchive=True, noindex=True,
        nosnippet_texts=("x",),
    )  # fmt: skip
    assert met.access == Access(
        is_free=False, expires_at=NOON - timedelta(days=1), embargoed_until=NOON
    )


def test_summary_keeps_what_copies_need_and_no_more() -> None:
    loser = replace(EVIDENCE, id="e2", quote="y")
    whole = rights(
        evidence=(replace(EVIDENCE, quote="x" * 999), loser), notes=("a note",), licensor="W"
    )

    summary = summary_of(whole)

    assert [(e.id, len(e.quote)) for e in summary.evidence] == [("e1", 300)]
    assert (summary.notes, summary.licensor, summary.attribution) == ((), None, None)


def test_passages_too_long_to_remember_allow_no_snippet() -> None:
    whole = rights(preferences=Preferences(nosnippet_texts=("x" * 6000,)))

    preferences = summary_of(whole).preferences

    assert (preferences.nosnippet_texts, preferences.snippet_max_chars) == ((), 0)


@given(any_rights(), st.none() | any_rights(), st.booleans(), st.sampled_from(PURPOSES))
def test_copy_never_allows_more_than_itself_or_its_origin(
    own: Rights, theirs: Rights | None, is_withdrawn: bool, purpose: Any
) -> None:
    met = rights_of_copy(own, origin(theirs, is_withdrawn=is_withdrawn))
    decided = decide(met, purpose=purpose, policy=POLICY, at=NOON)

    assert is_no_looser(decided, decide(own, purpose=purpose, policy=POLICY, at=NOON))
    alone = decide(theirs, purpose=purpose, policy=POLICY, at=NOON)
    # The line is the copy's own: whether the origin's is complete does not matter.
    exports = theirs is not None and theirs.attribution is not None
    assert is_no_looser(decided, alone if exports else replace(alone, export=True))


@given(any_rights(), any_rights(), st.sampled_from(PURPOSES))
def test_summary_narrows_a_copy_as_the_whole_does(
    own: Rights, theirs: Rights, purpose: Any
) -> None:
    def decided(known: Rights) -> Any:
        met = rights_of_copy(own, origin(known))
        return decide(met, purpose=purpose, policy=POLICY, at=NOON)

    assert decided(summary_of(theirs)) == decided(theirs)


@given(any_rights(), any_rights())
def test_meeting_twice_changes_nothing_that_counts(own: Rights, theirs: Rights) -> None:
    once = rights_of_copy(own, origin(theirs))
    twice = rights_of_copy(once, origin(theirs))

    for purpose in PURPOSES:
        assert is_no_looser(
            decide(twice, purpose=purpose, policy=POLICY, at=NOON),
            decide(once, purpose=purpose, policy=POLICY, at=NOON),
        )
