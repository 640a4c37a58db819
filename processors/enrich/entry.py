"""The door into a child process of the enrich stage.

The stage's own process imports this module only: spaCy and the models stay in the children.
"""

from __future__ import annotations

import importlib.util
import multiprocessing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from dateline.errors import ConfigError, InvariantBroken, RecordRejected
from dateline.parent_watch import start_parent_watch
from dateline.settings import PROJECT_DIR

if TYPE_CHECKING:
    from processors.enrich.child import Child

GAZETTEER = "gazetteer"  # folder in the configuration


@dataclass(frozen=True, slots=True, kw_only=True)
class ChildOptions:
    """What a child needs to know; travels to it once."""

    models: Mapping[str, str]
    config_dir: Path
    max_text_chars: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Enriched:
    """An enriched record, ready to be written."""

    key: bytes
    payload: bytes


# What a child loads once; a process pool has no other place for it.
_loaded: list[Child] = []


def check_models(models: Mapping[str, str], config_dir: Path = PROJECT_DIR / "config") -> None:
    """Return when every model is installed and the gazetteer is whole; called before any record.

    Raises:
        ConfigError: a model's package is not installed; a file of the gazetteer is missing or
            wrong.
    """
    from processors.enrich.find_names import load_name_finder

    for language, name in models.items():
        if importlib.util.find_spec(name) is None:
            raise ConfigError(
                f"enrich.models: the spaCy model {name!r} for {language!r} is not installed.",
                hint="Install its package, or take the language out of [enrich.models].",
            )
    load_name_finder(config_dir / GAZETTEER)


def initialize(options: ChildOptions) -> None:
    """Load rules and the English model; called once in each child."""
    from processors.enrich.child import Child
    from processors.enrich.identify_language import identify_language

    if (parent := multiprocessing.parent_process()) is not None and parent.pid is not None:
        start_parent_watch(parent.pid)
    child = Child(options)
    child.model("en")
    # The language model takes 0.7 s to load: now, not with the first article.
    identify_language("a few words", None)
    _loaded.append(child)


def enrich_chunk(payloads: Sequence[bytes]) -> list[Enriched | RecordRejected]:
    """Return one result a payload, in order: the enriched record, or why there is none."""
    from processors.enrich.child import enrich_payloads

    if not _loaded:
        raise InvariantBroken("initialize() was not called in this process")
    return enrich_payloads(_loaded[0], payloads)
