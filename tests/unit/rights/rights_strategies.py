"""Rights of every kind for property tests, and the order that decisions have."""

from __future__ import annotations

from datetime import UTC, datetime

from hypothesis import strategies as st

from dateline.rights.policy import AI_ORDER, DISPLAY_ORDER, STORE_ORDER
from dateline.rights.record import (
    CONSTRAINTS,
    NOASSERTION,
    Access,
    Attribution,
    Decision,
    Preferences,
    Rights,
)

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MOMENTS = [None, datetime(2026, 11, 19, tzinfo=UTC), datetime(2026, 11, 21, tzinfo=UTC)]
NAMED = Attribution(text="By Coast Wire", html="<p>", jsonld="{}", is_complete=True)
SAID = ["allowed", "unknown", "disallowed"]

constraints = st.sets(st.sampled_from(CONSTRAINTS)).map(
    lambda chosen: tuple(each for each in CONSTRAINTS if each in chosen)
)
preferences = st.builds(
    Preferences,
    tdm_reservation=st.sampled_from([None, True, False]),
    ai_train=st.sampled_from(SAID),
    ai_input=st.sampled_from(SAID),
    search=st.sampled_from(SAID),
    snippet_max_chars=st.sampled_from([None, 0, 50, 5000]),
    noarchive=st.booleans(),
    noindex=st.booleans(),
    nosnippet_texts=st.sampled_from([(), ("not this",)]),
)
access = st.builds(
    Access, expires_at=st.sampled_from(MOMENTS), embargoed_until=st.sampled_from(MOMENTS)
)


@st.composite
def any_rights(draw: st.DrawFn) -> Rights:
    status = draw(st.sampled_from(["granted", "public_domain", "unknown", "reserved", "conflict"]))
    names = {"granted": "CC-BY-4.0", "public_domain": "CC0-1.0", "conflict": "CC-BY-4.0 AND X"}
    return Rights(
        status=status,
        spdx_expression=names.get(status, NOASSERTION),
        effective=() if status == "public_domain" else draw(constraints),
        preferences=draw(preferences),
        access=draw(access),
        confidence=draw(st.sampled_from([0.0, 0.5, 0.65, 0.9, 1.0])),
        attribution=draw(st.sampled_from([None, NAMED])),
    )


def is_no_looser(one: Decision, other: Decision) -> bool:
    """Whether ``one`` allows nothing that ``other`` does not allow."""
    return all(
        [
            STORE_ORDER.index(one.store) <= STORE_ORDER.index(other.store),
            DISPLAY_ORDER.index(one.display) <= DISPLAY_ORDER.index(other.display),
            AI_ORDER.index(one.ai_use) <= AI_ORDER.index(other.ai_use),
            one.snippet_chars <= other.snippet_chars,
            one.export <= other.export,
            one.attribution_required >= other.attribution_required,
            one.is_verbatim_only >= other.is_verbatim_only,
            one.is_share_alike >= other.is_share_alike,
            _days(one) <= _days(other),
        ]
    )


def _days(decision: Decision) -> float:
    # A time limit is about hidden text; where none may be kept there is none to limit.
    has_hidden = decision.store in ("full", "full_internal")
    limit = float("inf") if decision.store_days is None else float(decision.store_days)
    return limit if has_hidden else 0.0
