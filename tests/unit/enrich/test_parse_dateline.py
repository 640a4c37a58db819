from __future__ import annotations

import pytest

from processors.enrich.parse_dateline import parse_dateline

STORY = "The ministers met on Saturday."

POSITIVE = [
    # head, place, agency, date
    ("TEHRAN – ", "Tehran", None, None),
    ("TEHRAN— ", "Tehran", None, None),
    ("TEHRAN -- ", "Tehran", None, None),
    ("TEHRAN--", "Tehran", None, None),
    ("TEHRAN - ", "Tehran", None, None),
    ("TEHRAN, Iran — ", "Tehran, Iran", None, None),
    ("TEHRAN, Jun. 03 (MNA) – ", "Tehran", "MNA", "Jun. 03"),
    ("LONDON (Reuters) - ", "London", "Reuters", None),
    ("DOHA, Qatar (AP) — ", "Doha, Qatar", "AP", None),
    ("DOHA, Qatar (AP) _ ", "Doha, Qatar", "AP", None),
    ("PARIS, June 3 (AFP) -- ", "Paris", "AFP", "June 3"),
    ("PARIS, JUNE 3 (AFP) -- ", "Paris", "AFP", "JUNE 3"),
    ("PARIS, 3 juin (AFP) - ", "Paris", "AFP", "3 juin"),
    ("PARIS, 1er mars 2024 (AFP) – ", "Paris", "AFP", "1er mars 2024"),
    ("WASHINGTON -- ", "Washington", None, None),
    ("WASHINGTON, D.C. — ", "Washington, D.C.", None, None),
    ("WASHINGTON D.C. (AP) — ", "Washington D.C.", "AP", None),
    ("NEW YORK/LONDON, March 4 (Reuters) - ", "New York/London", "Reuters", "March 4"),
    ("NEW YORK — ", "New York", None, None),
    ("THE HAGUE, Netherlands (AP) — ", "The Hague, Netherlands", "AP", None),
    ("(Reuters) - ", "", "Reuters", None),
    ("(AFP) – ", "", "AFP", None),
    ("BEIRUT: ", "Beirut", None, None),
    ("OSLO – ", "Oslo", None, None),
    ("Paris (AFP) – ", "Paris", "AFP", None),
    ("Rio de Janeiro (AFP) – ", "Rio de Janeiro", "AFP", None),
    ("RIO DE JANEIRO (Reuters) - ", "Rio de Janeiro", "Reuters", None),
    ("PORT-AU-PRINCE, Haiti (AP) — ", "Port-au-Prince, Haiti", "AP", None),
    ("N'DJAMENA (Reuters) - ", "N'Djamena", "Reuters", None),
    ("XI'AN, China (AP) — ", "Xi'an, China", "AP", None),
    ("COX'S BAZAR, Bangladesh – ", "Cox's Bazar, Bangladesh", None, None),
    ("ST. LOUIS (AP) — ", "St. Louis", "AP", None),
    ("SHARM EL-SHEIKH, Egypt — ", "Sharm el-Sheikh, Egypt", None, None),
    ("KEY WEST, Fla. (AP) — ", "Key West, Fla.", "AP", None),
    ("ABU DHABI, 3 June 2024 (WAM) -- ", "Abu Dhabi", "WAM", "3 June 2024"),
    ("BEIJING, Nov. 2 (Xinhua) -- ", "Beijing", "Xinhua", "Nov. 2"),
    ("MEXICO CITY, (EFE) - ", None, None, None),
    ("GAZA CITY — ", "Gaza City", None, None),
    ("ZÜRICH (Reuters/dpa) - ", "Zürich", "Reuters/dpa", None),
    ("ISTANBUL (Anadolu Agency) – ", "Istanbul", "Anadolu Agency", None),
    ("UNITED NATIONS — ", "United Nations", None, None),
]
NEGATIVE = [
    "Iran — which has denied the charge — said no.",
    "Iran — The ministry said no.",
    "IRAN — which has denied it — said no.",
    "BREAKING: The dam broke.",
    "BREAKING — The dam broke.",
    "UPDATE 1 - The dam broke.",
    "UPDATE 2-The dam broke.",
    "WATCH: The dam breaks.",
    "WATCH LIVE: The dam breaks.",
    "EXCLUSIVE - The dam broke.",
    "EXCLUSIVE: Minister resigns over dam.",
    "COVID-19 – what to know",
    "COVID-19 – What to know",
    "COVID – What to know about it.",
    "NATO – The alliance met.",
    "NCAA: The season begins.",
    "UN: Talks go on.",
    "U.S. – Iran talks go on.",
    "FACT CHECK — No, the dam did not break.",
    "OPINION – The dam should go.",
    "ANALYSIS: The dam should go.",
    "STOCKS RISE — Wall Street gained again.",
    "OIL PRICES FALL - Brent lost two percent.",
    "IRAN AND QATAR HOLD TALKS - DAM ON THE AGENDA",
    "DAM BREAKS – MINISTER RESIGNS OVER REPORT",
    "TEHRAN – ",
    "TEHRAN – – –",
    "The World Health Organization (WHO) — the agency — met.",
    "Joint Comprehensive Plan of Action (JCPOA) — The deal of 2015.",
    "Apple (AAPL) - Shares rose on Friday.",
    "Jane Roe (D) - The senator spoke.",
    "(MORE) - The dam broke.",
    "(1) - The dam broke.",
    "In Tehran – The ministers met.",
    "Tehran: The ministers met.",
    "A - The first letter.",
    "Q&A – What you need to know.",
    "EU - The union met.",
    "INTERVIEW - Minister sees no war.",
    "PHOTOS: The dam from above.",
    "EDITOR'S NOTE: This story was corrected.",
    "تهران - گفت وگو",
    "Нет — сказал он.",
    "The ministers met in Doha.",
    "It was over at 3:30 - The ministers left.",
    "A town of two hundred people that nobody had heard of until the dam over it broke at night"
    " of Tuesday, DOHA - The rest.",
    "",
]


@pytest.mark.parametrize(("head", "place", "agency", "date"), POSITIVE, ids=lambda v: str(v))
def test_parse_dateline_reads(
    head: str, place: str | None, agency: str | None, date: str | None
) -> None:
    found = parse_dateline(head + STORY)
    if place is None:
        assert found is None
        return
    assert found is not None
    assert (found.place, found.agency, found.date_text) == (place, agency, date)
    assert (found.start, found.end) == (0, len(head))


@pytest.mark.parametrize("text", NEGATIVE)
def test_parse_dateline_does_not_fire(text: str) -> None:
    assert parse_dateline(text) is None


@pytest.mark.parametrize(
    "opening", ['"We met,"', "'We met,'", "3,000 people", "«Nous»", "U.S. and"]
)
def test_parse_dateline_knows_how_stories_begin(opening: str) -> None:
    found = parse_dateline(f"DOHA – {opening} said.")
    assert found is not None
    assert found.end == 7
