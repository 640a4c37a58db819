"""Return what a policy allows for an article, as a pure function of its rights."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from dateline.errors import ConfigError
from dateline.records import Decision, Rights, RightsStatus

INDEXED_PURPOSE = "public_search"  # the index stage refuses a document without this decision


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """One row of ``config/policies.toml``."""

    id: str
    full_text_statuses: tuple[RightsStatus, ...]
    export_statuses: tuple[RightsStatus, ...]
    snippet_chars: Annotated[int, Meta(ge=0)]


def load_policies(path: Path) -> Mapping[str, Policy]:
    """Return the policies by purpose.

    Raises:
        ConfigError: the file cannot be read, is no TOML, a row is wrong, or the row is missing
            without which every document would be refused.
    """
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
        policies = msgspec.convert(tree, dict[str, Policy])
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, msgspec.ValidationError) as error:
        raise ConfigError(f"policies file {path}: {error}.") from error
    if INDEXED_PURPOSE not in policies:
        raise ConfigError(f"policies file {path}: there is no policy [{INDEXED_PURPOSE}].")
    return policies


def decide(rights: Rights, *, purpose: str, policy: Policy) -> Decision:
    """Return the decision for one purpose; whatever is not granted is a snippet without export."""
    is_full = rights.status in policy.full_text_statuses
    can_export = rights.status in policy.export_statuses and rights.attribution_text is not None
    reason = (
        f"{rights.spdx_expression} permits reproduction"
        if is_full
        else f"rights are {rights.status}: no more than {policy.snippet_chars} characters"
    )
    return Decision(
        policy_id=policy.id,
        purpose=purpose,
        display="full" if is_full else "snippet",
        snippet_chars=policy.snippet_chars,
        export=can_export,
        attribution_required=rights.status == "granted" and bool(rights.effective),
        reasons=(reason,),
    )
