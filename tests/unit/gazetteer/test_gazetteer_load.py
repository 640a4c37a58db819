from __future__ import annotations

import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from dateline.gazetteer.find import Gazetteer
from dateline.gazetteer.load import CONFIG_FOLDER, GazetteerData, load_data
from dateline.gazetteer.rows import GazetteerRow


@pytest.fixture(scope="module")
def rows(gazetteer: Gazetteer) -> list[GazetteerRow]:
    data: GazetteerData = gazetteer.data
    return list({entry.row: None for each in data.entries.values() for entry in each})


def test_ids_are_wikidata_ids_and_belong_to_one_thing(rows: list[GazetteerRow]) -> None:
    assert all(re.fullmatch(r"Q[1-9]\d*", row.qid) for row in rows if row.qid)
    counts = Counter(row.qid for row in rows if row.qid)
    shared = {qid for qid, count in counts.items() if count > 1}
    # A city that is its own state or country is one thing in two rows.
    assert {
        row.name for row in rows if row.qid in shared and row.kind in {"person", "region"}
    } == set()
    assert all(
        {row.kind for row in rows if row.qid == qid} <= {"city", "subdivision", "country"}
        for qid in shared
    )


def test_every_city_with_an_id_is_among_the_cities() -> None:
    data = load_data()
    ids = dict(
        re.findall(r'^"(.+)" = "(Q\d+)"$', (CONFIG_FOLDER / "city_ids.toml").read_text(), re.M)
    )
    known = {entry.row.name for each in data.entries.values() for entry in each if entry.row.qid}
    assert set(ids) - known == set()


def test_points_lie_on_the_globe(rows: list[GazetteerRow]) -> None:
    points = [row.geo_point for row in rows if row.geo_point]
    assert len(points) > 5000
    assert all(-90 <= lat <= 90 and -180 <= lon <= 180 for lat, lon in points)


def test_there_are_hundreds_of_organisations_and_all_countries(rows: list[GazetteerRow]) -> None:
    kinds = Counter(row.kind for row in rows)
    assert kinds["organisation"] >= 400
    assert kinds["country"] >= 195


def test_unknown_field_is_refused(tmp_path: Path) -> None:
    for file in CONFIG_FOLDER.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "people.toml").write_text('[politics]\n"A B" = {wikidata = "Q1"}\n')
    with pytest.raises(msgspec.ValidationError, match="wikidata"):
        load_data(tmp_path)


def test_load_fits_in_memory() -> None:
    script = (
        "import resource, dateline.gazetteer.find as f\n"
        "peak = lambda: resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024\n"
        "before = peak(); gazetteer = f.load_gazetteer(); print(peak() - before)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert int(done.stdout) < 60
