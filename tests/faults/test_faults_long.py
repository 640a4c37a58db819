"""The long form: ``make test-faults``; writes ``docs/faults.md``."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from faults.alert_faults import AlertReport, alerts_killed
from faults.pipeline import Pipeline
from faults.report import write_report
from faults.scenarios import (
    LONG,
    LONG_SCENARIOS,
    SCENARIOS,
    Report,
    describe,
    unsafe_shape,
)

pytestmark = [
    pytest.mark.faults,
    # kafka-python leaves a socket open when it cannot connect, as to a broker that is being killed.
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket"),
]

SEED = 7


@pytest.fixture(scope="module")
def alert_reports() -> list[AlertReport]:
    """Collect the reports of alerts."""
    return []


@pytest.fixture(scope="module")
def reports(alert_reports: list[AlertReport]) -> Iterator[dict[str, Report | None]]:
    """Collect the reports and write them, also when one is bad; None: begun and not finished."""
    found: dict[str, Report | None] = {}
    yield found
    unsafe = found.pop("unsafe", None)
    write_report(
        [report for report in found.values() if report],
        unsafe,
        [name for name, report in found.items() if not report],
        alert_reports,
    )


@pytest.mark.parametrize("name", [*SCENARIOS, *LONG_SCENARIOS])
def test_delivery_survives(
    name: str, pipeline: Pipeline, reports: dict[str, Report | None]
) -> None:
    scenario = (SCENARIOS | LONG_SCENARIOS)[name]
    reports[name] = None
    report = reports[name] = scenario(pipeline, LONG, SEED)
    print(describe(report))  # noqa: T201 (the line that is read when it fails)
    assert report.result.is_clean, describe(report)


def test_oracle_reports_the_loss_of_the_unsafe_shape(
    pipeline: Pipeline, reports: dict[str, Report | None]
) -> None:
    reports["after unsafe"] = None
    unsafe, real = unsafe_shape(pipeline, LONG, SEED)
    reports["unsafe"], reports["after unsafe"] = unsafe, real
    assert unsafe.result.lost
    assert real.result.is_clean, describe(real)


def test_alerts_survive(
    pipeline: Pipeline,
    reports: dict[str, Report | None],
    alert_reports: list[AlertReport],
) -> None:
    reports["alerts killed"] = None
    report = alerts_killed(pipeline, LONG, SEED)
    del reports["alerts killed"]
    alert_reports.append(report)
    print(report)  # noqa: T201
    assert report.is_clean, report
    assert report.failed > 0
