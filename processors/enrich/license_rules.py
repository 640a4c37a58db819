"""Return the licence registry and the licences that a piece of text names.

``config/licenses.toml`` holds the rows. A licence is named by one of its row's names or by its
canonical address; a version is always part of it. Letters match as ASCII only, so that a lookalike
letter or host names nothing.
"""

from __future__ import annotations

import functools
import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import msgspec

from dateline.errors import ConfigError

CONSTRAINTS = ("by", "nc", "nd", "sa")

# White space, hyphens and dashes between the words of a name; up to three for "BY - SA".
_SEPARATOR = "[ \\t\\r\\n\u00a0\u202f\u2010\u2011\u2013-]"
_BETWEEN = _SEPARATOR + "{1,3}"
# "3.0 Germany", "3.0 IGO" and "4.0 Unported" are other licences, or none: a capital or a suffix
# after a name means that it is not the whole name.
_NOT_WHOLE = (
    r"(?![A-Za-z0-9]|[.-][A-Za-z0-9])"
    rf"(?!{_BETWEEN}(?:(?:igo|international|unported|generic|universal)(?![a-z])"
    r"|(?!(?:public[ ])?licen[cs]e|deed|legal[ ]?code)(?-i:[A-Z])))"
)
_ADDRESS = (
    r"(?<![A-Za-z0-9@:/.-])(?:https?://)?(?:www\.)?creativecommons\.org"
    r"/(?P<path>(?:licenses|publicdomain)/[a-z-]{2,12}/[0-9]\.[0-9])"
    r"(?:/(?:deed|legalcode)(?:\.[a-z]{2})?)?/?(?![A-Za-z0-9_/%?#=&-]|\.[A-Za-z0-9])"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LicenseRule:
    """One licence: how notices name it, where its text is, and what it asks of the reuser."""

    spdx_id: str
    family: str
    code: str
    version: str
    name: str
    uri: str
    effective: tuple[str, ...]
    names: tuple[str, ...]
    registry_version: str


@dataclass(frozen=True, slots=True)
class NamedLicense:
    """A licence named at ``[start, end)`` of the text that was searched."""

    start: int
    end: int
    rule: LicenseRule


class _Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    spdx_id: str
    family: str
    code: str
    version: str
    name: str
    uri: str
    effective: tuple[str, ...]
    names: tuple[str, ...]


class _Registry(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    registry_version: str
    license: tuple[_Row, ...]


def load_license_rules(path: Path) -> tuple[LicenseRule, ...]:
    """Return the rows of the registry at ``path``.

    Raises:
        ConfigError: the file is missing, is no TOML, or has a row that could grant wrongly.
    """
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
        registry = msgspec.convert(raw, _Registry)
    except (OSError, ValueError) as exc:
        raise ConfigError(f"licence registry {path}: {exc}") from exc
    faults = list(_faults(registry))
    if faults:
        raise ConfigError(f"licence registry {path}: {'; '.join(faults)}")
    return tuple(
        LicenseRule(**msgspec.structs.asdict(row), registry_version=registry.registry_version)
        for row in registry.license
    )


def _faults(registry: _Registry) -> Iterator[str]:
    if not registry.registry_version.strip():
        yield "registry_version is empty"
    if not registry.license:
        yield "no [[license]] row"
    for row in registry.license:
        yield from _row_faults(row)
    keys = Counter(
        key
        for row in registry.license
        for key in (row.spdx_id, row.uri, *{_folded(name) for name in row.names})
    )
    yield from (f"`{key}` stands in {count} rows" for key, count in keys.items() if count > 1)


def _row_faults(row: _Row) -> Iterator[str]:
    if row.effective != tuple(c for c in CONSTRAINTS if c in row.effective):
        yield f"{row.spdx_id}: effective must be of {', '.join(CONSTRAINTS)}, in this order"
    if not row.names or row.name not in row.names:
        yield f"{row.spdx_id}: names must hold the name `{row.name}`"
    address = re.fullmatch(_ADDRESS, row.uri, re.ASCII)
    if not address or not row.uri.startswith("https://") or not row.uri.endswith("/"):
        yield f"{row.spdx_id}: uri must be a canonical address with code and version"
    elif not address["path"].endswith(f"/{row.code}/{row.version}"):
        yield f"{row.spdx_id}: uri does not belong to code and version"
    for name in row.names:
        if not name.isascii() or row.version not in name:
            yield f"{row.spdx_id}: the name `{name}` must be ASCII and hold the version"


def _folded(name: str) -> str:
    return re.sub(_SEPARATOR + "+", " ", name).lower()


@functools.lru_cache(maxsize=4)
def _matcher(
    rules: tuple[LicenseRule, ...],
) -> tuple[re.Pattern[str], Mapping[str, LicenseRule]]:
    by_key: dict[str, LicenseRule] = {}
    for rule in rules:
        by_key[rule.uri.removeprefix("https://creativecommons.org/").rstrip("/")] = rule
        by_key.update({_folded(name): rule for name in rule.names})
    names = sorted({_folded(name) for rule in rules for name in rule.names}, key=len, reverse=True)
    words = "|".join(_BETWEEN.join(map(re.escape, name.split())) for name in names)
    pattern = f"(?P<name>(?<![A-Za-z0-9])(?:{words}){_NOT_WHOLE})|{_ADDRESS}"
    return re.compile(pattern, re.ASCII | re.IGNORECASE), by_key


def find_licenses(text: str, rules: tuple[LicenseRule, ...]) -> tuple[NamedLicense, ...]:
    """Return the licences that ``text`` names, by name or address, in order.

    It says nothing about whether they are granted; ``detect_license`` does.
    """
    pattern, by_key = _matcher(rules)
    found = ((m, by_key.get(_key(m))) for m in pattern.finditer(text))
    return tuple(NamedLicense(*m.span(), rule) for m, rule in found if rule)


def _key(found: re.Match[str]) -> str:
    return _folded(found["name"]) if found["name"] else found["path"].lower()
