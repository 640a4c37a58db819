"""Return what a policy allows for one purpose, as a pure function of an article's rights.

Every condition that holds only narrows the decision, so that a further constraint, reservation or
doubt can never widen it. What is not known is taken as not granted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from dateline.rights.policy import Limit, Policy, Row, Terms
from dateline.rights.record import (
    PURPOSES,
    Access,
    Decision,
    DisplayTier,
    Preferences,
    Purpose,
    Rights,
    StoreTier,
)

PubStatus = Literal["usable", "withheld", "canceled"]
# What may be shown of what may be kept: text that is only searched is quoted at most.
_SHOWABLE: dict[StoreTier, DisplayTier] = {
    "full": "full", "full_internal": "snippet", "snippet": "snippet",
    "metadata_only": "metadata_only", "no_index": "no_index",
}  # fmt: skip
_QUOTED = Limit(display="snippet")
_CLOSED = Row(store="metadata_only", display="metadata_only", export=False, ai_use="denied")
_LIMIT_REASONS = {
    "sa": "share-alike: what is made of it carries the same licence",
    "nc": "non-commercial use only",
    "nc_if_commercial": "non-commercial, and this deployment is commercial",
    "nd": "no derivatives: verbatim or as an unchanged quotation only",
    "tdm_reserved": "text and data mining is reserved",
    "ai_train_disallowed": "training of models is disallowed",
    "ai_input_disallowed": "use as input of a model is disallowed",
    "ai_unsaid": "nothing is said about mining or AI",
    "search_disallowed": "use in search is disallowed",
    "noindex": "noindex: the page asks not to be in search",
    "noarchive": "noarchive: no copy is shown in place of the page",
    "withheld": "the source withholds the article",
    "embargoed": "the article is under embargo",
    "expired": "the article has expired",
}
_Applied = tuple[Limit | Row, str]


def decide(
    rights: Rights | None,
    *,
    purpose: Purpose,
    policy: Policy,
    at: datetime | None = None,
    pub_status: PubStatus = "usable",
) -> Decision:
    """Return the decision for one purpose; whatever is not granted is not allowed.

    ND: the text is shown verbatim or, where only a snippet is allowed, quoted unchanged; where
    passages of it may not be shown, it is quoted, because a text with holes is no verbatim one.

    Args:
        rights: of the text, of a copy already met with those of its origin; None: not known.
        purpose: what the text is wanted for; one that the policy does not have allows nothing.
        policy: as loaded; its stamp is on the decision.
        at: the moment that embargo and expiry are compared with; None: they are taken to hold.
        pub_status: as the source says.

    Raises: Nothing.
    """
    known = rights or Rights(status="unknown")
    terms = policy.purposes.get(purpose)
    if terms is None:
        return _decision(known, _CLOSED, purpose, policy, reasons=("the purpose has no policy",))
    row, reasons = _narrowed(
        known, purpose, policy, terms, list(_circumstances(known, at, pub_status))
    )
    limit_chars = known.preferences.snippet_max_chars
    snippet_chars = min(
        terms.snippet_chars, terms.snippet_chars if limit_chars is None else limit_chars
    )
    if limit_chars is not None and limit_chars < terms.snippet_chars:
        reasons.append(f"the page allows snippets of at most {limit_chars} characters")
    return _decision(
        known,
        _shown(row, snippet_chars),
        purpose,
        policy,
        snippet_chars=snippet_chars,
        store_days=terms.unknown_store_days if _is_unsure(known, terms) else None,
        reasons=tuple(reasons),
    )


def decide_all(
    rights: Rights | None,
    *,
    policy: Policy,
    at: datetime | None = None,
    pub_status: PubStatus = "usable",
) -> tuple[Decision, ...]:
    """Return one decision for each of the six purposes, in the order of ``PURPOSES``."""
    return tuple(
        decide(rights, purpose=purpose, policy=policy, at=at, pub_status=pub_status)
        for purpose in PURPOSES
    )


def decisions_sha256(decisions: Sequence[Decision]) -> str:
    """Return the hash that tells one set of decisions from another, with policy and reasons."""
    return hashlib.sha256(msgspec.json.encode(tuple(decisions))).hexdigest()


def _narrowed(
    rights: Rights, purpose: Purpose, policy: Policy, terms: Terms, circumstances: list[str]
) -> tuple[Row, list[str]]:
    row: Row = getattr(terms, rights.status)
    reasons = [_status_reason(rights)]
    names = [*_constraints(rights, policy), *_preferences(rights, purpose), *circumstances]
    limits: list[_Applied] = [(policy.limit(purpose, n), _LIMIT_REASONS[n]) for n in names]
    for limit, reason in [*_doubts(rights, terms), *limits]:
        narrower = row.limited(limit)
        if narrower != row:
            reasons.append(reason)
        row = narrower
    return row, reasons


def _decision(  # noqa: PLR0913 (the parts of one record)
    rights: Rights,
    row: Row,
    purpose: Purpose,
    policy: Policy,
    *,
    reasons: tuple[str, ...],
    snippet_chars: int = 0,
    store_days: int | None = None,
) -> Decision:
    is_free = rights.status == "public_domain" or (
        rights.status == "granted" and "by" not in rights.effective
    )
    attribution = rights.attribution
    is_attributed = is_free or (attribution is not None and attribution.is_complete)
    if row.export and not is_attributed:
        reasons = (*reasons, "no export: the attribution is incomplete")
    return Decision(
        policy_id=policy.stamp,
        purpose=purpose,
        store=row.store,
        display=row.display,
        snippet_chars=snippet_chars,
        export=row.export and is_attributed,
        ai_use=row.ai_use,
        attribution_required=not is_free,
        is_verbatim_only="nd" in rights.effective,
        is_share_alike="sa" in rights.effective,
        store_days=store_days if row.store == "full_internal" else None,
        reasons=reasons,
    )


def _shown(row: Row, snippet_chars: int) -> Row:
    row = row.limited(Limit(display=_SHOWABLE[row.store]))
    if row.display == "snippet" and snippet_chars == 0:
        return row.limited(Limit(display="metadata_only"))
    return row


def _is_unsure(rights: Rights, terms: Terms) -> bool:
    return rights.status == "unknown" or rights.confidence < terms.min_confidence


def _doubts(rights: Rights, terms: Terms) -> Iterator[_Applied]:
    if rights.status != "unknown" and rights.confidence < terms.min_confidence:
        yield (
            terms.unknown,
            f"confidence {rights.confidence:.2f} is below {terms.min_confidence:.2f}:"
            " taken as unknown",
        )
    if "nd" in rights.effective and rights.preferences.nosnippet_texts:
        yield _QUOTED, "no derivatives, and passages may not be shown: quoted only"


def _status_reason(rights: Rights) -> str:
    return {
        "public_domain": f"{rights.spdx_expression}: nobody's permission is needed",
        "granted": f"{rights.spdx_expression} permits reproduction",
        "unknown": "no licence is known",
        "reserved": "the rights are reserved",
        "conflict": "statements about the text contradict each other",
    }[rights.status]


def _constraints(rights: Rights, policy: Policy) -> Iterator[str]:
    yield from (name for name in ("sa", "nc", "nd") if name in rights.effective)
    if "nc" in rights.effective and policy.deployment.commercial:
        yield "nc_if_commercial"


def _preferences(rights: Rights, purpose: Purpose) -> Iterator[str]:
    stated = rights.preferences
    conditions = {
        "tdm_reserved": stated.tdm_reservation is True,
        "ai_train_disallowed": stated.ai_train == "disallowed",
        "ai_input_disallowed": stated.ai_input == "disallowed",
        # Nobody can reserve what is in the public domain; silence about it means nothing.
        "ai_unsaid": rights.status != "public_domain" and _is_ai_unsaid(stated, purpose),
        "search_disallowed": stated.search == "disallowed",
        "noindex": stated.noindex,
        "noarchive": stated.noarchive,
    }
    yield from (name for name, holds in conditions.items() if holds)


def _is_ai_unsaid(stated: Preferences, purpose: Purpose) -> bool:
    asked = {"ml_training": (stated.ai_train,), "rag": (stated.ai_input,)}
    answers = asked.get(purpose, (stated.ai_train, stated.ai_input))
    return stated.tdm_reservation is not False and any(each != "allowed" for each in answers)


def _circumstances(rights: Rights, at: datetime | None, pub_status: PubStatus) -> Iterator[str]:
    access: Access = rights.access
    if pub_status != "usable":
        yield "withheld"
    if access.embargoed_until is not None and (at is None or at < access.embargoed_until):
        yield "embargoed"
    if access.expires_at is not None and (at is None or at >= access.expires_at):
        yield "expired"
