"""Return the lines of a robots.txt that speak of rights, and those of them that bind one robot.

Such lines are ``License`` (RSL), ``Content-Usage`` (AIPREF) and ``Content-Signal``. Groups are
those of RFC 9309: a robot obeys the groups of its own name together, else those of ``*``.
"""

from __future__ import annotations

import functools
import re
from dataclasses import dataclass

RIGHTS_FIELDS = frozenset({"license", "content-usage", "content-signal"})
USER_AGENT_TOKEN = "dateline"  # noqa: S105 (the product name that groups are addressed to)
MAX_CHARS = 600_000
MAX_LINE_CHARS = 2000
# Nobody states that much; the value travels with every article of the site.
MAX_LINES = 64
_LINE = re.compile(r"\s*([A-Za-z][A-Za-z -]{0,30}?)\s*:\s*(.*)")
_COMMENT = re.compile(r"(?:^|\s)#.*")  # an address has a `#` of its own
_USER_AGENT = ("user-agent", "useragent")
_PRODUCT = re.compile(r"[a-z_-]+|\*")


@dataclass(frozen=True, slots=True)
class RobotsLine:
    """One line: its lower-case field, its value without comment. ``is_grouped``: in a group."""

    field: str
    value: str
    is_grouped: bool


@functools.lru_cache(maxsize=64)  # three protocols read the same lines, for each article of a site
def binding_lines(text: str, *, token: str = USER_AGENT_TOKEN) -> tuple[RobotsLine, ...]:
    """Return the rights lines for everybody and those of the robot's own groups, in order.

    A ``License`` line that a blank line parts from the group before it is for everybody: the guide
    of RSL shows it alone, above or below the groups.

    Raises: Nothing.
    """
    everybody: list[RobotsLine] = []
    groups: dict[str, list[RobotsLine]] = {}
    names: set[str] = set()
    is_in_group = is_naming = is_after_blank = False
    for raw in text[:MAX_CHARS].splitlines():
        line = _COMMENT.sub("", raw[:MAX_LINE_CHARS]).strip()
        found = _LINE.fullmatch(line)
        if found is None:
            is_after_blank = not raw.strip()
            continue
        field, value = found[1].lower().replace(" ", "-"), found[2].strip()
        if field in _USER_AGENT:
            names = names if is_naming else set()
            if (name := _product(value)) in (token, "*"):
                names.add(name)
                groups.setdefault(name, [])
            is_in_group = True
        elif field in RIGHTS_FIELDS and value:
            is_apart = is_after_blank and field == "license" and not is_naming
            if is_apart or not is_in_group:
                everybody.append(RobotsLine(field, value, is_grouped=False))
            else:
                for name in names:
                    groups[name].append(RobotsLine(field, value, is_grouped=True))
        is_naming, is_after_blank = field in _USER_AGENT, False
    own = groups.get(token, groups.get("*", []))
    return (*everybody, *own)[:MAX_LINES]


def rights_lines(text: str, *, token: str = USER_AGENT_TOKEN) -> str:
    """Return a robots.txt of the binding rights lines alone; "" where there are none.

    ``binding_lines`` reads the same from it as from the whole.
    """
    lines = binding_lines(text, token=token)
    above = [f"{line.field}: {line.value}" for line in lines if not line.is_grouped]
    below = [f"{line.field}: {line.value}" for line in lines if line.is_grouped]
    return "\n".join([*above, *(["user-agent: *"] if below else []), *below])


def _product(value: str) -> str:
    """Return the product token of a user-agent line: what follows it (a version) is no part."""
    found = _PRODUCT.match(value.lower())
    return found[0] if found else ""
