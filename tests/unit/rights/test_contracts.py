from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from known_licenses import CONFIG, REGISTRY

from dateline.errors import ConfigError
from dateline.rights.contracts import contract_for, contract_statement, load_contracts

ROW = """
[[contract]]
source_id = "orchard.example"
license = "CC-BY-4.0"
licensor = "Orchard Wire"
since = 2026-01-01
signed_by = "A. Operator"
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "contracts.toml"
    path.write_text(text, encoding="utf-8")
    return path


def at(day: str) -> datetime:
    return datetime.fromisoformat(day).replace(hour=23, tzinfo=UTC)


def test_load_contracts_finds_none_in_the_file_as_it_comes() -> None:
    assert load_contracts(CONFIG / "contracts.toml", REGISTRY) == ()


def test_load_contracts_reads_the_example_of_the_file_as_it_comes(tmp_path: Path) -> None:
    text = (CONFIG / "contracts.toml").read_text(encoding="utf-8")
    example = text[text.index("# [[contract]]") :]
    uncommented = re.sub(r"^# ", "", example, flags=re.MULTILINE)
    (contract,) = load_contracts(written(tmp_path, uncommented), REGISTRY)
    assert (contract.license.spdx_id, contract.until) == ("CC-BY-4.0", date(2027, 12, 31))


def test_contract_for_asks_source_and_day(tmp_path: Path) -> None:
    path = written(tmp_path, f"{ROW}until = 2026-06-30\n{ROW.replace('2026-01', '2026-07')}")
    contracts = load_contracts(path, REGISTRY)
    first, second = contracts

    def found(day: str, source: str = "orchard.example") -> object:
        return contract_for(contracts, source_id=source, moment=at(day))

    assert found("2025-12-31") is None
    assert found("2026-01-01") is first
    assert found("2026-06-30") is first
    assert found("2026-07-01") is second
    assert found("2026-07-01", "other.example") is None


def test_contract_statement_quotes_the_row(tmp_path: Path) -> None:
    (contract,) = load_contracts(written(tmp_path, ROW), REGISTRY)
    stated = contract_statement(contract)
    assert (stated.rank, stated.layer, stated.licensor) == (100, "config", "Orchard Wire")
    assert stated.is_about_licensor
    assert json.loads(stated.quote)["signed_by"] == "A. Operator"


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        pytest.param(ROW.replace("CC-BY-4.0", "CC-BY-9.0"),
                     r"contract 1 \(orchard.example\): unknown licence `CC-BY-9.0`", id="licence"),
        pytest.param(f"{ROW}until = 2025-12-31", "`until` 2025-12-31 is before", id="days"),
        pytest.param(ROW + ROW, r"contract 2 \(orchard.example\): overlaps another", id="overlap"),
        pytest.param(ROW.replace('"A. Operator"', '""'), "signed_by", id="unsigned"),
        pytest.param(ROW.replace("since", "sinse"), "sinse", id="key"),
        pytest.param("[[contract]", "contracts", id="no-toml"),
    ],
)  # fmt: skip
def test_load_contracts_refuses(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(ConfigError, match=fault):
        load_contracts(written(tmp_path, text), REGISTRY)
