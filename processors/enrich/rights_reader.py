"""Read the rights of articles with the registry, contracts and confidences of one folder."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from dateline.records import RawArticle
from dateline.rights.confidence import Confidences, load_confidences
from dateline.rights.contracts import Contract, load_contracts
from dateline.rights.read_rights import read_rights
from dateline.rights.record import Rights
from dateline.rights.registry import LicenseRegistry, load_registry


@dataclass(frozen=True, slots=True, kw_only=True)
class RightsReader:
    """What ``read_rights`` needs beside the article, loaded once."""

    registry: LicenseRegistry
    confidences: Confidences
    contracts: tuple[Contract, ...] = ()

    def read(self, article: RawArticle, *, language: str | None, agency: str | None) -> Rights:
        """Return what is known about the rights in ``article``.

        Args:
            article: as its source gave it.
            language: of its body (BCP 47), where known.
            agency: in its dateline, where it has one.
        """
        return read_rights(
            article,
            registry=self.registry,
            confidences=self.confidences,
            contracts=self.contracts,
            language=language,
            agency=agency,
        )


def load_rights_reader(config_dir: Path) -> RightsReader:
    """Return a reader with the files of ``config_dir``.

    Raises:
        ConfigError: a file is missing or wrong; the message names it.
    """
    registry = load_registry(config_dir / "licenses.toml")
    return RightsReader(
        registry=registry,
        confidences=load_confidences(config_dir / "license_confidence.toml"),
        contracts=load_contracts(config_dir / "contracts.toml", registry),
    )
