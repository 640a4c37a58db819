"""Names that the registry lists: government, data and software licences, each with a near miss."""

from __future__ import annotations

import pytest
from known_licenses import REGISTRY


def named(text: str) -> list[str]:
    return [n.license.spdx_id for n in REGISTRY.find(text) if n.license]


@pytest.mark.parametrize(
    ("text", "spdx"),
    [
        ("the Open Government Licence v3.0", "OGL-UK-3.0"),
        ("the Open Government Licence (OGL), version 3", "OGL-UK-3.0"),
        ("version 2.0 of the Open Government Licence", "OGL-UK-2.0"),
        ("OGL v1", "OGL-UK-1.0"),
        ("the Open Government Licence", "LicenseRef-OGL-UK"),
        ("the Open Government Licence – Canada, version 2.0", "OGL-Canada-2.0"),
        ("la Licence du gouvernement ouvert – Canada, version 2.0", "OGL-Canada-2.0"),
        ("the Open Government Licence – Canada", "LicenseRef-OGL-Canada"),
        ("the Non-Commercial Government Licence v2.0", "NCGL-UK-2.0"),
        ("the Open Parliament Licence v3.0", "OPL-UK-3.0"),
        ("Licence Ouverte / Open Licence version 2.0", "etalab-2.0"),
        ("sous Licence Ouverte v2 d'Etalab", "etalab-2.0"),
        ("Licence Ouverte 1.0", "LicenseRef-etalab-1.0"),
        ("dl-de/by-2-0", "DL-DE-BY-2.0"),
        ("Datenlizenz Deutschland – Namensnennung – Version 2.0", "DL-DE-BY-2.0"),
        ("Datenlizenz Deutschland – Zero – Version 2.0", "DL-DE-ZERO-2.0"),
        ("Italian Open Data License v2.0 (IODL 2.0)", "LicenseRef-IODL-2.0"),
        ("IODL 1.0", "LicenseRef-IODL-1.0"),
        ("Norsk lisens for offentlige data (NLOD) 2.0", "NLOD-2.0"),
        ("NLOD 1.0", "NLOD-1.0"),
        ("Government Open Data License – India", "LicenseRef-GODL-India"),
        ("政府資料開放授權條款-第1版", "OGDL-Taiwan-1.0"),
        ("政府標準利用規約（第2.0版）", "LicenseRef-GJSTU-2.0"),
        ("公共データ利用規約（第1.0版）", "LicenseRef-PDL-Japan-1.0"),
        ("공공누리 제4유형에 따라", "LicenseRef-KOGL-4"),
        ("Korea Open Government License, Type 2", "LicenseRef-KOGL-2"),
        ("Open Database License (ODbL) v1.0", "ODbL-1.0"),
        ("ODC-By 1.0", "ODC-By-1.0"),
        ("ODC Public Domain Dedication and License 1.0", "PDDL-1.0"),
        ("CDLA-Permissive-2.0", "CDLA-Permissive-2.0"),
        ("Community Data License Agreement – Sharing, Version 1.0", "CDLA-Sharing-1.0"),
        ("Computational Use of Data Agreement v1.0", "C-UDA-1.0"),
        ("the MIT licence", "MIT"),
        ("an MIT-licensed script", "MIT"),
        ("unterliegt der MIT-Lizenz", "MIT"),
        ("sous licence MIT", "MIT"),
        ("под лицензией MIT", "MIT"),
        ("مرخّصة برخصة MIT", "MIT"),
        ("MITライセンス", "MIT"),
        ("Apache License, Version 2.0", "Apache-2.0"),
        ("licenza Apache 2.0", "Apache-2.0"),
        ("Code: Apache-2.0", "Apache-2.0"),
        ("the Apache License", "LicenseRef-ASF-Apache"),
        ("BSD 3-Clause", "BSD-3-Clause"),
        ("the 2-clause BSD licence", "BSD-2-Clause"),
        ("BSD-Lizenz", "LicenseRef-BSD"),
        ("the ISC license", "ISC"),
        ("GPLv3", "GPL-3.0-only"),
        ("GPL 3.0", "GPL-3.0-only"),
        ("GPLv3+", "GPL-3.0-or-later"),
        ("GNU General Public License v2.0 only", "GPL-2.0-only"),
        ("the GNU GPL, version 3 or any later version", "GPL-3.0-or-later"),
        ("licencia GNU GPL v2 o posterior", "GPL-2.0-or-later"),
        ("unter GNU GPL, Version 3 oder später", "GPL-3.0-or-later"),
        ("GNU GPL версии 3 или новее", "GPL-3.0-or-later"),
        ("version 3 of the GNU General Public License", "GPL-3.0-only"),
        ("a licence: GPL", "LicenseRef-GNU-GPL"),
        ("LGPL 2.1", "LGPL-2.1-only"),
        ("AGPL-3.0-or-later", "AGPL-3.0-or-later"),
        ("GNU-Lizenz für freie Dokumentation, Version 1.3", "GFDL-1.3-only"),
        ("GFDL 1.2 or later", "GFDL-1.2-or-later"),
        ("Mozilla Public License 2.0", "MPL-2.0"),
        ("de EUPL, versie 1.2", "EUPL-1.2"),
        ("SIL Open Font License, Version 1.1", "OFL-1.1"),
        ("the Unlicense", "Unlicense"),
        ("Licence Art Libre 1.3", "LAL-1.3"),
    ],
)
def test_a_listed_licence_is_named(text: str, spdx: str) -> None:
    assert set(named(f"({text}) so")) == {spdx}


@pytest.mark.parametrize(
    "text",
    [
        "Open Government Licence v9.0",
        "Open Government Licence – Ontario",
        "an open government and its licence",
        "OGLE 3.0",
        "the open parliament 3.0",
        "une licence ouverture 2.0",
        "Datenlizenz Deutschland",
        "Lizenz aus Deutschland zero",
        "IODL 7.0",
        "NLODS 2.0",
        "open data of the government of India",
        "公共データ利用",
        "Korea Open Government License",
        "KOGL",
        "공공누리",
        "an open database 1.0",
        "PDDLS",
        "the CDLA",
        "studied at MIT, a licence of",
        "MIT licenses its patents",
        "the firm licensed MIT patents",
        "mit Lizenz",
        "Mit Lizenz gebaut",
        "a smit licence",
        "an Apache 2.0 server",
        "Apache pilots have a licence",
        "the BSD held a meeting",
        "the ISC met",
        "GPL prices rose again",
        "voiture au GPL",
        "il GPL 2.5 sale",
        "GPL 3,0 %",
        "GPL 9.0",
        "the general public, licence in hand",
        "an unlicensed driver",
        "EUPL 9.9",
        "open fonts 1.1",
        pytest.param("M\u0406T licence", id="cyrillic-i"),
        pytest.param("GРL-3.0 licence", id="cyrillic-er"),
        "https://evil.example/MIT-license",
    ],
)
def test_what_only_looks_like_one_names_nothing(text: str) -> None:
    assert named(f"It is {text}.") == []


def test_the_longer_name_wins_over_the_one_inside_it() -> None:
    for text, spdx in {
        "Open Government Licence – Canada 2.0": "OGL-Canada-2.0",
        "Public Domain Mark 1.0": "CC-PDM-1.0",
        "public domain markets": "LicenseRef-Public-Domain",
        "GNU Lesser General Public License 3.0": "LGPL-3.0-only",
    }.items():
        assert named(text) == [spdx]


@pytest.mark.parametrize(
    "words",
    ["gemeinfreies", "domaine public", "dominio público", "domínio público", "pubblico dominio",
     "publiek domein", "общественного достояния", "مالکیت عمومی", "النطاق العام", "kamu malı",
     "パブリック・ドメイン", "公有领域", "퍼블릭 도메인", "domeny publicznej"],
)  # fmt: skip
def test_the_public_domain_is_known_in_many_languages(words: str) -> None:
    assert named(f"({words})") == ["LicenseRef-Public-Domain"]


def test_a_gas_with_a_number_is_not_even_a_family_of_licences() -> None:
    assert REGISTRY.find("Il GPL 2.5 sale.") == ()
    [family] = REGISTRY.find("Open Government Licence v9.0.")
    assert (family.license, family.end) == (None, len("Open Government Licence v9.0"))
