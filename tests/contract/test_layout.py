"""Who may import whom, what each room may hold, and that the seeds are as they came."""

from __future__ import annotations

import ast
import hashlib
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from dateline.settings import load_settings

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("dateline", "producers", "processors")
SOURCES = sorted(path for package in PACKAGES for path in (ROOT / package).rglob("*.py"))
# Rooms of the dateline package that put everything together.
TOP_ROOMS = ("dateline/cli/", "dateline/web/")
CLIENTS = {"kafka", "aiokafka", "faust", "mode", "elasticsearch", "elastic_transport"}
# The logic of the stages: text and records in, records out.
PURE = (
    "processors/enrich/build_mentions.py",
    "processors/enrich/clean_text.py",
    "processors/enrich/derive_title.py",
    "processors/enrich/enrich_article.py",
    "processors/enrich/find_names.py",
    "processors/enrich/parse_dateline.py",
    "processors/enrich/read_document.py",
    "processors/enrich/story_terms.py",
    "processors/alerts/build_content.py",
    "processors/alerts/drafts.py",
    "processors/alerts/entity_claims.py",
    "processors/index/build_document.py",
    "processors/index/entity_fields.py",
    "processors/stories/assign_revision.py",
    "processors/stories/batch.py",
    "processors/stories/find_copies.py",
    "processors/stories/story_clusters.py",
    "dateline/entities/directory.py",
)
CATCH_ALL = {"common", "helper", "helpers", "misc", "shared", "stuff", "tools", "util", "utils"}


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def imported_modules(path: Path) -> Iterator[str]:
    """Every module that ``path`` imports, also inside functions; relative names made absolute."""
    package = relative(path).removesuffix(".py").split("/")[:-1]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            base = ".".join([*start, *([node.module] if node.module else [])])
            yield base
            yield from (f"{base}.{alias.name}" for alias in node.names)


def own_file(module: str) -> Path | None:
    path = ROOT.joinpath(*module.split("."))
    for candidate in (path.with_suffix(".py"), path / "__init__.py"):
        if candidate.is_file():
            return candidate
    return None


def top_names(path: Path) -> set[str]:
    return {module.partition(".")[0] for module in imported_modules(path)}


def clients_reached(path: Path) -> dict[str, str]:
    """Client libraries that ``path`` imports, itself or through modules of ours, and where."""
    found: dict[str, str] = {}
    waiting, seen = [path], {path}
    while waiting:
        current = waiting.pop()
        for module in imported_modules(current):
            name = module.partition(".")[0]
            if name in CLIENTS:
                found[name] = relative(current)
            ours = own_file(module) if name in PACKAGES else None
            if ours is not None and ours not in seen:
                seen.add(ours)
                waiting.append(ours)
    return found


@pytest.mark.parametrize("path", SOURCES, ids=relative)
def test_imports_go_one_way(path: Path) -> None:
    room = relative(path)
    if room.startswith("producers/"):
        forbidden = {"processors"}
    elif room.startswith("processors/"):
        forbidden = {"producers"}
    elif room.startswith(TOP_ROOMS):
        forbidden = set()
    else:
        forbidden = {"producers", "processors"}
    assert top_names(path) & forbidden == set()


@pytest.mark.parametrize("name", PURE)
def test_stage_logic_reaches_no_client_library(name: str) -> None:
    assert clients_reached(ROOT / name) == {}


@pytest.mark.parametrize("name", PURE)
def test_stage_logic_has_no_clock_and_no_chance(name: str) -> None:
    forbidden = {"dateline.clock", "random", "secrets", "time", "uuid"}
    assert set(imported_modules(ROOT / name)) & forbidden == set()


def test_no_module_is_a_catch_all() -> None:
    tests = sorted((ROOT / "tests").rglob("*.py"))
    names = {path for path in [*SOURCES, *tests] if path.stem.strip("_") in CATCH_ALL}
    folders = {path for path in SOURCES if path.parent.name in CATCH_ALL}
    assert sorted(map(relative, names | folders)) == []


def test_module_names_can_be_imported() -> None:
    assert [relative(path) for path in SOURCES if not path.stem.isidentifier()] == []


def test_config_holds_data_only() -> None:
    kinds = {".toml", ".json", ".ndjson", ".md", ".tsv", ".csv", ".txt"}
    allowed = {ROOT / "config" / "compose": {*kinds, ".sh"}}  # run inside the set-up containers
    strays = [
        relative(path)
        for path in (ROOT / "config").rglob("*")
        if path.is_file() and path.suffix not in allowed.get(path.parent, kinds)
    ]
    assert strays == []


def test_settings_file_has_known_settings_only() -> None:
    settings = load_settings(config_path=ROOT / "config" / "dateline.toml", environ={})
    assert settings.enrich.models.keys() >= {"en", "fr"}


def test_seeds_are_as_they_came() -> None:
    manifest = tomllib.loads((ROOT / "seeds" / "MANIFEST.toml").read_text(encoding="utf-8"))
    rows = {row["file"]: row for row in manifest["articles"]}
    files = {path.name: path.read_bytes() for path in (ROOT / "seeds").glob("*.txt")}
    assert rows.keys() == files.keys()
    for name, row in rows.items():
        assert hashlib.sha256(files[name]).hexdigest() == row["sha256"], name
        assert len(files[name]) == row["size_bytes"], name
        assert files[name].decode("utf-8").rstrip().endswith(row["license_notice"]), name


def test_manifest_invents_nothing_about_the_seeds() -> None:
    manifest = tomllib.loads((ROOT / "seeds" / "MANIFEST.toml").read_text(encoding="utf-8"))
    for row in manifest["articles"]:
        assert [row[key] for key in ("title", "author", "date", "url")] == [""] * 4
