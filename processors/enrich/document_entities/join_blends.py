"""Join blends of a given name and a surname with the person of that name: "BoJo", "J-Lo"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from .groups import Group, is_linked

_BLEND = re.compile(r"([A-Z][a-z]*)-?([A-Z][a-z]+)")
_LEAST_CHARS = 3


def join_blends(people: Sequence[Group]) -> list[Group]:
    """Return the groups, each blend with the one full name whose two beginnings it is made of."""
    blends = {id(each): parts for each in people if (parts := _parts(each))}
    if not blends:
        return list(people)
    kept = []
    for group in people:
        parts = blends.get(id(group))
        fits = [other for other in people if _is_made_of(other, parts)] if parts else []
        if len(fits) == 1:
            fits[0].absorb(group, "blend_of_full_name")
        else:
            kept.append(group)
    return kept


def _parts(group: Group) -> tuple[str, str] | None:
    found = _BLEND.fullmatch(group.name)
    if found is None or is_linked(group.link) or len(found[0]) < _LEAST_CHARS:
        return None
    return found[1], found[2]


def _is_made_of(group: Group, parts: tuple[str, str] | None) -> bool:
    words = group.name.split()
    return (
        parts is not None
        and len(words) > 1
        and words[0].startswith(parts[0])
        and words[-1].startswith(parts[1])
        and len(words[-1]) > len(parts[1])
    )
