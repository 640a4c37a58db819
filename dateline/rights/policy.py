"""Return the policy of ``config/policies.toml``: what each purpose may do with a text.

A policy is a table that a lawyer can read, and it fails closed: a purpose that is missing, a name
that is not known, or a row that would grant what nobody granted is refused at the start.
"""

from __future__ import annotations

import difflib
import re
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from dateline.errors import ConfigError
from dateline.rights.record import PURPOSES, AiUse, DisplayTier, Purpose, StoreTier

# Each column from the strictest word to the loosest.
STORE_ORDER: tuple[StoreTier, ...] = (
    "no_index", "metadata_only", "snippet", "full_internal", "full",
)  # fmt: skip
DISPLAY_ORDER: tuple[DisplayTier, ...] = ("no_index", "metadata_only", "snippet", "full")
AI_ORDER: tuple[AiUse, ...] = ("denied", "review", "allowed")
# Each status allows no more than the one before it.
STATUS_ROWS = ("public_domain", "granted", "unknown", "reserved", "conflict")
WITHOUT_GRANT = ("unknown", "reserved", "conflict")
_UNKNOWN_FIELD = re.compile(r"unknown field `([^`]*)`")


class Limit(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The most that is left where a condition holds; None: the column is not limited."""

    store: StoreTier | None = None
    display: DisplayTier | None = None
    export: bool | None = None
    ai_use: AiUse | None = None


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is allowed, one value a column."""

    store: StoreTier
    display: DisplayTier
    export: bool
    ai_use: AiUse

    def limited(self, limit: Limit | Row) -> Row:
        """Return the stricter of both in each column."""
        return Row(
            store=_stricter(STORE_ORDER, self.store, limit.store),
            display=_stricter(DISPLAY_ORDER, self.display, limit.display),
            export=self.export and limit.export is not False,
            ai_use=_stricter(AI_ORDER, self.ai_use, limit.ai_use),
        )


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The limits of every purpose; none may be left out."""

    sa: Limit
    nc: Limit
    nc_if_commercial: Limit
    nd: Limit
    tdm_reserved: Limit
    ai_train_disallowed: Limit
    ai_input_disallowed: Limit
    ai_unsaid: Limit
    search_disallowed: Limit
    noindex: Limit
    noarchive: Limit
    withheld: Limit
    embargoed: Limit
    expired: Limit


class Terms(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One purpose: a row for each status of rights, and limits in place of the common ones.

    ``unknown_store_days``: how long text of unknown rights may be kept after its first sight.
    """

    min_confidence: Annotated[float, Meta(gt=0, le=1)]
    snippet_chars: Annotated[int, Meta(ge=0, le=2000)]
    unknown_store_days: Annotated[int, Meta(ge=0, le=3650)]
    public_domain: Row
    granted: Row
    unknown: Row
    reserved: Row
    conflict: Row
    limits: dict[str, Limit] = {}


class Deployment(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What this installation is for."""

    commercial: bool


class Policy(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A checked policy; ``stamp`` is what decisions carry (``default@2``)."""

    id: Annotated[str, Meta(pattern=r"^[a-z][a-z0-9_-]*\Z")]
    version: Annotated[int, Meta(ge=1)]
    deployment: Deployment
    limits: Limits
    purposes: dict[str, Terms]

    @property
    def stamp(self) -> str:
        """Return id and version, as decisions carry them."""
        return f"{self.id}@{self.version}"

    def limit(self, purpose: Purpose, name: str) -> Limit:
        """Return the limit ``name`` of a purpose: its own, else the common one."""
        own = self.purposes[purpose].limits.get(name)
        common: Limit = getattr(self.limits, name)
        return common if own is None else own


LIMIT_NAMES = Limits.__struct_fields__


def load_policy(path: Path) -> Policy:
    """Return the policy at ``path``.

    Raises:
        ConfigError: the file cannot be read or is no TOML; a key is unknown (with the nearest name)
            or missing; a purpose is missing; a row allows what its status does not grant.
    """
    try:
        tree = tomllib.loads(path.read_text(encoding="utf-8"))
        policy = msgspec.convert(tree, Policy)
    except msgspec.ValidationError as error:
        raise ConfigError(f"policies file {path}: {error}.", hint=_nearest(str(error))) from error
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ConfigError(f"policies file {path}: {error}.") from error
    faults = list(_name_faults(policy)) or list(_row_faults(policy))
    if faults:
        raise ConfigError(f"policies file {path}: {'; '.join(faults)}.")
    return policy


def _stricter(order: tuple[Any, ...], one: Any, other: Any) -> Any:
    return one if other is None else min(one, other, key=order.index)


def _nearest(message: str) -> str:
    found = _UNKNOWN_FIELD.search(message)
    if found is None:
        return ""
    structs = (Policy, Deployment, Limits, Terms, Row)
    return _did_you_mean(
        found[1], [name for struct in structs for name in struct.__struct_fields__]
    )


def _did_you_mean(name: str, known: Iterator[str] | list[str] | tuple[str, ...]) -> str:
    matches = difflib.get_close_matches(name, list(known), n=1, cutoff=0.3)
    return f"Did you mean {matches[0]!r}?" if matches else ""


def _name_faults(policy: Policy) -> Iterator[str]:
    for wanted in PURPOSES:
        if wanted not in policy.purposes:
            yield f"the purpose [purposes.{wanted}] is missing"
    for purpose, terms in policy.purposes.items():
        if purpose not in PURPOSES:
            yield f"unknown purpose {purpose!r}. {_did_you_mean(purpose, PURPOSES)}"
        for name in terms.limits:
            if name not in LIMIT_NAMES:
                near = _did_you_mean(name, LIMIT_NAMES)
                yield f"[purposes.{purpose}.limits] has an unknown limit {name!r}. {near}"


def _row_faults(policy: Policy) -> Iterator[str]:
    for purpose, terms in policy.purposes.items():
        yield from (f"[purposes.{purpose}] {fault}" for fault in _status_faults(terms))
    for known in PURPOSES:
        yield from (f"[purposes.{known}] {fault}" for fault in _limit_faults(policy, known))


def _status_faults(terms: Terms) -> Iterator[str]:
    rows: Mapping[str, Row] = {name: getattr(terms, name) for name in STATUS_ROWS}
    for stricter, looser in zip(STATUS_ROWS[1:], STATUS_ROWS, strict=False):
        if rows[stricter].limited(rows[looser]) != rows[stricter]:
            yield f"`{stricter}` allows more than `{looser}`"
    for name in WITHOUT_GRANT:
        row = rows[name]
        if row.export or row.ai_use != "denied" or "full" in (row.display, row.store):
            yield f"`{name}` allows what nobody granted (absence is never free)"


def _limit_faults(policy: Policy, purpose: Purpose) -> Iterator[str]:
    for name in _closing_limits(purpose):
        limit = policy.limit(purpose, name)
        if limit.export is not False or limit.ai_use != "denied":
            yield f'the limit `{name}` must say export = false and ai_use = "denied"'
    for name in ("withheld", "embargoed", "expired"):
        if policy.limit(purpose, name).display not in ("metadata_only", "no_index"):
            yield f"the limit `{name}` must not show text"


def _closing_limits(purpose: Purpose) -> tuple[str, ...]:
    """Return the limits that must close a purpose, whatever an operator writes."""
    always = ("withheld", "embargoed", "expired")
    if purpose == "ml_training":
        return (*always, "tdm_reserved", "ai_train_disallowed")
    if purpose == "rag":
        return (*always, "tdm_reserved", "ai_input_disallowed")
    return (*always, "nc") if purpose == "redistribution_commercial" else always
