"""Read ``config/licenses.toml``, and refuse one with a row that could grant wrongly."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path

import msgspec
from license_expression import get_spdx_licensing

from dateline.errors import ConfigError
from dateline.rights.license_names import LanguageWords
from dateline.rights.record import CONSTRAINTS


class CreativeCommonsTable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What Creative Commons published, and the words that its names are composed of."""

    codes: dict[str, tuple[str, ...]]
    ports: dict[str, tuple[str, ...]]
    ported_only: tuple[str, ...]
    extra_codes: dict[str, tuple[str, ...]]
    retired: tuple[str, ...]
    port_names: dict[str, str]
    language: tuple[LanguageWords, ...]


class LicenseRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One other licence; ``titled`` is the key of titles that the version follows."""

    spdx_id: str
    family: str
    name: str
    constraints: tuple[str, ...]
    names: tuple[str, ...] = ()
    titled: str | None = None
    or_later: bool = False
    code: str | None = None
    version: str | None = None
    uri: str | None = None
    uris: tuple[str, ...] = ()


class RegistryFile(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole file; ``unspecific`` are names that name no licence of it."""

    registry_version: str
    unspecific: tuple[str, ...]
    creative_commons: CreativeCommonsTable
    titles: dict[str, tuple[str, ...]]
    short_titles: dict[str, tuple[str, ...]]
    license: tuple[LicenseRow, ...]


def read_registry_file(path: Path) -> RegistryFile:
    """Return what the file at ``path`` says, checked.

    Raises:
        ConfigError: the file is missing, is no TOML, or has a row that could grant wrongly.
    """
    try:
        data = msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), RegistryFile)
    except (OSError, ValueError) as exc:
        raise ConfigError(f"licence registry {path}: {exc}") from exc
    faults = _faults(data)
    if faults:
        raise ConfigError(f"licence registry {path}: {'; '.join(faults)}")
    return data


@cache
def spdx_ids() -> frozenset[str]:
    """Return the ids of the SPDX License List."""
    return frozenset(get_spdx_licensing().known_symbols)


def _faults(data: RegistryFile) -> list[str]:
    faults = []
    if not data.registry_version.strip():
        faults.append("registry_version is empty")
    for row in data.license:
        faults.extend(_faults_of(row, data))
    faults.extend(_shared_names(data.license))
    for port, code in data.creative_commons.port_names.items():
        if not any(code in ports for ports in data.creative_commons.ports.values()):
            faults.append(f"port name `{port}`: no version has the port `{code}`")
    faults.extend(_missing_words(data.creative_commons.language))
    return faults


def _faults_of(row: LicenseRow, data: RegistryFile) -> Iterator[str]:
    if row.spdx_id not in spdx_ids() and not row.spdx_id.startswith("LicenseRef-"):
        yield f"{row.spdx_id}: neither an SPDX id nor a LicenseRef-"
    if row.constraints != tuple(c for c in CONSTRAINTS if c in row.constraints):
        yield f"{row.spdx_id}: constraints must be of {', '.join(CONSTRAINTS)}"
    if row.family == "public_domain" and row.constraints:
        yield f"{row.spdx_id}: the public domain has no constraints"
    if row.titled is not None and row.titled not in {**data.titles, **data.short_titles}:
        yield f"{row.spdx_id}: no titles `{row.titled}`"
    if row.titled is None and not row.names:
        yield f"{row.spdx_id}: neither names nor titles"


def _shared_names(rows: Iterable[LicenseRow]) -> Iterator[str]:
    """Give the names that two rows have: which licence they name would be chance."""
    seen: dict[str, str] = {}
    for row in rows:
        named = [row.spdx_id, *row.names]
        if row.titled is not None:
            named.append(f"{row.titled}, version {row.version}, or later: {row.or_later}")
        for name in named:
            owner = seen.setdefault(" ".join(name.lower().replace("-", " ").split()), row.spdx_id)
            if owner != row.spdx_id:
                yield f"`{name}` stands in the rows {owner} and {row.spdx_id}"


def _missing_words(languages: Iterable[LanguageWords]) -> list[str]:
    return [
        f"language `{each.language}`: `{name}` is empty"
        for each in languages
        for name, words in _word_lists(each).items()
        if not words
    ]


def _word_lists(words: LanguageWords) -> Mapping[str, tuple[str, ...]]:
    return {
        "prefix": words.prefix, "by": words.by, "nc": words.nc, "nd": words.nd, "sa": words.sa,
        "license": words.license,
    }  # fmt: skip
