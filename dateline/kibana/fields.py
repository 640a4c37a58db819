"""Return the fields of an index as its mapping file declares them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from dateline.errors import ConfigError
from dateline.kibana.declarations import View
from dateline.search.templates import MAPPINGS, load_mapping

# What Kibana calls the types of Elasticsearch.
KIBANA_TYPES = {
    "keyword": "string", "text": "string", "long": "number", "integer": "number",
    "half_float": "number", "date": "date", "boolean": "boolean", "geo_point": "geo_point",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """A field: Elasticsearch's type, and whether values of it can be counted in a panel.

    ``is_nested``: inside nested objects, which Lens cannot count.
    """

    type: str
    is_aggregatable: bool
    is_nested: bool

    @property
    def kibana_type(self) -> str:
        """Return Kibana's name of the type."""
        return KIBANA_TYPES[self.type]


def mapped_fields(view: View) -> dict[str, Field]:
    """Return the fields of a data view by their names, sub-fields included.

    Raises:
        ConfigError: the mapping file cannot be read.
    """
    return dict(_fields("", load_mapping(MAPPINGS / view.mapping)["mappings"], is_nested=False))


def _fields(
    prefix: str, mapping: Mapping[str, Any], *, is_nested: bool
) -> Iterator[tuple[str, Field]]:
    for name, declared in mapping.get("properties", {}).items():
        path = f"{prefix}{name}"
        kind = declared.get("type", "object")
        if "properties" in declared:
            yield from _fields(f"{path}.", declared, is_nested=is_nested or kind == "nested")
        elif kind != "object":
            yield path, _field(declared, is_nested=is_nested)
            for sub_name, sub in declared.get("fields", {}).items():
                yield f"{path}.{sub_name}", _field(sub, is_nested=is_nested)


def _field(declared: Mapping[str, Any], *, is_nested: bool) -> Field:
    is_counted = declared["type"] != "text" and declared.get("doc_values", True)
    return Field(type=declared["type"], is_aggregatable=is_counted, is_nested=is_nested)


def field_of(fields: Mapping[str, Field], name: str, where: str) -> Field:
    """Return a field.

    Raises:
        ConfigError: the mapping has none of that name.
    """
    if name not in fields:
        raise ConfigError(f"config/kibana: {where}: the index has no field {name!r}.")
    return fields[name]
