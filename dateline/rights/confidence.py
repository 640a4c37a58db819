"""Return how often a kind of statement was right on the gold set, not how sure a rule feels.

A kind is a layer, a frame and a family of rules (``text``, ``grant_text``, ``notice.all_content``).
Its confidence is the posterior mean of its hits, (hits + 1) / (n + 2): never near one for a kind
that was seen once. ``make quality`` counts and writes ``config/license_confidence.toml``.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from dateline.errors import ConfigError
from dateline.rights.record import Frame, Layer
from dateline.rights.statement import RANK_CONTRACT, Statement

# Of a kind that was never seen nothing is known: as likely wrong as right.
PRIOR = 0.5
_Key = tuple[str, str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Counted:
    """How many statements of one kind were right (``hits``) of all that were read (``n``)."""

    hits: int
    n: int

    @property
    def confidence(self) -> float:
        """The posterior mean under a uniform prior."""
        return (self.hits + 1) / (self.n + 2)


@dataclass(frozen=True, slots=True, kw_only=True)
class Confidences:
    """Confidence by kind of statement; ``source`` and ``counted_on`` say what was counted."""

    by_kind: Mapping[_Key, Counted] = field(default_factory=dict)
    source: str = ""
    counted_on: str = ""

    def of(self, statement: Statement) -> float:
        """Return the confidence of this kind of statement, ``PRIOR`` where none was counted.

        What the operator signed is known, not detected.
        """
        if statement.rank == RANK_CONTRACT:
            return 1.0
        counted = self.by_kind.get(kind_of(statement))
        return counted.confidence if counted else PRIOR


def kind_of(statement: Statement) -> _Key:
    """Return layer, frame and family: reader and form, whatever else the rule's name tells."""
    family = ".".join(statement.rule_id.split(".")[:2])
    return statement.layer, statement.frame, family


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    layer: Layer
    frame: Frame
    rule: Annotated[str, Meta(min_length=1)]
    hits: Annotated[int, Meta(ge=0)]
    n: Annotated[int, Meta(ge=1)]


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: Annotated[str, Meta(min_length=1)]
    counted_on: Annotated[str, Meta(pattern=r"^\d{4}-\d{2}-\d{2}\Z")]
    kind: tuple[_Row, ...]


def load_confidences(path: Path) -> Confidences:
    """Return the confidences at ``path``.

    Raises:
        ConfigError: the file is missing, is no TOML, or has more hits than statements.
    """
    try:
        data = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File)
    except (OSError, ValueError) as exc:
        raise ConfigError(f"licence confidences {path}: {exc}", hint="Run `make quality`.") from exc
    by_kind: dict[_Key, Counted] = {}
    for row in data.kind:
        key = (row.layer, row.frame, row.rule)
        if row.hits > row.n or key in by_kind:
            fault = "more hits than statements" if row.hits > row.n else "stands there twice"
            raise ConfigError(f"licence confidences {path}: {' '.join(key)}: {fault}")
        by_kind[key] = Counted(hits=row.hits, n=row.n)
    return Confidences(by_kind=by_kind, source=data.source, counted_on=data.counted_on)


def confidences_toml(confidences: Confidences) -> str:
    """Return ``confidences`` as the text of their file, sorted; kinds without a count left out."""
    lines = [
        "# Written by `make quality`; do not edit. Confidence of a kind: (hits + 1) / (n + 2).",
        f"source = {json.dumps(confidences.source, ensure_ascii=False)}",
        f"counted_on = {json.dumps(confidences.counted_on)}",
    ]
    for (layer, frame, rule), counted in sorted(confidences.by_kind.items()):
        if counted.n:
            lines += [
                "",
                "[[kind]]",
                f'layer = "{layer}"',
                f'frame = "{frame}"',
                f"rule = {json.dumps(rule)}",
                f"hits = {counted.hits}",
                f"n = {counted.n}",
            ]
    return "\n".join(lines) + "\n"
