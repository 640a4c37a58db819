"""What `make test` and `make quality` ask for, and how it is raised."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from pathlib import Path

from .measures import MEASURES, Value

PATH = Path(__file__).with_name("floors.toml")
Floors = dict[str, dict[str, float]]
_HEAD = """\
# The least that `make test` and `make quality` accept (`permissive`: the most), by part of the gold
# set. Written by `python -m tests.quality --write-floors`, which refuses to lower one; with
# --allow-regression it does, and the commit says why.
"""


def load_floors(path: Path = PATH) -> Floors:
    """Return the floors by part and measure; none where the file is missing."""
    if not path.exists():
        return {}
    found: Floors = tomllib.loads(path.read_text(encoding="utf-8"))
    return found


def missed(found: Mapping[str, Mapping[str, Value]], floors: Floors) -> list[str]:
    """Return a line for every measure that is worse than its floor, or that is not there."""
    return [
        line
        for part, wanted in floors.items()
        if part in found
        for name, floor in wanted.items()
        if (line := _miss(part, name, found[part].get(name), floor))
    ]


def raised(found: Mapping[str, Mapping[str, Value]], floors: Floors) -> tuple[Floors, list[str]]:
    """Return the floors that what was found allows, and lines for those that would be lowered.

    They lie one hundredth below what was found: one item must not flip them. No permissive error
    is ever accepted, whatever was found.
    """
    new: Floors = {}
    lowered = []
    for part, values in found.items():
        for name, value in values.items():
            if value.value is None:
                continue
            is_low = MEASURES[name].is_better_low
            floor = 0.0 if is_low else max(0.0, math.floor(value.value * 100 - 1) / 100)
            before = floors.get(part, {}).get(name)
            if before is not None and (floor > before if is_low else floor < before):
                lowered.append(f"{part}: {name} {before} -> {floor}")
            new.setdefault(part, {})[name] = floor
    return new, lowered


def write_floors(floors: Floors, path: Path = PATH) -> None:
    """Write the floors."""
    lines = [_HEAD]
    for part, values in sorted(floors.items()):
        lines += [f"[{part}]", *(f"{name} = {floor:g}" for name, floor in values.items()), ""]
    path.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")


def _miss(part: str, name: str, value: Value | None, floor: float) -> str:
    if value is None or value.value is None:
        return f"{part}: {name} has no value, the floor is {floor}"
    is_worse = value.value > floor if MEASURES[name].is_better_low else value.value < floor
    return f"{part}: {name} is {value.value:.4f}, the floor is {floor}" if is_worse else ""
