"""Nothing is lost, doubled or mangled by faults; the short form of ``docs/faults.md``."""

from __future__ import annotations

import pytest

from faults.pipeline import Pipeline
from faults.scenarios import SCENARIOS, SHORT, SHORT_SCENARIOS, describe, unsafe_shape

pytestmark = [
    pytest.mark.integration,
    # kafka-python leaves a socket open when it cannot connect, as to a broker that is being killed.
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket"),
]

SEED = 20261123


@pytest.mark.parametrize("name", SHORT_SCENARIOS)
def test_delivery_survives(name: str, pipeline: Pipeline) -> None:
    report = SCENARIOS[name](pipeline, SHORT, SEED)
    print(describe(report))  # noqa: T201 (the line that is read when it fails)
    assert report.result.is_clean, describe(report)


def test_oracle_reports_the_loss_of_the_unsafe_shape(pipeline: Pipeline) -> None:
    unsafe, real = unsafe_shape(pipeline, SHORT, SEED)
    print(describe(unsafe))  # noqa: T201
    print(describe(real))  # noqa: T201
    assert unsafe.result.lost
    assert real.result.is_clean, describe(real)
