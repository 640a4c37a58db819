"""Read Content Signals (contentsignals.org): ``Content-Signal: search=yes, ai-train=no``.

They stand in a group of robots.txt; seen as a header or meta element they count as well. No rule
of theirs says what holds when two of them differ: the stricter.
"""

from __future__ import annotations

from collections.abc import Sequence

from dateline.records import RightsSignal
from dateline.rights.record import RawPreference
from dateline.rights.signals.aipref import Uses, split_path, stated_uses, strictest, uses_of
from dateline.rights.signals.path_pattern import is_match, path_of
from dateline.rights.signals.robots_lines import binding_lines
from dateline.rights.statement import StatedPreference

PROTOCOL = "content-signal"
NAME = "content-signal"


def read_content_signals(
    signals: Sequence[RightsSignal], *, article_url: str | None
) -> tuple[StatedPreference, ...]:
    """Return what the signals that bind us say together; () where there are none.

    Raises: Nothing.
    """
    raw: list[RawPreference] = []
    statements: list[Uses] = []
    path = path_of(article_url) or "/"
    for signal in signals:
        if signal.layer == "robots":
            values = [line.value for line in binding_lines(signal.value) if line.field == NAME]
        elif signal.field in (NAME, f"meta[name={NAME}]", f"meta[http-equiv={NAME}]"):
            values = [signal.value]
        else:
            continue
        for value in values:
            raw.append(
                RawPreference(
                    protocol=PROTOCOL, field=signal.field, value=value, source_url=signal.source_url
                )
            )
            pattern, stated = split_path(value)
            if is_match(path, pattern):
                statements.append(uses_of(stated))
    return (stated_uses(raw, strictest(statements)),) if raw else ()
