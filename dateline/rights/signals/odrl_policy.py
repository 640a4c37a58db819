"""Return what an ODRL policy (RightsML) says: nothing that is not understood is ever a grant.

A policy is a house's own terms; it grants a licence only where it names a known one. It reserves
where it forbids everybody to copy. Sources: W3C ODRL vocabulary 2.2 (with the Creative Commons
terms in both spellings of ``CommercialUse``), IPTC RightsML.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from dateline.records import RightsSignal
from dateline.rights.license import License
from dateline.rights.record import CONSTRAINTS
from dateline.rights.signals.make_statement import (
    CUT,
    Notices,
    Standing,
    granting_frame,
    nothing,
    stated,
)
from dateline.rights.signals.odrl_document import Policy, Rule, parse_policy
from dateline.rights.signals.same_page import is_same_page, page_key
from dateline.rights.statement import Statement

_PUBLIC_TYPES = ("set", "offer", "policy")
_COPYING = frozenset(
    {"use", "reproduce", "distribute", "publish", "cc:reproduction", "cc:distribution"}
)
_DERIVING = frozenset({"derive", "modify", "transform", "cc:derivativeworks"})
_COMMERCE = frozenset({"commercialize", "cc:commercialuse", "cc:commericaluse"})
_SHOWING = frozenset({"display", "present", "read", "print", "index", "cc:sharing"})
_NAMING = frozenset({"attribute", "cc:attribution", "cc:notice"})
_SHARING_ALIKE = frozenset({"sharealike", "cc:sharealike"})


def policy_statements(
    signal: RightsSignal, standing: Standing, notices: Notices, *, article_url: str | None
) -> Iterator[Statement]:
    """Yield what a policy says about the object that it stands on.

    ``grant_*``: it names a known licence and binds no more than that; with a condition where it
    binds more. ``reserved``: copying is forbidden to everybody. ``republish_terms``: understood
    terms of its own. Else a mention, for all of it that is not understood.
    """
    policy = None if signal.field.endswith(CUT) else parse_policy(signal.value)
    rules = _rules_here(policy, article_url) if policy else ()
    if policy is None or policy.type not in _PUBLIC_TYPES:
        yield stated(signal, nothing("odrl.private"), "mention")
    elif any(_forbids_copying(rule) for rule in policy.prohibitions if rule in rules):
        yield stated(signal, standing, "reserved")
    else:
        yield _given(signal, standing, policy, rules, notices)


def constraints_of(policy: Policy) -> tuple[str, ...] | None:
    """Return what a policy asks of everybody, as ``by``, ``sa``, ``nc``, ``nd``.

    None where an action, a duty or a constraint is not understood, or where it does not permit to
    reproduce and to distribute.
    """
    permitted = _joined(policy.permissions)
    duties = frozenset(duty for rule in policy.permissions for duty in rule.duties)
    forbidden = _joined(policy.prohibitions)
    may_copy = "use" in permitted or (
        permitted & {"reproduce", "cc:reproduction"}
        and permitted & {"distribute", "cc:distribution"}
    )
    is_understood = (
        not any(rule.is_limited or rule.has_assignee for rule in policy.rules)
        and not policy.obligations
        and permitted <= _COPYING | _DERIVING | _SHOWING | _COMMERCE
        and duties <= _NAMING | _SHARING_ALIKE
        and forbidden <= _DERIVING | _COMMERCE
    )
    if not may_copy or not is_understood:
        return None
    asked = {
        "by": bool(duties & _NAMING),
        "sa": bool(duties & _SHARING_ALIKE),
        "nc": bool(forbidden & _COMMERCE),
        "nd": bool(forbidden & _DERIVING) or not permitted & (_DERIVING | {"use"}),
    }
    return tuple(name for name in CONSTRAINTS if asked[name])


def _given(
    signal: RightsSignal,
    standing: Standing,
    policy: Policy,
    rules: Sequence[Rule],
    notices: Notices,
) -> Statement:
    constraints = constraints_of(policy) if len(rules) == len(policy.rules) else None
    license_ = _named(policy, notices)
    if constraints is None and (license_ is None or policy.rules):
        return stated(signal, nothing("odrl.not_understood"), "mention", license=license_)
    standing = replace(standing, rule="odrl.policy")
    if license_ is None:
        return stated(signal, standing, "republish_terms", usage_terms=policy.uid or signal.value)
    return stated(
        signal,
        standing,
        granting_frame(standing.kind),
        license=license_,
        has_condition=not set(constraints or ()) <= set(license_.constraints),
    )


def _named(policy: Policy, notices: Notices) -> License | None:
    found = (notices.registry.by_address(name) for name in policy.names)
    return next((license_ for license_ in found if license_), None)


def _rules_here(policy: Policy, article_url: str | None) -> tuple[Rule, ...]:
    """Return the rules whose target is not another page: a ``urn:`` is the item's own name."""
    return tuple(
        rule
        for rule in policy.rules
        if not rule.target
        or article_url is None
        or page_key(rule.target) is None
        or is_same_page(rule.target, article_url)
    )


def _forbids_copying(rule: Rule) -> bool:
    is_for_all = not rule.is_limited and not rule.has_assignee
    return is_for_all and bool(rule.actions & _COPYING)


def _joined(rules: Sequence[Rule]) -> frozenset[str]:
    return frozenset(action for rule in rules for action in rule.actions)
