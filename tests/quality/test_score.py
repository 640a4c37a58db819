"""The measures: what counts as a hit, and that a permissive answer is never missed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from .detectors import Prediction, by_trafilatura, normal_spdx
from .floors import load_floors, missed, raised, write_floors
from .gather import gather
from .gold import Beside, Expected, Item, Notice, ObjectLicense, Supplied
from .measures import Value, calibration_error, values
from .score import family, frame_pairs, score, span_tally, tally

GRANT = Notice(start=6, end=15, frame="grant_text", object="text", spdx="CC-BY-NC-4.0")
ITEM = Item(
    id="x-1",
    part="dev",
    theme="x",
    language="en",
    tags=(),
    body="Text. CC BY-NC",
    article=Supplied(),
    beside=Beside(),
    expect=Expected(status="granted", spdx="CC-BY-NC-4.0", effective=("by", "nc")),
    notices=(GRANT,),
)
RIGHT = Prediction(
    status="granted",
    spdx="CC-BY-NC-4.0",
    effective=("by", "nc"),
    notices=(GRANT,),
    confidence=0.9,
)
UNKNOWN = Expected(
    status="unknown",
    spdx="NOASSERTION",
    effective=(),
    objects=(ObjectLicense(kind="image", spdx="CC-BY-2.0"),),
)
CONFLICT = Expected(status="conflict", spdx="CC-BY-NC-4.0", effective=("by", "nc"))
OTHERS = ("licence of another object given to the text",)


def test_the_right_answer_is_right_and_silence_is_never_permissive() -> None:
    assert score(ITEM, RIGHT).is_right
    silent = score(ITEM, Prediction(status="unknown"))
    assert (silent.is_right, silent.permissive) == (False, ())


@pytest.mark.parametrize(
    ("expect", "given", "reasons"),
    [
        (ITEM.expect, RIGHT, ()),
        (ITEM.expect, replace(RIGHT, effective=("by",), spdx="CC-BY-4.0"), ("lost nc",)),
        (ITEM.expect, Prediction(status="public_domain", spdx="CC0-1.0"), ("lost by nc",)),
        (ITEM.expect, replace(RIGHT, effective=("by", "nc", "nd")), ()),
        (UNKNOWN, RIGHT, ("granted",)),
        (UNKNOWN, replace(RIGHT, spdx="CC-BY-2.0"), OTHERS),
        (UNKNOWN, Prediction(status="reserved"), ()),
        (UNKNOWN, replace(RIGHT, status="conflict"), ()),
        (CONFLICT, RIGHT, ("granted",)),
    ],
)
def test_what_gives_more_than_was_given_is_permissive(
    expect: Expected, given: Prediction, reasons: tuple[str, ...]
) -> None:
    item = replace(ITEM, expect=expect)
    assert score(item, given).permissive == reasons


def test_notices_are_paired_by_their_place_and_strangers_count_against_precision() -> None:
    longer = replace(GRANT, end=14)
    other = replace(GRANT, start=0, end=4, frame="mention")
    row = score(ITEM, replace(RIGHT, notices=(other, longer)))
    assert (span_tally([row]).hits, span_tally([row]).found) == (0, 2)
    by_frame = tally(frame_pairs([row]))
    assert (by_frame["grant_text"].precision, by_frame["grant_text"].recall) == (1.0, 1.0)
    assert (by_frame["mention"].precision, by_frame["mention"].recall) == (0.0, None)


def test_numbers_are_the_same_every_time_and_inside_their_interval() -> None:
    rows = [score(ITEM, RIGHT if n % 3 else Prediction(status="unknown")) for n in range(30)]
    found = values(rows)
    assert values(rows) == found
    answer = found["answer"]
    assert answer.value == pytest.approx(20 / 30)
    assert answer.low is not None
    assert answer.high is not None
    assert 0.4 < answer.low < 20 / 30 < answer.high < 0.9
    assert found["grant_recall"].value == pytest.approx(20 / 30)
    assert found["grant_precision"].value == 1.0
    assert found["permissive"].value == 0.0
    assert found["preferences"].value is None


def test_the_calibration_error_is_the_gap_between_confidence_and_truth() -> None:
    wrong = replace(RIGHT, spdx="CC-BY-4.0")
    rows = [score(ITEM, wrong if n == 0 else RIGHT) for n in range(4)]
    error, count = calibration_error([*rows, score(ITEM, Prediction(status="unknown"))])
    assert count == 4
    assert error == pytest.approx(0.9 - 0.75)


@pytest.mark.parametrize(
    ("label", "spdx"),
    [
        ("CC BY 3.0", "CC-BY-3.0"),
        ("CC BY-SA 3.0 DE", "CC-BY-SA-3.0-DE"),
        ("CC BY-NC-SA 2.0 DE", "CC-BY-NC-SA-2.0-DE"),
        ("CC BY-SA 2.5 CH", "LicenseRef-CC-BY-SA-2.5-CH"),
        ("CC-BY-NC-ND-4.0-DE", "CC-BY-NC-ND-4.0"),
        ("CC-BY-SA", "LicenseRef-CC-BY-SA"),
        ("CC0 1.0", "CC0-1.0"),
        ("Impressum", None),
        ("", None),
    ],
)
def test_labels_in_several_spellings_mean_one_licence(label: str, spdx: str | None) -> None:
    assert normal_spdx(label) == spdx


def test_families_are_without_version_and_port() -> None:
    assert family("CC-BY-SA-3.0-DE") == family("LicenseRef-CC-BY-SA") == "BY-SA"
    assert family("CC0-1.0") == "public_domain"
    assert family("CC-BY-4.0 AND CC-BY-NC-4.0") == "several"
    assert family("NOASSERTION") is None


def test_a_miss_is_named_and_a_floor_is_raised_but_not_lowered(tmp_path: Path) -> None:
    def found(permissive: float, answer: float) -> dict[str, dict[str, Value]]:
        numbers = {"permissive": permissive, "answer": answer}
        return {"dev": {name: Value(x, x, x, 100) for name, x in numbers.items()}}

    floors, lowered = raised(found(0.0, 0.9), {})
    assert (floors, lowered) == ({"dev": {"permissive": 0.0, "answer": 0.89}}, [])
    assert raised(found(0.01, 0.9), floors) == (floors, [])
    assert missed(found(0.0, 0.9), floors) == []
    assert missed(found(0.01, 0.88), floors) == [
        "dev: permissive is 0.0100, the floor is 0.0",
        "dev: answer is 0.8800, the floor is 0.89",
    ]
    assert raised(found(0.0, 0.8), floors)[1] == ["dev: answer 0.89 -> 0.79"]
    assert missed({"dev": {}}, {"dev": {"answer": 0.5}}) == [
        "dev: answer has no value, the floor is 0.5"
    ]
    path = tmp_path / "floors.toml"
    write_floors(floors, path)
    assert load_floors(path) == floors


def test_another_detector_can_be_scored() -> None:
    page = '<html><body><p>{{body}}</p><a rel="license" href="https://creativecommons.org/licenses/by-nc/4.0/">x</a></body></html>'
    item = replace(ITEM, beside=Beside(page_html=page))
    assert score(item, by_trafilatura(gather(item))).is_right
    assert by_trafilatura(gather(ITEM)).status == "unknown"
