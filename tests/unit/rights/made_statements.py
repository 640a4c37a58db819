"""Statements made by hand, and of every kind for property tests."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st
from known_licenses import REGISTRY

from dateline.ids import text_sha256
from dateline.rights.license import License
from dateline.rights.record import Frame, Layer, ObjectKind, Scope
from dateline.rights.statement import RANK_NOTICE, Statement

FRAMES: tuple[Frame, ...] = (
    "grant_text", "grant_media", "grant_other_object", "mention", "reported", "negated",
    "hypothetical", "quoted", "reserved", "republish_terms",
)  # fmt: skip
LAYERS: tuple[Layer, ...] = ("config", "text", "html", "jsonld", "feed", "http", "ninjs")
SCOPES: tuple[Scope, ...] = (
    "this_object", "site_by_licensor", "section", "channel", "site", "unspecified",
)  # fmt: skip
KINDS: tuple[ObjectKind, ...] = ("text", "text", "text", "image", "dataset")
RANKS = (90, 80, 70, 60, 50, 40, 30, 10)


def licensed(spdx_id: str) -> License:
    found = REGISTRY.by_spdx(spdx_id)
    assert found is not None
    return found


def statement(
    frame: Frame = "grant_text", spdx_id: str | None = None, rank: int = RANK_NOTICE, **fields: Any
) -> Statement:
    """A statement about the text in a sentence of it, unless said otherwise."""
    quote = fields.pop("quote", f"{frame} {spdx_id}")
    row: dict[str, Any] = {
        "layer": "text", "field": "body", "scope": "this_object", "start": 0, "end": len(quote),
        "quote": quote, "value_sha256": text_sha256(quote), "rule_id": "notice.this_text",
        "license": licensed(spdx_id) if spdx_id else None, **fields,
    }  # fmt: skip
    return Statement(frame=frame, rank=rank, **row)


def grant(spdx_id: str = "CC-BY-4.0", rank: int = RANK_NOTICE, **fields: Any) -> Statement:
    return statement("grant_text", spdx_id, rank, **fields)


licenses = st.sampled_from(
    ["CC-BY-4.0", "CC-BY-NC-4.0", "CC-BY-SA-3.0", "LicenseRef-CC-BY", "CC0-1.0", "OGL-UK-3.0"]
)


# Half of them grants of the text: what is interesting happens between these.
MOST_FRAMES: tuple[Frame, ...] = FRAMES + ("grant_text",) * 9


@st.composite
def any_statement(draw: st.DrawFn, frames: tuple[Frame, ...] = MOST_FRAMES) -> Statement:
    return statement(
        draw(st.sampled_from(frames)),
        draw(st.none() | licenses),
        draw(st.sampled_from(RANKS)),
        layer=draw(st.sampled_from(LAYERS)),
        scope=draw(st.sampled_from(SCOPES)),
        object_kind=draw(st.sampled_from(KINDS)),
        object_key=draw(st.sampled_from(["", "https://o.example/a.jpg"])),
        licensor=draw(st.sampled_from([None, "Orchard Wire", "AFP"])),
        has_exception=draw(st.booleans()),
        is_about_licensor=draw(st.booleans()),
        has_condition=draw(st.booleans()),
        start=draw(st.integers(0, 3)),
        copyright_holder=draw(st.sampled_from([None, "Orchard Wire", "L. Ode"])),
    )
