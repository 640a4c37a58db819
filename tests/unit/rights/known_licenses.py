"""The registry of the repository, loaded once for all tests of rights."""

from __future__ import annotations

from pathlib import Path

from dateline.rights.registry import load_registry

CONFIG = Path(__file__).resolve().parents[3] / "config"
REGISTRY_PATH = CONFIG / "licenses.toml"
REGISTRY = load_registry(REGISTRY_PATH)
ALL = REGISTRY.all_licenses()
