"""Read the usage preferences of IETF AIPREF (draft-ietf-aipref-attach, draft-ietf-aipref-vocab).

The vocabulary still changes: all keys are kept as stated, and those of the drafts are understood.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from dateline.records import RightsSignal
from dateline.rights.record import Preference, RawPreference
from dateline.rights.signals.path_pattern import is_match, path_of, specificity
from dateline.rights.signals.robots_lines import binding_lines
from dateline.rights.statement import StatedPreference

PROTOCOL = "aipref"
NAME = "content-usage"
_META = (f"meta[name={NAME}]", f"meta[http-equiv={NAME}]")
_ENTRY = re.compile(r"\s*([A-Za-z*][\w.*-]{0,60})\s*=\s*\"?\??([A-Za-z0-9]{1,10})")
_VALUES: dict[str, Preference] = {
    "y": "allowed", "n": "disallowed", "yes": "allowed", "no": "disallowed", "1": "allowed",
    "0": "disallowed",
}  # fmt: skip
# What each label says of our three uses; one draft after the other renamed them.
_USES: dict[str, tuple[str, ...]] = {
    "train-ai": ("ai_train",), "ai-train": ("ai_train",), "ai-use": ("ai_input",),
    "ai-input": ("ai_input",), "ai": ("ai_train", "ai_input"), "search": ("search",),
    "all": ("ai_train", "ai_input", "search"), "bots": ("ai_train", "ai_input", "search"),
    "automated": ("ai_train", "ai_input", "search"), "tdm": ("ai_train", "ai_input", "search"),
}  # fmt: skip
# A part of a use: who forbids it forbids ours, who allows it does not allow all of ours.
_PARTS: dict[str, str] = {
    "train-genai": "ai_train", "genai": "ai_train", "foundation-model-production": "ai_train",
}  # fmt: skip
_GENERAL = frozenset({"all", "bots", "automated", "tdm", "ai"})

Uses = dict[str, Preference]


def read_aipref(
    signals: Sequence[RightsSignal], *, article_url: str | None
) -> tuple[StatedPreference, ...]:
    """Return the preferences of header, meta and robots.txt together; () where none are stated.

    In robots.txt the line with the longest path that fits counts, several with one path together.
    Across all of them "disallow" wins.

    Raises: Nothing.
    """
    raw: list[RawPreference] = []
    statements: list[Uses] = []
    for signal in signals:
        if signal.layer == "robots":
            values = [line.value for line in binding_lines(signal.value) if line.field == NAME]
            statements.extend(map(uses_of, _longest(values, path_of(article_url))))
        elif signal.field == NAME or signal.field in _META:
            values = [signal.value]
            statements.append(uses_of(signal.value))
        else:
            continue
        raw.extend(
            RawPreference(
                protocol=PROTOCOL, field=signal.field, value=value, source_url=signal.source_url
            )
            for value in values
        )
    return (stated_uses(raw, strictest(statements)),) if raw else ()


def stated_uses(raw: Sequence[RawPreference], uses: Uses) -> StatedPreference:
    """Return as one preference what the statements ``raw`` say together of our uses."""
    return StatedPreference(
        raw=tuple(raw),
        ai_train=uses.get("ai_train"),
        ai_input=uses.get("ai_input"),
        search=uses.get("search"),
    )


def uses_of(value: str) -> Uses:
    """Return what one list of ``label=y|n`` says of our uses; a label beats a general one."""
    general: list[Uses] = []
    exact: list[Uses] = []
    for entry in value[:4000].split(","):
        found = _ENTRY.match(entry)
        preference = _VALUES.get(found[2].lower()) if found else None
        if found is None or preference is None:
            continue
        label = found[1].lower()
        uses = dict.fromkeys(_USES.get(label, ()), preference)
        if label in _PARTS and preference == "disallowed":
            uses = {_PARTS[label]: preference}
        (general if label in _GENERAL else exact).append(uses)
    return {**strictest(general), **strictest(exact)}


def strictest(statements: Iterable[Uses]) -> Uses:
    """Return for each use the strictest that any statement says of it."""
    found: Uses = {}
    for statement in statements:
        for use, preference in statement.items():
            if found.get(use) != "disallowed":
                found[use] = preference
    return found


def split_path(value: str) -> tuple[str, str]:
    """Return the path that a line of robots.txt begins with, "/" without one, and the rest."""
    first, _, rest = value.strip().partition(" ")
    return (first, rest) if first.startswith(("/", "*")) else ("/", value)


def _longest(values: Iterable[str], path: str | None) -> Iterator[str]:
    fitting = [
        (specificity(pattern), rest)
        for pattern, rest in map(split_path, values)
        # Of an unknown place only what is said of every place.
        if pattern.startswith("*") or is_match(path or "/", pattern)
    ]
    longest = max((length for length, _ in fitting), default=0)
    yield from (rest for length, rest in fitting if length == longest)
