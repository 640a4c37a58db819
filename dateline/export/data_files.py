"""Write exported records in one of the formats, one at a time, in steady memory."""

from __future__ import annotations

from pathlib import Path
from typing import Any, BinaryIO, Literal, Protocol

import msgspec

from dateline.errors import ConfigError
from dateline.export.export_record import ExportRecord
from dateline.export.ninjs import ninjs_item

Format = Literal["jsonl", "ninjs", "parquet"]
FORMATS: tuple[Format, ...] = ("jsonl", "ninjs", "parquet")
# A row group is held in memory until it is written.
GROUP_ROWS = 1000
GROUP_CHARS = 16_000_000


class DataFile(Protocol):
    """A file that takes one record after the other."""

    name: str

    def write(self, record: ExportRecord) -> bytes:
        """Write ``record`` and return the bytes that its hash in the manifest is made of."""

    def close(self) -> None:
        """Write what is left."""


def open_data_file(folder: Path, format_: Format) -> DataFile:
    """Return a new file in ``folder``; close it at the end."""
    if format_ == "parquet":
        return ParquetFile(folder)
    return LinesFile(folder, is_ninjs=format_ == "ninjs")


class LinesFile:
    """JSON lines: records of ours, or ninjs items."""

    def __init__(self, folder: Path, *, is_ninjs: bool) -> None:
        self.name = "articles.ninjs.jsonl" if is_ninjs else "articles.jsonl"
        self._is_ninjs = is_ninjs
        self._file: BinaryIO = (folder / self.name).open("wb")

    def write(self, record: ExportRecord) -> bytes:
        """Write one line; its hash is of the line without its end."""
        line = msgspec.json.encode(ninjs_item(record) if self._is_ninjs else record)
        self._file.write(line + b"\n")
        return line

    def close(self) -> None:
        """Close the file."""
        self._file.close()


class ParquetFile:
    """Apache Parquet, zstd; one column a field of the record, lists for several values."""

    def __init__(self, folder: Path) -> None:
        # Takes 0.3 s: only when needed. It publishes no types.
        try:
            import pyarrow.parquet as pq  # type: ignore[import-untyped]
        except ModuleNotFoundError as error:
            raise ConfigError(
                "the format parquet needs the package pyarrow, which is not installed.",
                hint="Install `dateline[parquet]` or pyarrow, or take the format jsonl.",
            ) from error

        self.name = "articles.parquet"
        self._schema = parquet_schema()
        self._writer: Any = pq.ParquetWriter(folder / self.name, self._schema, compression="zstd")
        self._rows: list[dict[str, Any]] = []
        self._chars = 0

    def write(self, record: ExportRecord) -> bytes:
        """Add one row; its hash is of the record as a line of the format ``jsonl``."""
        self._rows.append({name: getattr(record, name) for name in self._schema.names})
        self._chars += len(record.text)
        if len(self._rows) >= GROUP_ROWS or self._chars >= GROUP_CHARS:
            self._flush()
        return msgspec.json.encode(record)

    def close(self) -> None:
        """Write the last rows and the footer."""
        self._flush()
        self._writer.close()

    def _flush(self) -> None:
        import pyarrow as pa  # publishes no types

        if self._rows:
            self._writer.write_table(pa.Table.from_pylist(self._rows, schema=self._schema))
        self._rows, self._chars = [], 0


def parquet_schema() -> Any:
    """Return the Arrow schema of ``ExportRecord``: times in UTC with microseconds."""
    import pyarrow as pa  # publishes no types

    times = {"published_at", "updated_at", "first_seen_at", "expires_at"}
    lists = {"authors", "effective", "evidence_sha256"}
    flags = {"is_verbatim_only", "is_share_alike", "attribution_required"}
    others = {"revision": pa.int64(), "confidence": pa.float64()}

    def type_of(name: str) -> Any:
        if name in times:
            return pa.timestamp("us", tz="UTC")
        if name in lists:
            return pa.list_(pa.string())
        return pa.bool_() if name in flags else others.get(name, pa.string())

    names = ExportRecord.__dataclass_fields__
    return pa.schema([(name, type_of(name)) for name in names])
