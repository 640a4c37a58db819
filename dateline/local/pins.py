"""Return the pinned files of the embedded servers, as ``config/servers.toml`` lists them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dateline.errors import ConfigError

PINS_PATH = Path(__file__).resolve().parents[2] / "config" / "servers.toml"


@dataclass(frozen=True, slots=True, kw_only=True)
class PinnedFile:
    """One file of a Maven repository, fixed by version, size and checksum."""

    group: str
    artifact: str
    version: str
    packaging: str
    size_bytes: int
    sha256: str

    @property
    def coordinates(self) -> str:
        """``group:artifact:version``, the name used in messages."""
        return f"{self.group}:{self.artifact}:{self.version}"

    @property
    def file_name(self) -> str:
        """The name in our cache; the group is part of it, because artifact names repeat."""
        return f"{self.group}.{self.artifact}-{self.version}.{self.packaging}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pins:
    """Everything that is downloaded.

    Attributes:
        kafka_jars: the whole class path of the broker, in class path order.
        elasticsearch_zip: the distribution.
    """

    kafka_version: str
    kafka_jars: tuple[PinnedFile, ...]
    elasticsearch_version: str
    elasticsearch_zip: PinnedFile


def load_pins(path: Path = PINS_PATH) -> Pins:
    """Return the pins.

    Raises:
        ConfigError: the file is missing, is no TOML or lacks a field.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
        kafka, elasticsearch = tables["kafka"], tables["elasticsearch"]
        return Pins(
            kafka_version=kafka["version"],
            kafka_jars=tuple(_pinned_file(row) for row in kafka["files"]),
            elasticsearch_version=elasticsearch["version"],
            elasticsearch_zip=_pinned_file(elasticsearch["files"][0]),
        )
    except (OSError, KeyError, IndexError, TypeError, ValueError) as exc:
        raise ConfigError(
            f"The list of pinned server files {path} cannot be read: {exc!r}.",
            hint="Restore it with `git checkout config/servers.toml`.",
        ) from exc


def _pinned_file(row: dict[str, Any]) -> PinnedFile:
    group, artifact, version = row["coordinates"].split(":")
    return PinnedFile(
        group=group,
        artifact=artifact,
        version=version,
        packaging=row.get("packaging", "jar"),
        size_bytes=int(row["size_bytes"]),
        sha256=row["sha256"],
    )
