"""config/elasticsearch/ has the fields of the records that are indexed, and no others."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Annotated, Any, Literal, Union

import pytest

from dateline.records import EntityRecord, GeoPointField, SearchDocument, StoryRecord
from dateline.search.templates import MAPPINGS, load_mapping

MAPPING = load_mapping()
INDEXED: dict[type[Any], Mapping[str, Any]] = {
    SearchDocument: MAPPING,
    StoryRecord: load_mapping(MAPPINGS / "stories.json"),
    EntityRecord: load_mapping(MAPPINGS / "entities.json"),
}
PROPERTIES: Mapping[str, Any] = MAPPING["mappings"]["properties"]
FITTING = {
    str: {"keyword", "text"},
    bool: {"boolean"},
    int: {"integer", "long"},
    float: {"half_float", "float", "double"},
    datetime: {"date"},
    dict: {"object"},
}
# Lucene refuses a term of more than 32766 bytes, and with it the whole document; a code point has
# up to 4 bytes.
MAX_TERM_CHARS = 32766 // 4
# Fields whose length the record's own type, our code or a fixed list bounds.
BOUNDED = {
    "date_flags",
    "article_id", "content_sha256", "story_id", "story_aliases", "pub_status", "origin", "role",
    "language", "pipeline_version", "text_sha256", "entity_id", "status", "frame", "layer",
    "scope", "registry_version", "policy_id", "purpose", "display", "effective",
    "label", "type", "detector", "source_id", "store", "ai_use", "family", "code", "version",
    "jurisdiction", "schema_version", "kind", "id", "winner", "losers", "rules", "ai_train",
    "ai_input", "search", "origin_article_id", "document_entity_id", "qid", "country_code",
    "country_codes", "country_relation", "holder_of", "countries", "speaker_entity_id",
    "root_article_id", "main_article_id", "source_ids", "entity_type", "merged_ids",
    "split_from_ids", "merged_into", "from_story_id", "into_story_id", "article_ids",
    "member_ids", "by", "into_entity_id",
}  # fmt: skip


@dataclasses.dataclass(frozen=True)
class Shape:
    """A field's type without Annotated, None and tuple."""

    inner: type[Any]
    is_list: bool


def shape(hint: Any) -> Shape:
    origin = typing.get_origin(hint)
    arguments = typing.get_args(hint)
    if origin is Annotated:
        return shape(arguments[0])
    if origin in (Union, types.UnionType):
        (inner,) = [argument for argument in arguments if argument is not type(None)]
        return shape(inner)
    if origin is tuple:
        assert arguments[1] is ...
        return Shape(shape(arguments[0]).inner, is_list=True)
    if origin is dict:
        return Shape(dict, is_list=False)
    if origin is Literal:
        return Shape(type(arguments[0]), is_list=False)
    return Shape(hint, is_list=False)


def pairs(
    record: type[Any], properties: Mapping[str, Any], path: str = ""
) -> Iterator[tuple[str, Shape | None, Mapping[str, Any] | None]]:
    """Each field by path, as the record and as the mapping have it; None where it is missing."""
    hints = typing.get_type_hints(record, include_extras=True)
    for name in dict.fromkeys([*hints, *properties]):
        field = shape(hints[name]) if name in hints else None
        mapped = properties.get(name)
        yield path + name, field, mapped
        if field and mapped and dataclasses.is_dataclass(field.inner) and "properties" in mapped:
            yield from pairs(field.inner, mapped["properties"], f"{path}{name}.")


def indexed_fields() -> Iterator[tuple[str, Shape | None, Mapping[str, Any] | None]]:
    """Those of each index; what the server copies from other fields is in no record."""
    for record, mapping in INDEXED.items():
        properties = mapping["mappings"]["properties"]
        prefix = "" if record is SearchDocument else f"{record.__name__}."
        copied = {prefix + row["copy_to"] for row in properties.values() if "copy_to" in row}
        yield from (row for row in pairs(record, properties, prefix) if row[0] not in copied)


FIELDS = list(indexed_fields())


@pytest.mark.parametrize(("path", "field", "mapped"), FIELDS, ids=[row[0] for row in FIELDS])
def test_field_is_in_record_and_mapping_with_fitting_types(
    path: str, field: Shape | None, mapped: Mapping[str, Any] | None
) -> None:
    assert field is not None, f"{path} is mapped, but no field of the record"
    assert mapped is not None, f"{path} is a field of the record, but not mapped"
    if not dataclasses.is_dataclass(field.inner):
        assert mapped["type"] in FITTING[field.inner]
    elif field.inner is GeoPointField:
        assert mapped == {"type": "geo_point"}
    elif mapped.get("enabled") is False:
        assert mapped["type"] == "object"
    elif field.is_list:
        assert mapped["type"] == "nested"
        assert mapped["properties"]
    else:
        assert mapped.get("type", "object") == "object"
        assert mapped["properties"]


@pytest.mark.parametrize(("path", "field", "mapped"), FIELDS, ids=[row[0] for row in FIELDS])
def test_keyword_of_unknown_length_cannot_refuse_a_document(
    path: str, field: Shape | None, mapped: Mapping[str, Any] | None
) -> None:
    if mapped is None or mapped.get("type") != "keyword":
        return
    is_stored_only = mapped.get("index") is False and mapped.get("doc_values") is False
    if is_stored_only or path.rpartition(".")[2] in BOUNDED:
        return
    assert mapped["ignore_above"] <= MAX_TERM_CHARS, path


def test_unknown_fields_are_refused_at_every_level() -> None:
    assert {mapping["mappings"]["dynamic"] for mapping in INDEXED.values()} == {"strict"}
    own = [row[0] for row in FIELDS if row[2] is not None and "dynamic" in row[2]]
    assert own == []


def test_internal_text_is_searched_and_never_returned() -> None:
    assert MAPPING["mappings"]["_source"] == {"excludes": ["body_internal"]}
    assert PROPERTIES["body_internal"]["type"] == "text"
    assert "store" not in PROPERTIES["body_internal"]
    assert "copy_to" not in PROPERTIES["body_internal"]


def test_every_text_field_has_an_analyzer_that_the_template_defines_or_the_core_has() -> None:
    def analyzers(tree: Any) -> Iterator[str]:
        if isinstance(tree, dict):
            if isinstance(tree.get("analyzer"), str):
                yield tree["analyzer"]
            for child in tree.values():
                yield from analyzers(child)

    assert set(analyzers(PROPERTIES)) == {"dateline_text", "standard"}
    small = [mapping for record, mapping in INDEXED.items() if record is not SearchDocument]
    assert {name for mapping in small for name in analyzers(mapping)} == {"standard"}
