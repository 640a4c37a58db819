"""Where the model is not sure of a grant that the rules see: it counts, and gives nothing."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from known_licenses import REGISTRY

from dateline.rights.facts import Facts
from dateline.rights.notices import find_notices, frames, weigh
from dateline.rights.record import Frame
from dateline.rights.resolve import resolve
from dateline.rights.statement import Reading

STORY = "Otters 17, herons 4.\n\n"
PLAIN = "This article is licensed under CC BY 4.0."
LONG = (
    "Whoever wants to read it aloud on the ferry may do so, as this article, which took us three "
    "winters, is licensed under CC BY 4.0."
)


class _Sure:
    """A model that finds a grant as likely as it is told to."""

    def __init__(self, likelihood: float) -> None:
        self._likelihood = likelihood

    def probabilities(self, _: object) -> Mapping[Frame, float]:
        return {"grant_text": self._likelihood, "mention": 1 - self._likelihood}


def _status(notice: str) -> str:
    found = find_notices(STORY + notice, REGISTRY, language="en")
    return resolve(Reading(statements=found), Facts()).status


@pytest.mark.parametrize(
    ("likelihood", "of_plain", "of_long"),
    [
        (weigh.LEAST_WITH_RULES, "granted", "granted"),
        (weigh.LEAST_TO_COUNT, "granted", "conflict"),
        (weigh.LEAST_TO_COUNT - 0.01, "unknown", "unknown"),
    ],
)
def test_the_less_sure_a_grant_is_the_less_it_gives(
    monkeypatch: pytest.MonkeyPatch, likelihood: float, of_plain: str, of_long: str
) -> None:
    monkeypatch.setattr(frames, "load_frame_model", lambda: _Sure(likelihood))
    assert (_status(PLAIN), _status(LONG)) == (of_plain, of_long)


def test_of_two_licences_the_doubtful_one_is_not_overlooked(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(frames, "load_frame_model", lambda: _Sure(weigh.LEAST_TO_COUNT))
    assert _status(f"{PLAIN}\n\n{LONG.replace('BY 4.0', 'BY-NC 4.0')}") == "conflict"
