"""Short texts that stand alone: a meta tag, a footer, a feed's rights, our own credit line."""

from __future__ import annotations

import pytest
from known_licenses import ALL, REGISTRY

from dateline.rights.license import License
from dateline.rights.notices import find_notices, read_notice


@pytest.mark.parametrize(
    ("text", "spdx", "licensor"),
    [
        ("CC BY 4.0", "CC-BY-4.0", None),
        ("https://creativecommons.org/licenses/by-sa/4.0/", "CC-BY-SA-4.0", None),
        ("© 2024 Orchard Wire. CC BY 4.0", "CC-BY-4.0", "Orchard Wire"),
        ("All Content by Mehr News Agency is licensed under a Creative Commons Attribution 4.0"
         " International License.", "CC-BY-4.0", "Mehr News Agency"),
        ("Licencia Creative Commons Atribución 4.0 Internacional", "CC-BY-4.0", None),
        ("Text only. Creative Commons Attribution-NoDerivatives 4.0", "CC-BY-ND-4.0", None),
    ],
)  # fmt: skip
def test_a_licence_that_stands_alone_is_granted(text: str, spdx: str, licensor: str | None) -> None:
    found = [each for each in read_notice(text, REGISTRY) if each.frame == "grant_text"]
    assert [each.license.spdx_id for each in found if each.license] == [spdx]
    assert found[0].licensor == licensor


@pytest.mark.parametrize(
    ("text", "frame"),
    [
        ("Creative Commons", "mention"),
        ("Not available under CC BY 4.0", "negated"),
        ("All rights reserved", "reserved"),
        ("© 2026 Orchard Wire – all rights reserved", "reserved"),
        ("Alle Rechte vorbehalten", "reserved"),
        ("کلیه حقوق محفوظ است", "reserved"),
        ("Photos: CC BY 2.0", "grant_media"),
        ("Theme under CC BY 3.0", "grant_other_object"),
        ("What CC BY 4.0 means and how to use it", "mention"),
        ("Why we dropped Creative Commons BY-NC 3.0", "mention"),
        ("CC BY 4.0 or CC BY-NC 4.0", "mention"),
    ],
)
def test_what_stands_alone_may_still_grant_nothing(text: str, frame: str) -> None:
    assert [each.frame for each in read_notice(text, REGISTRY)] == [frame]


@pytest.mark.parametrize("text", ["", "© 2026 Orchard Wire", "News from the dam"])
def test_a_text_without_rights_says_nothing(text: str) -> None:
    assert read_notice(text, REGISTRY) == ()


@pytest.mark.parametrize("license_", [each for each in ALL if each.uri], ids=lambda x: x.spdx_id)
@pytest.mark.parametrize(
    "work", ["", '"Dam. Water. U.S. (1)" by Jane Roe, Mehr News Agency (https://news.example/1), ']
)
def test_a_credit_line_that_is_all_there_is_grants(license_: License, work: str) -> None:
    line = f"{work}licensed under {license_.name} ({license_.uri})."
    line = line[0].upper() + line[1:]
    (found,) = find_notices(line, REGISTRY)
    assert (found.frame, found.quote) == ("grant_text", line)
    assert found.license is not None
    assert found.license.spdx_id == license_.spdx_id


def test_a_credit_line_inside_an_article_grants_nothing() -> None:
    line = 'Two boats sank. "Sunset" by N. Roe, licensed under CC BY 4.0 (https://x.example/).'
    assert all(each.frame != "grant_text" for each in find_notices(line, REGISTRY))
