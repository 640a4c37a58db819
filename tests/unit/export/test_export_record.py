"""What is held back of an export, each document for exactly one reason."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, get_args

import pytest
from export_samples import HOLED, NOW, POLICY, PURPOSE, decisions, licensed, rights
from sample_documents import TEXT, tombstone

from dateline.export.export_record import (
    HELD_BACK_WORDS,
    HeldBack,
    evidence_sha256,
    export_record,
    held_back,
)
from dateline.records import SearchDocument
from dateline.rights.record import Access, Attribution
from dateline.rights.snippet import OMISSION


def _held(document: SearchDocument) -> HeldBack | None:
    return held_back(document, purpose=PURPOSE, policy_id=POLICY, now=NOW)


INCOMPLETE = Attribution(text="x", html="x", jsonld="{}", is_complete=False, missing=("author",))


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        pytest.param({}, None, id="exported"),
        pytest.param({"pub_status": "withheld"}, "withheld", id="withheld"),
        pytest.param({"rights": None}, "not_decided", id="no-rights"),
        pytest.param({"decisions": ()}, "not_decided", id="no-decision"),
        pytest.param({"decisions": decisions(policy_id="default@1")}, "other_policy", id="policy"),
        pytest.param(
            {"rights": rights(access=Access(embargoed_until=NOW + timedelta(hours=1)))},
            "under_embargo", id="embargo",
        ),
        pytest.param({"rights": rights(access=Access(expires_at=NOW))}, "expired", id="expired"),
        pytest.param({"rights": rights(status="unknown")}, "rights_unknown", id="unknown"),
        pytest.param({"rights": rights(status="reserved")}, "rights_reserved", id="reserved"),
        pytest.param({"rights": rights(status="conflict")}, "rights_conflict", id="conflict"),
        pytest.param(
            {"rights": rights(attribution=INCOMPLETE)}, "attribution_incomplete", id="credit"
        ),
        pytest.param(
            {"rights": rights(attribution=None)}, "attribution_incomplete", id="no-credit"
        ),
        pytest.param({"decisions": decisions(export=False)}, "purpose_not_allowed", id="purpose"),
        pytest.param(
            {"decisions": decisions(display="snippet")}, "purpose_not_allowed", id="quoted-only"
        ),
        pytest.param({"body": TEXT[:60], "body_internal": TEXT}, "text_not_held", id="excerpt"),
        pytest.param({"body": None}, "text_not_held", id="no-text"),
        pytest.param(
            {"rights": HOLED, "body": OMISSION.ljust(len(TEXT))}, "text_not_held", id="holes"
        ),
    ],
)  # fmt: skip
def test_a_document_is_held_back_for_one_reason(
    changes: dict[str, Any], reason: str | None
) -> None:
    assert _held(licensed(**changes)) == reason


def test_a_withdrawn_article_is_never_exported() -> None:
    assert _held(tombstone()) == "canceled"
    # Even if its document still had everything.
    assert _held(licensed(pub_status="canceled")) == "canceled"


def test_the_public_domain_needs_no_credit_line() -> None:
    free = licensed(
        rights=rights(status="public_domain", effective=(), attribution=None),
        decisions=decisions(attribution_required=False),
    )

    assert _held(free) is None


@pytest.mark.parametrize("ai_use", ["allowed", "review", "denied"])
def test_nothing_goes_to_models_that_somebody_still_has_to_look_at(ai_use: str) -> None:
    document = licensed(decisions=decisions(ai_use=ai_use))

    for purpose in ("ml_training", "rag"):
        reason = held_back(document, purpose=purpose, policy_id=POLICY, now=NOW)
        assert (reason is None) == (ai_use == "allowed")
    assert _held(document) is None


def test_every_reason_has_words() -> None:
    assert set(HELD_BACK_WORDS) == set(get_args(HeldBack))


def test_a_record_carries_what_binds_its_receiver() -> None:
    document = licensed(
        rights=rights(effective=("by", "sa", "nd"), copyright_notice="(c) Coast"),
        decisions=decisions(is_share_alike=True, is_verbatim_only=True),
    )

    record = export_record(document, purpose=PURPOSE)

    assert record.text == TEXT
    assert record.effective == ("by", "sa", "nd")
    assert record.is_verbatim_only
    assert record.is_share_alike
    assert record.policy_id == POLICY
    assert record.attribution_text == document.rights.attribution.text
    assert record.copyright_notice == "(c) Coast"


def test_evidence_hashes_tell_one_statement_from_another() -> None:
    known = rights()
    (before,) = evidence_sha256(known)
    moved = replace(known, evidence=(replace(known.evidence[0], start=1),))
    photo = replace(known, evidence=(replace(known.evidence[0], object_id="image1"),))

    assert evidence_sha256(moved) != (before,)
    assert evidence_sha256(photo) == ()
