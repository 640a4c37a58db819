"""Return the contracts of ``config/contracts.toml``: licences that an operator signed for a source.

A contract is the highest level of all statements. It gives only what its licensor owns (rule R3).
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from dateline.errors import ConfigError
from dateline.ids import text_sha256
from dateline.rights.license import License
from dateline.rights.registry import LicenseRegistry
from dateline.rights.statement import RANK_CONTRACT, Statement

_Words = Annotated[str, Meta(min_length=1, pattern=r"\S")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    """One licence for all own texts of a source, from ``since`` to ``until``, both included.

    The days are those of the article's publication (UTC), or of its first sight.
    """

    source_id: str
    license: License
    licensor: str
    since: date
    signed_by: str
    until: date | None = None
    note: str = ""

    def holds_at(self, moment: datetime) -> bool:
        """Return whether the contract covers a text of this moment."""
        day = moment.date()
        return self.since <= day and (self.until is None or day <= self.until)


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source_id: _Words
    license: _Words
    licensor: _Words
    since: date
    signed_by: _Words
    until: date | None = None
    note: str = ""


class _File(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    contract: tuple[_Row, ...] = ()


def load_contracts(path: Path, registry: LicenseRegistry) -> tuple[Contract, ...]:
    """Return the contracts at ``path``, in their order; none where the file lists none.

    Raises:
        ConfigError: the file is missing or is no TOML; a row is incomplete, names a licence that
            the registry does not know, ends before it begins, or overlaps another of its source.
    """
    try:
        data = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), _File)
    except (OSError, ValueError) as exc:
        raise ConfigError(f"contracts {path}: {exc}") from exc
    contracts = tuple(
        _contract(row, registry, f"contracts {path}, contract {number} ({row.source_id})")
        for number, row in enumerate(data.contract, 1)
    )
    for number, contract in enumerate(contracts):
        if any(_overlap(contract, other) for other in contracts[:number]):
            raise ConfigError(
                f"contracts {path}, contract {number + 1} ({contract.source_id}): overlaps another",
                hint="Give the earlier one an `until`.",
            )
    return contracts


def contract_for(
    contracts: Iterable[Contract], *, source_id: str, moment: datetime
) -> Contract | None:
    """Return the contract of a source that covers a text of this moment."""
    found = (c for c in contracts if c.source_id == source_id and c.holds_at(moment))
    return next(found, None)


def contract_statement(contract: Contract) -> Statement:
    """Return the contract as a statement; its quote is the contract's own row, as JSON."""
    row = {
        "source_id": contract.source_id,
        "license": contract.license.spdx_id,
        "licensor": contract.licensor,
        "since": contract.since.isoformat(),
        "until": contract.until.isoformat() if contract.until else None,
        "signed_by": contract.signed_by,
        "note": contract.note,
    }
    quote = json.dumps(row, ensure_ascii=False)
    return Statement(
        layer="config",
        field="contract",
        frame="grant_text",
        rank=RANK_CONTRACT,
        scope="site_by_licensor",
        start=0,
        end=len(quote),
        quote=quote,
        value_sha256=text_sha256(quote),
        rule_id="contract",
        license=contract.license,
        licensor=contract.licensor,
        is_about_licensor=True,
    )


def _contract(row: _Row, registry: LicenseRegistry, place: str) -> Contract:
    license_ = registry.by_spdx(row.license)
    if license_ is None:
        raise ConfigError(
            f"{place}: unknown licence `{row.license}`",
            hint="Use an SPDX id or a LicenseRef- of config/licenses.toml.",
        )
    if row.until is not None and row.until < row.since:
        raise ConfigError(f"{place}: `until` {row.until} is before `since` {row.since}")
    return Contract(
        source_id=row.source_id,
        license=license_,
        licensor=row.licensor,
        since=row.since,
        until=row.until,
        signed_by=row.signed_by,
        note=row.note,
    )


def _overlap(one: Contract, other: Contract) -> bool:
    return (
        one.source_id == other.source_id
        and one.since <= (other.until or date.max)
        and other.since <= (one.until or date.max)
    )
