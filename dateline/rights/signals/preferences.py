"""Read the usage preferences of all protocols; each is resolved by its own rule."""

from __future__ import annotations

from collections.abc import Sequence

from dateline.records import RightsSignal
from dateline.rights.signals.aipref import read_aipref
from dateline.rights.signals.content_signal import read_content_signals
from dateline.rights.signals.robots_meta import read_robots_meta
from dateline.rights.signals.rsl import read_rsl
from dateline.rights.signals.tdmrep import read_tdmrep
from dateline.rights.statement import StatedPreference


def read_preferences(
    signals: Sequence[RightsSignal], *, article_url: str | None
) -> tuple[StatedPreference, ...]:
    """Return what is stated of mining, AI, search and snippets, at most one for each protocol.

    None of it is a licence. ``read_robots_access`` of ``robots_meta`` reads the times.

    Raises: Nothing.
    """
    return (
        *read_tdmrep(signals, article_url=article_url),
        *read_aipref(signals, article_url=article_url),
        *read_content_signals(signals, article_url=article_url),
        *read_rsl(signals, article_url=article_url),
        *read_robots_meta(signals),
    )
