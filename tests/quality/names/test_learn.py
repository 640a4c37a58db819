from __future__ import annotations

from pathlib import Path

from dateline.names.correspondence import UNPAIRED, learned_costs, pairing_cost

from .learn import PATH, learn_costs, write_costs

PAIRS = [
    ("باب", "bab"), ("بان", "ban"), ("ناب", "nab"), ("نان", "nan"), ("خان", "khan"),
    ("خاب", "khab"), ("ناخ", "nakh"), ("باخ", "bakh"), ("ابخن", "abkhan"), ("انخب", "ankhab"),
]  # fmt: skip


def test_learned_pairs_are_those_of_the_words() -> None:
    costs = learn_costs(PAIRS)

    right, wrong = (pairing_cost("نابخ", latin, costs) for latin in ("nabkh", "nabn"))
    assert right < 2.0
    assert wrong > UNPAIRED


def test_shipped_table_is_what_write_costs_writes(tmp_path: Path) -> None:
    written = tmp_path / "correspondence.json"

    write_costs(learned_costs(), written)

    assert written.read_bytes() == PATH.read_bytes()
