"""Rows by key, where most keys have one row.

A list for each of some hundred thousand names would cost more than the names: what stands alone is
kept as itself.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Generic, TypeVar, cast

Key = TypeVar("Key", bound=Hashable)
Row = TypeVar("Row")


class Table(Generic[Key, Row]):
    """Rows by key, in the order in which they came; a row is never a list."""

    __slots__ = ("_rows",)

    def __init__(self) -> None:
        self._rows: dict[Key, Row | list[Row]] = {}

    def get(self, key: Key) -> Sequence[Row]:
        """Return the rows of a key; none for one that is unknown."""
        rows = self._rows.get(key)
        if rows is None:
            return ()
        return rows if isinstance(rows, list) else (rows,)

    def add(self, key: Key, row: Row) -> None:
        """Put a row behind those of its key."""
        rows = self._rows.get(key)
        if rows is None:
            self._rows[key] = row
        elif isinstance(rows, list):
            rows.append(row)
        else:
            self._rows[key] = [rows, row]

    def drop(self, key: Key, row: Row) -> None:
        """Take a row out; ``KeyError`` or ``ValueError`` where it is not in."""
        rows = self._rows[key]
        if not isinstance(rows, list):
            if rows is not row:
                raise ValueError(row)
            del self._rows[key]
            return
        rows.remove(row)
        if len(rows) == 1:
            self._rows[key] = cast(Row, rows[0])
