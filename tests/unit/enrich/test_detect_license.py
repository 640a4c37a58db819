from __future__ import annotations

import time
from pathlib import Path

import pytest

from dateline.ids import text_sha256
from processors.enrich.detect_license import Supplied, detect_license, notice_spans
from processors.enrich.license_rules import LicenseRule, load_license_rules

ROOT = Path(__file__).resolve().parents[3]
RULES = load_license_rules(ROOT / "config" / "licenses.toml")

STORY = "The dam held. The ministers met on Saturday. They spoke about water. Rain is near. "
MEHR = (
    "All Content by Mehr News Agency is licensed under a Creative Commons Attribution 4.0"
    " International License."
)
BY = "Creative Commons Attribution 4.0 International"
URI = "https://creativecommons.org/licenses/by/4.0/"


@pytest.mark.parametrize(
    ("name", "start", "end"),
    [
        pytest.param("000_028804fa6c569b56.txt", 4587, 4694, id="after-one-space"),
        pytest.param("002_8ed5c32099a933e7.txt", 2056, 2163, id="after-two-spaces"),
    ],
)
def test_detect_license_reads_the_seeds(name: str, start: int, end: int) -> None:
    body = (ROOT / "seeds" / name).read_bytes().decode()
    rights = detect_license(body, RULES)
    assert rights.status == "granted"
    assert rights.spdx_expression == "CC-BY-4.0"
    assert rights.license_uri == URI
    assert rights.license_name == BY
    assert rights.licensor == "Mehr News Agency"
    assert rights.effective == ("by",)
    assert rights.attribution_text == f"Mehr News Agency, licensed under {BY} ({URI})."
    assert rights.notes == (
        "title not supplied by the source",
        "author not supplied by the source",
        "address not supplied by the source",
    )
    (evidence,) = rights.evidence
    assert (evidence.start, evidence.end, evidence.quote) == (start, end, MEHR)
    assert body[start:end] == MEHR
    assert evidence.text_sha256 == text_sha256(body)
    assert (evidence.layer, evidence.field, evidence.frame) == ("text", "body", "grant_text")
    assert (evidence.rank, evidence.rule_id) == (70, "notice.all_content")
    assert evidence.scope == "site_by_licensor"
    assert evidence.registry_version == RULES[0].registry_version
    assert notice_spans(rights) == ((start, end),)


GRANTS = [
    (MEHR, "CC-BY-4.0", "Mehr News Agency"),
    ("All content by Orchard Wire is licensed under CC BY-NC-ND 4.0.", "CC-BY-NC-ND-4.0",
     "Orchard Wire"),
    ("Content by Orchard Inc. is published under a CC-BY-SA-3.0 licence.", "CC-BY-SA-3.0",
     "Orchard Inc."),
    ("Text by L'Étoile du Nord is made available under the terms of the Creative Commons"
     " Attribution-ShareAlike 4.0 International Public License.", "CC-BY-SA-4.0",
     "L'Étoile du Nord"),
    ("This article is licensed under a Creative Commons Attribution 4.0 International License"
     " (https://creativecommons.org/licenses/by/4.0/).", "CC-BY-4.0", None),
    ("This story is published under CC BY 4.0 (Creative Commons Attribution 4.0 International).",
     "CC-BY-4.0", None),
    ("This article by Jane Roe is licensed under https://creativecommons.org/licenses/by-nd/4.0/",
     "CC-BY-ND-4.0", "Jane Roe"),
    ("This work is licensed under a Creative Commons Attribution-NonCommercial 4.0 International"
     " License.", "CC-BY-NC-4.0", None),
    ("The text is available under CC BY 3.0.", "CC-BY-3.0", None),
    ("This article is republished from Orchard Wire under a Creative Commons"
     " Attribution-NoDerivatives 4.0 International license.", "CC-BY-ND-4.0", "Orchard Wire"),
    ("Republished under CC BY 4.0.", "CC-BY-4.0", None),
    ("Republished from Orchard Wire under CC BY 4.0", "CC-BY-4.0", "Orchard Wire"),
    ("Licence: CC BY 4.0", "CC-BY-4.0", None),
    ("THIS STORY IS LICENSED UNDER CC BY 4.0.", "CC-BY-4.0", None),
    ("All Content by Mehr\xa0News\xa0Agency is licensed under a Creative\nCommons Attribution\n4.0"
     " International License.", "CC-BY-4.0", "Mehr News Agency"),
]  # fmt: skip


@pytest.mark.parametrize("before", [STORY, STORY.strip() + "\n\n", STORY.strip() + "\r\n"])
@pytest.mark.parametrize(("notice", "spdx", "licensor"), GRANTS)
def test_detect_license_grants(before: str, notice: str, spdx: str, licensor: str | None) -> None:
    body = before + notice
    rights = detect_license(body, RULES)
    assert (rights.status, rights.spdx_expression) == ("granted", spdx)
    assert rights.licensor == licensor
    assert notice_spans(rights) == ((len(before), len(body)),)
    assert ("licensor not supplied by the source" in rights.notes) == (licensor is None)


@pytest.mark.parametrize(
    ("notice", "spdx"),
    [
        ("© 2024 Orchard Wire. CC BY 4.0", "CC-BY-4.0"),
        ("(c) 2020-2024 Orchard Wire, licensed under CC BY-SA 4.0.", "CC-BY-SA-4.0"),
        ("Copyright 2024 Orchard Wire | CC BY 4.0", "CC-BY-4.0"),
    ],
)
def test_detect_license_grants_on_a_copyright_line(notice: str, spdx: str) -> None:
    rights = detect_license(f"{STORY}\n{notice}", RULES)
    assert (rights.status, rights.spdx_expression) == ("granted", spdx)
    assert rights.licensor == "Orchard Wire"
    assert rights.evidence[0].quote == notice
    assert detect_license(f"{STORY}{notice}", RULES).status == "unknown"


@pytest.mark.parametrize(
    "notice",
    [
        "This text is dedicated to the public domain under CC0 1.0.",
        "This work is marked with Public Domain Mark 1.0.",
        "This article is marked with CC0 1.0 Universal.",
    ],
)
def test_detect_license_knows_the_public_domain(notice: str) -> None:
    rights = detect_license(STORY + notice, RULES)
    assert rights.status == "public_domain"
    assert rights.effective == ()
    assert rights.licensor is None


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(f"Headline without a stop\n{MEHR}", id="heading-before"),
        pytest.param(f"{STORY}By Jane Roe\n{MEHR}\nFollow us", id="lines-without-stops"),
        pytest.param(f"{MEHR}\n\n{STORY}", id="own-paragraph-first"),
        pytest.param(f"{MEHR}\n\nThe dam is not safe. {STORY}", id="denial-in-prose"),
        pytest.param(f"{STORY}The report may not be published. {MEHR}", id="may-not-in-prose"),
        pytest.param(f"{STORY}MNA/PR {MEHR}", id="sign-off"),
        pytest.param(f"{STORY}RD/5512345  {MEHR}", id="sign-off-with-number"),
        pytest.param(f"{STORY}\n---\n{MEHR}", id="rule-before"),
        pytest.param(f"“One,” he said. He is 6'2\" tall. {STORY}{MEHR}", id="inches"),
        pytest.param(f"{STORY}{MEHR} Photo: N. Roe. Read more.", id="third-from-the-end"),
        pytest.param(f"{STORY}{MEHR} Photographs are not included.", id="limit-on-pictures"),
        pytest.param(f"{STORY}Photo: N. Roe, CC BY 2.0\n{MEHR}", id="picture-with-its-own"),
        pytest.param(f"“The dam’s end,” he said. “It’s near.” {MEHR}", id="quotes-before"),
        pytest.param(f"„Ja“, sagte er. «Oui», dit-il. {MEHR}", id="other-quotes-before"),
    ],
)
def test_detect_license_grants_where_notices_stand(body: str) -> None:
    rights = detect_license(body, RULES)
    assert rights.status == "granted"
    assert [body[a:b] for a, b in notice_spans(rights)] == [MEHR]


HARD_NEGATIVES = [
    "Wikipedia moved to CC BY-SA 4.0 in 2023.",
    "The agency said its maps are licensed under CC BY 4.0.",
    "Photo: N. Roe, CC BY 2.0",
    "Photo: N. Roe, CC BY 4.0",
    "Photo by N. Roe, licensed under CC BY 4.0",
    '"Sunset" by N. Roe, licensed under CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/).',
    "N. Roe, licensed under CC BY 4.0 (https://creativecommons.org/licenses/by/4.0/).",
    "This story is not available under a Creative Commons licence.",
    "This story is not licensed under CC BY 4.0.",
    "This story is no longer licensed under CC BY 4.0.",
    "Until 2019 our texts were CC BY.",
    "Until 2019 this article was licensed under CC BY 4.0.",
    "This article was licensed under CC BY 4.0.",
    "This article will be licensed under CC BY 4.0.",
    "This article may be licensed under CC BY 4.0.",
    "If it is ours, this article is licensed under CC BY 4.0.",
    "Except where otherwise noted, this article is licensed under CC BY 4.0.",
    "All content by Orchard Wire, except photographs, is licensed under CC BY 4.0.",
    "All content by Orchard Wire is licensed under CC BY 4.0, except photographs.",
    "All photographs by Orchard Wire are licensed under CC BY 4.0.",
    "The report is licensed under CC BY 4.0.",
    "The article is licensed under CC BY 4.0.",
    "The ministry released its data under CC BY 4.0.",
    f"“{MEHR}”",
    f'"{MEHR}"',
    f"The notice reads: {MEHR}",
    f"MNA said {MEHR}",
    f"He said that {MEHR}",
    f"The notice reads:\n{MEHR}",
    f"The notice reads:\n\n{MEHR}",
    f"The agency said that\n{MEHR[0].lower()}{MEHR[1:]}",
    f"“We share it all. {MEHR} Take it,” she said.",
    f'"We share it all. {MEHR} Take it," she said.',
    f"‘We can’t wait. {MEHR} Take it,’ she said.",
    f"'We share it all. {MEHR} Don't wait,' she said.",
    f"«We share it all. {MEHR} Take it», she said.",
    f"Is it true? {MEHR[:-1]}?",
    "> " + MEHR,
    "All content by Orchard Wire is licensed under a Creative Commons licence.",
    "All content by Orchard Wire is licensed under CC BY.",
    "All content by Orchard Wire is licensed under CC BY 2.0.",
    "All content by Orchard Wire is licensed under CC BY 3.0 IGO.",
    "All content by Orchard Wire is licensed under a Creative Commons Attribution 3.0 Germany"
    " License.",
    "All content by Orchard Wire is licensed under a Creative Commons Attribution 4.0 Unported"
    " License.",
    "All content by Orchard Wire is licensed under CC BY 4.0 or CC BY-NC 4.0.",
    "All content by Orchard Wire is licensed under CC BY 4.0"
    " (https://creativecommons.org/licenses/by-nc/4.0/).",
    "This article is licensed under CC BY 4.0 (https://creativecommons.org.example/by/4.0/).",
    "This article is licensed under https://creativecommons.org.example/licenses/by/4.0/",
    "This article is licensed under https://creativecomm0ns.org/licenses/by/4.0/",
    "All Content by M\u0435hr News Agency is licensed under CC BY 4.0.",
    "All Content by Mehr News Agency is licensed under \u0421\u0421 BY 4.0.",
    "All Content by Mehr News Agency is licen\u017fed under CC BY 4.0.",
    "Photo: the dam. Licensed under CC BY 4.0.",
    "Photo: N. Roe\nThis work is licensed under CC BY 4.0.",
    "Map by N. Roe.\n© 2024 N. Roe. CC BY 4.0",
    "CC BY 4.0",
    "Creative Commons Attribution 4.0 International License",
    "All content by us is licensed under CC BY 4.0.",
    "Creative Commons turned twenty.",
    "\nComments (2)\nGreat piece!\n" + MEHR,
]


@pytest.mark.parametrize("ending", HARD_NEGATIVES)
@pytest.mark.parametrize("join", ["", "\n\n"])
def test_detect_license_fails_closed(ending: str, join: str) -> None:
    rights = detect_license(STORY + join + ending, RULES)
    assert rights.status == "unknown"
    assert rights.spdx_expression == "NOASSERTION"
    assert rights.attribution_text is None
    assert rights.effective == ()
    assert notice_spans(rights) == ()
    assert all(e.frame == "mention" and e.rank == 10 for e in rights.evidence)


def test_detect_license_keeps_a_mention_as_evidence() -> None:
    body = STORY + "The agency said its maps are licensed under CC BY 4.0. " + STORY
    rights = detect_license(body, RULES)
    (evidence,) = rights.evidence
    assert evidence.quote == "The agency said its maps are licensed under CC BY 4.0."
    assert body[evidence.start : evidence.end] == evidence.quote
    assert (evidence.frame, evidence.rule_id) == ("mention", "mention")
    assert rights.notes == ("a licence is named in the text but not granted to it",)


def test_detect_license_says_why_a_notice_does_not_grant() -> None:
    rights = detect_license(f"{STORY}{MEHR} {STORY}", RULES)
    assert rights.status == "unknown"
    assert rights.notes == ("a licence is named in the text but not granted to it (place)",)


def test_detect_license_without_licence_words_is_plainly_unknown() -> None:
    rights = detect_license(STORY, RULES)
    assert (rights.status, rights.evidence, rights.notes) == ("unknown", (), ())
    assert detect_license("", RULES).status == "unknown"


@pytest.mark.parametrize(
    ("other", "spdx", "effective"),
    [
        pytest.param(
            "This article is licensed under CC BY-NC 4.0.",
            "CC-BY-4.0 AND CC-BY-NC-4.0",
            ("by", "nc"),
            id="stricter",
        ),
        pytest.param(
            "This article is licensed under CC BY-SA 3.0.",
            "CC-BY-4.0 AND CC-BY-SA-3.0",
            ("by", "sa"),
            id="share-alike",
        ),
        pytest.param("All rights reserved.", "CC-BY-4.0", ("by",), id="reserved"),
        pytest.param("It may not be republished.", "CC-BY-4.0", ("by",), id="no-republication"),
        pytest.param(
            "This story is not available under a Creative Commons licence.",
            "CC-BY-4.0",
            ("by",),
            id="denied",
        ),
    ],
)
@pytest.mark.parametrize("is_after", [True, False])
def test_detect_license_reports_conflicts(
    other: str, spdx: str, effective: tuple[str, ...], is_after: bool
) -> None:
    body = f"{STORY}{MEHR} {other}" if is_after else f"{STORY}{other} {MEHR}"
    rights = detect_license(body, RULES)
    assert rights.status == "conflict"
    assert rights.spdx_expression == spdx
    assert rights.effective == effective
    assert rights.attribution_text is None
    assert rights.license_uri is None
    assert rights.licensor == "Mehr News Agency"
    assert rights.notes


@pytest.mark.parametrize(
    "limit",
    [
        "This licence does not apply to this story.",
        "Unless it is stated otherwise.",
        "Republication is prohibited.",
        "Stories of partners are not included.",
    ],
)
def test_detect_license_reports_a_limit_after_the_notice(limit: str) -> None:
    rights = detect_license(f"{STORY}{MEHR} {limit}", RULES)
    assert rights.status == "conflict"
    assert rights.notes == ("the words after the notice limit it",)


def test_detect_license_counts_the_same_notice_twice_as_one() -> None:
    rights = detect_license(f"{MEHR}\n\n{STORY}\n\n{MEHR}", RULES)
    assert rights.status == "granted"
    assert len(notice_spans(rights)) == 2


FULL = Supplied(
    title="The “dam”\nheld",
    authors=("Jane Roe", "Kim Li"),
    url="https://news.example/dam?id=1",
    publisher="Orchard Wire",
)


@pytest.mark.parametrize(
    ("notice", "supplied", "expected"),
    [
        pytest.param(
            MEHR,
            FULL,
            '"The “dam” held" by Jane Roe and Kim Li, Mehr News Agency'
            f" (https://news.example/dam?id=1), licensed under {BY} ({URI}).",
            id="all",
        ),
        pytest.param(
            MEHR,
            Supplied(title="Dam held"),
            f'"Dam held", Mehr News Agency, licensed under {BY} ({URI}).',
            id="title",
        ),
        pytest.param(
            MEHR,
            Supplied(authors=("Jane Roe",)),
            f"Jane Roe, Mehr News Agency, licensed under {BY} ({URI}).",
            id="author",
        ),
        pytest.param(
            MEHR,
            Supplied(url="https://news.example/dam"),
            f"Mehr News Agency (https://news.example/dam), licensed under {BY} ({URI}).",
            id="address",
        ),
        pytest.param(
            "This article is licensed under CC BY 4.0.",
            Supplied(publisher="Orchard Wire"),
            f"Orchard Wire, licensed under {BY} ({URI}).",
            id="publisher-for-licensor",
        ),
        pytest.param(
            "This article is licensed under CC BY 4.0.",
            Supplied(),
            f"Licensed under {BY} ({URI}).",
            id="nothing",
        ),
        pytest.param(
            "This article is marked with CC0 1.0.",
            Supplied(title="Dam held"),
            '"Dam held", marked with CC0 1.0 Universal'
            " (https://creativecommons.org/publicdomain/zero/1.0/).",
            id="public-domain",
        ),
    ],
)
def test_detect_license_credits_what_was_supplied(
    notice: str, supplied: Supplied, expected: str
) -> None:
    assert detect_license(STORY + notice, RULES, supplied).attribution_text == expected


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.spdx_id)
@pytest.mark.parametrize("supplied", [Supplied(), FULL, Supplied(title="Dam. Water. U.S. (1)")])
@pytest.mark.parametrize("subject", ["All Content by Mehr News Agency", "This article"])
def test_detect_license_recovers_the_licence_from_our_own_line(
    rule: LicenseRule,
    supplied: Supplied,
    subject: str,
) -> None:
    granted = detect_license(f"{STORY}{subject} is licensed under {rule.name}.", RULES, supplied)
    assert granted.attribution_text is not None
    recovered = detect_license(granted.attribution_text, RULES)
    assert recovered.spdx_expression == rule.spdx_id
    assert recovered.status == granted.status


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("All content by " * 100_000, id="subjects"),
        pytest.param("All Content by Mehr is licensed under CC BY 4.0. " * 20_000, id="notices"),
        pytest.param("All Content by Mehr is licensed under CC BY 4.0.\n" * 20_000, id="lines"),
        pytest.param("creative commons " * 60_000, id="names"),
        pytest.param("creative \n" * 100_000, id="half-names"),
        pytest.param("CC BY" + " " * 1_000_000 + "CC BY 4.0", id="spaces"),
        pytest.param("\n   " * 250_000 + "CC BY 4.0.", id="blank-lines"),
        pytest.param('"' * 999_000 + " CC BY 4.0. " * 150, id="quotes"),
        pytest.param("© 2024 A" + " A" * 500_000 + ". CC BY 4.0", id="licensors"),
        pytest.param("https://creativecommons.org/licenses/by/" * 25_000, id="addresses"),
        pytest.param("creativecommons.org/licenses/" + "-" * 1_000_000, id="long-code"),
    ],
)
def test_detect_license_is_linear_on_hostile_text(body: str) -> None:
    began = time.process_time()
    rights = detect_license(body, RULES)
    assert time.process_time() - began < 3
    assert rights.status == "unknown"
    assert len(rights.evidence) <= 20
    assert all(len(e.quote) <= 400 for e in rights.evidence)
