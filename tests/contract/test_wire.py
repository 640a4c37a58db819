"""The wire: frozen samples in both directions, and every kind of payload that must be refused."""

from __future__ import annotations

import copy
import dataclasses
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from freeze_wire import main as freeze_command
from wire_samples import FOLDER, SAMPLES

from dateline.errors import PayloadUndecodable, SchemaMismatch
from dateline.records import Alert, RawArticle, Record, Watch
from dateline.wire import MAX_RECORD_BYTES, SCHEMAS, from_wire, record_types, to_wire

Path_ = tuple[str | int, ...]
ALERT = json.loads(to_wire(SAMPLES["alert.v1.json"]))


def frozen(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def read(payload: bytes) -> Record:
    record: Record = from_wire(payload, *record_types())
    return record


def paths(tree: Any, path: Path_ = ()) -> Iterator[Path_]:
    """Every filled field, also in the first item of each list, by path; the header left out."""
    rows = tree.items() if isinstance(tree, dict) else enumerate(tree[:1])
    for key, value in rows:
        if value is None or (path == () and key in ("schema", "version")):
            continue
        if isinstance(key, str):
            yield (*path, key)
        if isinstance(value, dict | list):
            yield from paths(value, (*path, key))


def changed(name: str, path: Path_, change: Callable[[Any, Any], None]) -> bytes:
    tree = json.loads(frozen(name))
    parent = tree
    for key in path[:-1]:
        parent = parent[key]
    change(parent, path[-1])
    return json.dumps(tree).encode()


def json_path(path: Path_) -> str:
    return "$" + "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path)


EVERY_FIELD = [
    pytest.param(name, path, id=f"{name.removesuffix('.json')}:{json_path(path)}")
    for name, record in SAMPLES.items()
    for path in paths(json.loads(to_wire(record)))
]


def test_every_record_class_has_a_sample_and_a_schema() -> None:
    assert set(SCHEMAS) == set(record_types())
    assert {type(record) for record in SAMPLES.values()} == set(SCHEMAS)
    for name, record in SAMPLES.items():
        schema, version = SCHEMAS[type(record)]
        assert name.split(".")[0] == schema
        assert name.endswith(f".v{version}.json")


def test_sample_files_are_those_of_the_table() -> None:
    assert {path.name for path in FOLDER.iterdir()} == set(SAMPLES)


@pytest.mark.parametrize("name", SAMPLES)
def test_frozen_sample_reads_as_the_record(name: str) -> None:
    assert read(frozen(name)) == SAMPLES[name]


@pytest.mark.parametrize("name", SAMPLES)
def test_record_writes_as_the_frozen_bytes(name: str) -> None:
    assert to_wire(SAMPLES[name]) == frozen(name)


def empty_fields(value: Any, path: str = "$") -> Iterator[str]:
    if dataclasses.is_dataclass(value):
        for field in dataclasses.fields(value):
            child = getattr(value, field.name)
            is_default = field.default is not dataclasses.MISSING and child == field.default
            if child in (None, (), "") or is_default:
                yield f"{path}.{field.name}"
            yield from empty_fields(child, f"{path}.{field.name}")
    elif isinstance(value, tuple):
        for item in value:
            yield from empty_fields(item, f"{path}[]")


@pytest.mark.parametrize("name", SAMPLES)
def test_sample_fills_every_field(name: str) -> None:
    # A field at its default could be lost or renamed and nobody would see it.
    allowed = {
        "grouped_article.v1.json": ["$.kill"],
        "grouped_article.kill.v1.json": ["$.enriched"],
    }
    assert list(empty_fields(SAMPLES[name])) == allowed.get(name, [])


def notices(payload: bytes, name: str, field: str | int) -> bool:
    """Whether reading a changed sample is refused for ``field`` or gives another record."""
    try:
        return read(payload) != SAMPLES[name]
    except SchemaMismatch as error:
        return f"missing required field `{field}`" in error.message


@pytest.mark.parametrize(("name", "path"), EVERY_FIELD)
def test_removed_field_is_noticed(name: str, path: Path_) -> None:
    payload = changed(name, path, lambda parent, key: parent.pop(key))
    assert notices(payload, name, path[-1])


@pytest.mark.parametrize(("name", "path"), EVERY_FIELD)
def test_renamed_field_is_noticed(name: str, path: Path_) -> None:
    def rename(parent: Any, key: Any) -> None:
        parent[f"{key}_renamed"] = parent.pop(key)

    assert notices(changed(name, path, rename), name, path[-1])


@pytest.mark.parametrize(("name", "path"), EVERY_FIELD)
def test_wrong_type_is_refused_with_its_path(name: str, path: Path_) -> None:
    def spoil(parent: Any, key: Any) -> None:
        parent[key] = [[True]] if not isinstance(parent[key], list) else True

    with pytest.raises(SchemaMismatch) as caught:
        read(changed(name, path, spoil))

    assert f"at `{json_path(path)}`" in caught.value.message


@pytest.mark.parametrize("name", SAMPLES)
def test_unknown_fields_are_left_out_at_every_level(name: str) -> None:
    tree = json.loads(frozen(name))

    def add(node: Any) -> None:
        for child in list(node.values()) if isinstance(node, dict) else node:
            if isinstance(child, dict | list):
                add(child)
        if isinstance(node, dict):
            node["added_by_a_newer_writer"] = {"deep": [1, None, "x"]}

    add(tree)

    record = read(json.dumps(tree).encode())
    assert record == SAMPLES[name]
    assert to_wire(record) == frozen(name)


@pytest.mark.parametrize("name", SAMPLES)
def test_order_and_white_space_do_not_matter(name: str) -> None:
    tree = dict(reversed(json.loads(frozen(name)).items()))
    assert read(json.dumps(tree, indent=2).encode()) == SAMPLES[name]


@pytest.mark.parametrize("version", [0, 2, 99, -1])
def test_unknown_version_is_refused(version: int) -> None:
    with pytest.raises(SchemaMismatch, match=f"unknown schema 'alert' version {version}$"):
        read(json.dumps({**ALERT, "version": version}).encode())


@pytest.mark.parametrize("schema", ["", "Alert", "search_document", "alert\x00"])
def test_unknown_schema_is_refused(schema: str) -> None:
    with pytest.raises(SchemaMismatch, match=r"unknown schema .* version 1$"):
        read(json.dumps({**ALERT, "schema": schema}).encode())


@pytest.mark.parametrize(
    ("header", "message"),
    [
        ({"schema": None}, "at `$.schema`"),
        ({"version": "1"}, "at `$.version`"),
        ({"version": 1.5}, "at `$.version`"),
        ({"version": None}, "at `$.version`"),
    ],
)
def test_header_of_the_wrong_type_is_refused(header: dict[str, Any], message: str) -> None:
    with pytest.raises(SchemaMismatch) as caught:
        read(json.dumps({**ALERT, **header}).encode())
    assert message in caught.value.message


@pytest.mark.parametrize("missing", ["schema", "version"])
def test_missing_header_is_refused(missing: str) -> None:
    tree = copy.deepcopy(ALERT)
    del tree[missing]
    with pytest.raises(SchemaMismatch, match=f"missing required field `{missing}`"):
        read(json.dumps(tree).encode())


def test_another_record_than_expected_is_refused() -> None:
    with pytest.raises(SchemaMismatch) as caught:
        from_wire(frozen("alert.v1.json"), RawArticle, Watch)
    assert caught.value.message == "expected raw_article or watch, got alert - at `$.schema`"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        pytest.param("article_id", "A1" * 32, id="upper-case-id"),
        pytest.param("article_id", "a1" * 31, id="short-id"),
        pytest.param("article_id", "a1" * 32 + "\n", id="id-with-newline"),
        pytest.param("created_at", "2026-11-02T09:30:15", id="time-without-zone"),
        pytest.param("created_at", "yesterday", id="no-time"),
        pytest.param("created_at", 1793611815, id="time-as-number"),
        pytest.param("revision", 2.5, id="fraction"),
        pytest.param("revision", "2", id="number-as-text"),
        pytest.param("revision", True, id="bool-as-number"),
        pytest.param("story_aliases", "x", id="text-as-list"),
        pytest.param("story_aliases", [None], id="null-in-list"),
    ],
)
def test_value_out_of_its_type_is_refused_with_its_path(field: str, value: object) -> None:
    with pytest.raises(SchemaMismatch) as caught:
        from_wire(json.dumps({**ALERT, field: value}).encode(), Alert)
    assert f"at `$.{field}" in caught.value.message


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(None, id="tombstone"),
        pytest.param(b"", id="empty"),
    ],
)
def test_payload_without_bytes_is_undecodable(payload: bytes | None) -> None:
    with pytest.raises(PayloadUndecodable, match=r"^the record has no value$"):
        from_wire(payload, Alert)


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(b" ", id="white-space"),
        pytest.param(b"\x00\x01\x02", id="binary"),
        pytest.param(b"\x80\x04\x95pickle", id="pickle"),
        pytest.param(b'{"schema":"alert","version":1', id="cut"),
        pytest.param(frozen("alert.v1.json") + b"{}", id="two-objects"),
        pytest.param(b"{'schema':'alert'}", id="single-quotes"),
        pytest.param(b'{"schema":"alert","version":NaN}', id="nan"),
        pytest.param(b"\xef\xbb\xbf" + frozen("alert.v1.json"), id="byte-order-mark"),
        pytest.param(json.dumps(ALERT).encode("utf-16"), id="utf-16"),
        pytest.param(frozen("alert.v1.json").replace("Zoë".encode(), b"Zo\xeb"), id="latin-1"),
        pytest.param(
            frozen("alert.v1.json").replace("Zoë".encode(), b"\xed\xa0\x80"), id="lone-surrogate"
        ),
    ],
)
def test_payload_that_is_no_json_object_in_utf_8_is_undecodable(payload: bytes) -> None:
    with pytest.raises(PayloadUndecodable, match=r"^not a JSON record: "):
        from_wire(payload, Alert)


@pytest.mark.parametrize("payload", [b"null", b"[]", b'"alert"', b"1", b"true"])
def test_json_that_is_no_object_is_a_mismatch(payload: bytes) -> None:
    with pytest.raises(SchemaMismatch, match="Expected `object`"):
        from_wire(payload, Alert)


@pytest.mark.parametrize("opening", [b"[", b'{"a":'])
def test_deep_nesting_is_undecodable_and_harmless(opening: bytes) -> None:
    deep = b'{"schema":"alert","version":1,"added":' + opening * 100_000
    with pytest.raises(PayloadUndecodable, match=r"^not a JSON record: "):
        from_wire(deep, Alert)


def test_payload_over_the_limit_is_not_even_read() -> None:
    with pytest.raises(PayloadUndecodable) as caught:
        from_wire(b"[" * 101, Alert, max_bytes=100)
    assert caught.value.message == "101 bytes are over the limit of 100"


def test_limit_is_exact() -> None:
    payload = frozen("alert.v1.json")
    assert from_wire(payload, Alert, max_bytes=len(payload)) == SAMPLES["alert.v1.json"]
    padding = b" " * (MAX_RECORD_BYTES - len(payload))
    assert from_wire(payload + padding, Alert) == SAMPLES["alert.v1.json"]
    with pytest.raises(PayloadUndecodable):
        from_wire(payload + padding + b" ", Alert)


def test_freezing_writes_what_is_missing_and_keeps_what_differs(tmp_path: Path) -> None:
    (tmp_path / "alert.v1.json").write_bytes(b"old")
    runner = CliRunner()

    first = runner.invoke(freeze_command, ["--folder", str(tmp_path)])

    assert first.exit_code == 1
    assert (tmp_path / "alert.v1.json").read_bytes() == b"old"
    assert (tmp_path / "watch.v1.json").read_bytes() == frozen("watch.v1.json")
    second = runner.invoke(freeze_command, ["--folder", str(tmp_path), "--force"])
    assert second.exit_code == 0
    assert second.output == "wrote alert.v1.json\n"
    assert (tmp_path / "alert.v1.json").read_bytes() == frozen("alert.v1.json")
