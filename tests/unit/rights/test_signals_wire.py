from __future__ import annotations

import json
from typing import Any

import pytest
from signals_beside import ARTICLE, BY, claims, ninjs, statements

from dateline.records import RightsSignal
from dateline.rights.signals.odrl_document import parse_policy
from dateline.rights.signals.odrl_policy import constraints_of

TEXT_90 = [("grant_text", "text", "CC-BY-4.0", 90)]
MAY_COPY = {"action": ["reproduce", "distribute", "derive"], "duty": [{"action": "attribute"}]}


def policy(uid: str = "urn:policy:1", **parts: Any) -> str:
    head = {"@context": "http://www.w3.org/ns/odrl.jsonld", "@type": "Set", "uid": uid}
    return json.dumps(head | parts)


def encoded(text: str) -> RightsSignal:
    return ninjs("rightsinfo.encodedrights", text)


def test_linked_rights_that_are_a_licence_are_the_items() -> None:
    assert claims(ninjs("rightsinfo.linkedrights", BY)) == TEXT_90
    assert claims(ninjs("rightsinfo.linkedrights", "https://post.example/policy/9")) == []


def test_terms_in_prose_are_read_and_kept() -> None:
    terms = "The text of this item is licensed under CC BY 4.0."
    found = statements(ninjs("usageterms", terms))
    assert claims(ninjs("usageterms", terms)) == TEXT_90
    assert [s.usage_terms for s in found if s.usage_terms] == [terms]
    assert claims(ninjs("copyrightnotice", "All rights reserved.")) == [
        ("reserved", "text", "", 90)
    ]
    assert claims(ninjs("copyrightnotice", "(c) 2026 Orchard Wire")) == []


@pytest.mark.parametrize(
    ("association", "kind"),
    [("main", "image"), ("main:picture", "image"), ("clip:video", "video"), ("more:text", "other")],
)
def test_an_associations_rights_are_its_own(association: str, kind: str) -> None:
    found = claims(ninjs(f"associations[{association}].rightsinfo.linkedrights", BY))
    assert [(claim[1], claim[2]) for claim in found] == [(kind, "CC-BY-4.0")]
    reserved = claims(ninjs(f"associations[{association}].usageterms", "All rights reserved"))
    assert [claim[:2] for claim in reserved] == [("reserved", kind)]


def test_newsml_g2_says_which_part_it_is_about() -> None:
    whole = RightsSignal(layer="newsml_g2", field="rightsInfo.link", value=f"Licence\n{BY}")
    part = RightsSignal(layer="newsml_g2", field="rightsInfo[idrefs=p1].link", value=BY)
    assert claims(whole) == TEXT_90
    assert [claim[1] for claim in claims(part)] == ["other"]


def test_a_policy_that_names_a_known_licence_grants_it() -> None:
    assert claims(encoded(policy(uid=BY))) == TEXT_90
    assert claims(encoded(policy(license=BY, permission=[MAY_COPY]))) == TEXT_90


def test_a_policy_stricter_than_the_licence_it_names_has_a_condition() -> None:
    text = policy(
        license=BY, permission=[MAY_COPY], prohibition=[{"action": "http://creativecommons.org/ns#CommericalUse"}]
    )  # fmt: skip
    assert [s.has_condition for s in statements(encoded(text))] == [True]


def test_a_house_policy_is_its_own_terms_and_no_licence() -> None:
    (found,) = statements(encoded(policy(permission=[MAY_COPY])))
    assert (found.frame, found.license, found.usage_terms) == (
        "republish_terms", None, "urn:policy:1",
    )  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        policy(uid=BY, permission=[MAY_COPY | {"assignee": "https://client.example/"}]),
        policy(uid=BY, permission=[MAY_COPY | {"constraint": [{"leftOperand": "spatial"}]}]),
        policy(uid=BY, permission=[{"action": ["reproduce", "distribute", "sellSouls"]}]),
        policy(uid=BY, permission=[MAY_COPY | {"duty": [{"action": "compensate"}]}]),
        policy(uid=BY, permission=[MAY_COPY | {"duty": ["https://post.example/duty"]}]),
        policy(uid=BY, permission=[{"action": "display"}]),
        policy(uid=BY, permission=[MAY_COPY | {"target": "https://post.example/other"}]),
        policy(uid=BY, permission="everything"),
        json.dumps({"@type": "Agreement", "uid": BY, "permission": [MAY_COPY]}),
        json.dumps({"@type": "Request", "uid": BY}),
        '{"uid": "' + BY + '",,}',
        "[" * 100_000,
        f'<!DOCTYPE x><o:Policy xmlns:o="http://www.w3.org/ns/odrl/2/" uid="{BY}"/>',
    ],
)
def test_a_policy_not_wholly_understood_or_not_for_everybody_grants_nothing(text: str) -> None:
    assert claims(encoded(text)) == []


def test_a_policy_that_forbids_copying_reserves() -> None:
    forbidden = {"target": ARTICLE, "action": ["reproduce", "distribute"]}
    assert claims(encoded(policy(prohibition=[forbidden]))) == [("reserved", "text", "", 90)]
    elsewhere = forbidden | {"target": "https://post.example/other"}
    assert claims(encoded(policy(prohibition=[elsewhere]))) == []


def test_rightsml_in_xml_is_read_alike() -> None:
    xml = (
        f'<o:Policy xmlns:o="http://www.w3.org/ns/odrl/2/" uid="{BY}"'
        ' type="http://www.w3.org/ns/odrl/2/Set"><o:permission>'
        '<o:action name="http://www.w3.org/ns/odrl/2/reproduce"/>'
        '<o:action name="http://www.w3.org/ns/odrl/2/distribute"/>'
        '<o:action name="http://www.w3.org/ns/odrl/2/derive"/>{}</o:permission></o:Policy>'
    )
    signal = "rightsInfo.rightsExpressionXML"
    open_ = RightsSignal(layer="newsml_g2", field=signal, value=xml.format(""))
    limited = xml.format('<o:constraint name="http://www.w3.org/ns/odrl/2/spatial"/>')
    paid = xml.format('<o:duty><o:action name="http://www.w3.org/ns/odrl/2/pay"/></o:duty>')
    assert claims(open_) == TEXT_90
    for value in (limited, paid):
        assert claims(RightsSignal(layer="newsml_g2", field=signal, value=value)) == []


@pytest.mark.parametrize(
    ("permitted", "duties", "forbidden", "expected"),
    [
        (["reproduce", "distribute", "derive"], ["attribute"], [], ("by",)),
        (["cc:Reproduction", "cc:Distribution"], ["cc:Attribution", "cc:Notice"], [], ("by", "nd")),
        (["use"], ["cc:ShareAlike"], ["cc:CommercialUse"], ("sa", "nc")),
        (["use"], [], ["cc:CommericalUse", "derive"], ("nc", "nd")),
        (["display"], [], [], None),
        (["use"], ["obtainConsent"], [], None),
        (["use"], [], ["archive"], None),
    ],
)
def test_what_a_policy_asks(
    permitted: list[str], duties: list[str], forbidden: list[str], expected: tuple[str, ...] | None
) -> None:
    rule = {"action": permitted, "duty": [{"action": duty} for duty in duties]}
    found = parse_policy(policy(permission=[rule], prohibition=[{"action": forbidden}]))
    assert found is not None
    assert constraints_of(found) == expected
