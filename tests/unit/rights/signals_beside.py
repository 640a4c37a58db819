"""Signals as the producers write them, and what `read_signals` says of them."""

from __future__ import annotations

import json
from typing import Any

from known_licenses import REGISTRY

from dateline.records import RightsSignal
from dateline.rights.signals import read_signals
from dateline.rights.statement import RANK_NOTHING, Statement

ARTICLE = "https://post.example/news/mill"
BY = "https://creativecommons.org/licenses/by/4.0/"
BY_SA = "https://creativecommons.org/licenses/by-sa/4.0/"
GRANTS = ("grant_text", "grant_media", "grant_other_object")


def html(field: str, *lines: str, xpath: str | None = None) -> RightsSignal:
    return RightsSignal(layer="html", field=field, value="\n".join(lines), xpath=xpath)


def jsonld(node: Any) -> RightsSignal:
    value = node if isinstance(node, str) else json.dumps(node, separators=(",", ":"))
    return RightsSignal(layer="jsonld", field="script[type=application/ld+json]", value=value)


def header(name: str, value: str) -> RightsSignal:
    return RightsSignal(layer="http", field=name, value=value)


def feed(field: str, value: str) -> RightsSignal:
    return RightsSignal(layer="feed", field=field, value=value)


def ninjs(field: str, value: str) -> RightsSignal:
    return RightsSignal(layer="ninjs", field=field, value=value)


def statements(*signals: RightsSignal, url: str | None = ARTICLE) -> tuple[Statement, ...]:
    return read_signals(signals, REGISTRY, article_url=url).statements


def claims(*signals: RightsSignal, url: str | None = ARTICLE) -> list[tuple[str, str, str, int]]:
    """Return frame, object, licence and rank of all that grants, reserves or denies."""
    return [
        (s.frame, s.object_kind, s.license.spdx_id if s.license else "", s.rank)
        for s in statements(*signals, url=url)
        if s.rank > RANK_NOTHING and s.frame != "mention"
    ]


def text_grants(*signals: RightsSignal, url: str | None = ARTICLE) -> list[str]:
    """Return the licences that are given to the text."""
    return [spdx for frame, _, spdx, _ in claims(*signals, url=url) if frame == "grant_text"]
