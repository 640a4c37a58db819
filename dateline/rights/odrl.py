"""Return an article's rights as an ODRL 2.2 policy, in the terms that ODRL takes from CC REL.

One policy for each object. The ODRL vocabulary spells one of these terms ``cc:CommericalUse``; it
is written here as Creative Commons spells it. Source: https://www.w3.org/TR/odrl-model/ and the
licences' own machine-readable descriptions.
"""

from __future__ import annotations

from typing import Any

from dateline.rights.record import Rights

CONTEXT = "http://www.w3.org/ns/odrl.jsonld"
_ATTRIBUTION = ("cc:Attribution", "cc:Notice")
_SHARE_ALIKE = ("cc:ShareAlike",)
# Adaptations may be made in private; what ND forbids is to share them.
_FORBIDDEN = (("nc", "cc:CommercialUse"), ("nd", "cc:DerivativeWorks"))


def odrl_policy(rights: Rights, article_id: str) -> dict[str, Any]:
    """Return the policy for the article's text: permissions, duties and prohibitions.

    Nothing that is not granted is permitted. Of a conflict all constraints bind, and nothing is
    permitted either. ``conflict`` is ``prohibit``: ODRL's own default would make a policy with a
    contradiction invalid.
    """
    target = f"urn:doc:{article_id}#text"
    is_given = rights.status in ("granted", "public_domain")
    return {
        "@context": [CONTEXT, {"cc": "http://creativecommons.org/ns#"}],
        "@type": "Set",
        "uid": f"urn:rights:{article_id}",
        "conflict": "prohibit",
        **(_granted(rights.effective, target) if is_given else _kept(target)),
    }


def _granted(asked: tuple[str, ...], target: str) -> dict[str, Any]:
    actions = ["cc:Reproduction", "cc:Distribution"]
    permission: dict[str, Any] = {"target": target, "action": actions}
    if "nd" not in asked:
        actions.append("cc:DerivativeWorks")
    duties = [*(_ATTRIBUTION if "by" in asked else ()), *(_SHARE_ALIKE if "sa" in asked else ())]
    if duties:
        permission["duty"] = [{"action": duty} for duty in duties]
    forbidden = [action for name, action in _FORBIDDEN if name in asked]
    prohibition = [{"target": target, "action": action} for action in forbidden]
    return {"permission": [permission], "prohibition": prohibition}


def _kept(target: str) -> dict[str, Any]:
    return {
        "permission": [],
        "obligation": [{"target": target, "action": "obtainConsent"}],
        "prohibition": [{"target": target, "action": ["cc:Reproduction", "cc:Distribution"]}],
    }
