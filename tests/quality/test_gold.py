"""The gold set itself: readable, complete, and labelled without contradictions."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from .gather import gather
from .gold import FRAMES, PARTS, STATUSES, Item, Part, faults, load_gold, unmarked

DEV, FROZEN = load_gold("dev"), load_gold("frozen")
ALL = DEV + FROZEN
# Forms that a reader takes for a grant at first sight, by words that tags are made of.
HARD = ["hidden", "comment", "lookalike", "homoglyph", "quoted", "negated", "reported",
        "hypothetical", "third_party", "theme", "rsl", "footer"]  # fmt: skip


def test_the_set_is_large_and_a_third_of_the_first_items_is_frozen() -> None:
    # Dev grows while rules are written; frozen items never become dev items.
    assert len(ALL) >= 300
    assert len(FROZEN) >= 200
    assert not {item.id for item in DEV} & {item.id for item in FROZEN}


def test_no_item_contradicts_the_guidelines() -> None:
    assert faults(DEV) == []
    # Of frozen items nothing is shown, not even what is wrong with them.
    assert len(faults(FROZEN)) == 0


@pytest.mark.parametrize("part", PARTS)
def test_every_status_and_frame_is_there(part: Part) -> None:
    items = DEV if part == "dev" else FROZEN
    assert {item.expect.status for item in items} == set(STATUSES)
    assert {notice.frame for item in items for notice in item.notices} == set(FRAMES)


def test_the_languages_and_hard_negatives_are_there() -> None:
    languages = Counter(item.language.partition("-")[0] for item in ALL)
    assert all(languages[code] >= 30 for code in ("en", "de", "fr", "es", "fa"))
    assert len(languages) >= 15
    tags = " ".join(tag for item in ALL for tag in item.tags)
    assert [name for name in HARD if name not in tags] == []


def test_our_producers_accept_every_part_of_every_item() -> None:
    layers = Counter(signal.layer for item in ALL for signal in gather(item).article.rights_signals)
    assert set(layers) == {"html", "jsonld", "http", "feed", "ninjs", "robots", "wellknown", "rsl"}
    with_parts = [item for item in ALL if item.beside.page_html]
    assert all(gather(item).page_html for item in with_parts)


def test_marks_are_taken_out_and_offsets_are_those_of_their_words() -> None:
    body, spans = unmarked("One. [[a|Two (c).]] Three [[b|[four]]] five")
    assert body == "One. Two (c). Three [four] five"
    assert {name: body[start:end] for name, (start, end) in spans.items()} == {
        "a": "Two (c).",
        "b": "[four]",
    }


ROW = """[[item]]
id = "x-1"
language = "en"
tags = []
body = "Text. [[a|CC BY 4.0]]"
[item.expect]
status = "granted"
spdx = "CC-BY-4.0"
effective = ["by"]
[[item.expect.notices]]
mark = "a"
frame = "grant_text"
object = "text"
spdx = "CC-BY-4.0"
"""


def load(folder: Path, text: str) -> tuple[Item, ...]:
    (folder / "dev-x.toml").write_text(text, encoding="utf-8")
    return load_gold("dev", folder)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ('status = "granted"', 'status = "unknown"', "x-1: status unknown with a licence"),
        (
            'spdx = "CC-BY-4.0"\neff',
            'spdx = "CC-BY-5.0"\neff',
            "x-1: spdx 'CC-BY-5.0' is no sorted",
        ),
        ('"text"\nspdx = "CC-BY-4.0"', '"text"\nspdx = "x"', "x-1: spdx 'x' of a notice or object"),
        ('["by"]', '["nc", "by"]', "x-1: effective is not of"),
        ("CC BY 4.0]]", "CC BY 4.0 ]]", "x-1: a mark has no words, or white space"),
        ('"x-1"', '"x-1"', ""),
    ],
)
def test_a_mistake_in_a_label_is_named(tmp_path: Path, old: str, new: str, fault: str) -> None:
    assert old in ROW
    found = faults(load(tmp_path, ROW.replace(old, new)))
    assert [fault in line for line in found] == ([True] if fault else [])


def test_an_id_that_stands_twice_is_named(tmp_path: Path) -> None:
    assert faults(load(tmp_path, ROW + ROW)) == ["x-1: the id stands 2 times"]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('mark = "a"', 'mark = "b"', "x-1: marks"),
        ('frame = "grant_text"', 'frame = "grant"', "dev-x.toml: Invalid enum value"),
        ('language = "en"', 'language = "en"\nlang = "en"', "dev-x.toml: .*unknown field `lang`"),
        ("[[item]]", "[[item]", "dev-x.toml: "),
    ],
)
def test_a_file_that_cannot_be_read_is_named(
    tmp_path: Path, old: str, new: str, message: str
) -> None:
    with pytest.raises(ValueError, match=message):
        load(tmp_path, ROW.replace(old, new, 1))
