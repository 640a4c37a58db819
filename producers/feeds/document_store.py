"""Keep what a feed held while entries of it wait for their turn: an unchanged one is not read anew.

A file beside that of the feeds' state. It may be lost at any time: the feed is then fetched in full
and parsed once more.
"""

from __future__ import annotations

import sqlite3
import zlib
from pathlib import Path

import msgspec

from dateline.errors import ConfigError
from producers.feed_document import FeedDocument

_TABLE = """
CREATE TABLE IF NOT EXISTS document (
    feed_id TEXT PRIMARY KEY, body_sha256 TEXT NOT NULL, content BLOB NOT NULL
) WITHOUT ROWID
"""
FASTEST = 1


class DocumentStore:
    """The file, open. Use it in one thread at a time, and close it.

    Raises:
        ConfigError: the file is damaged.
    """

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        # Fifty thousand entries are packed and unpacked beside the event loop.
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            self._connection.execute("PRAGMA journal_mode=WAL")
            self._connection.execute("PRAGMA synchronous=NORMAL")
            self._connection.execute(_TABLE)
        except sqlite3.DatabaseError as error:
            self._connection.close()
            raise ConfigError(
                f"feed documents {path} cannot be used: {error}.",
                hint="Move the file away: feeds with a backlog are read anew.",
            ) from error

    def close(self) -> None:
        """Close the file; safe to call twice."""
        self._connection.close()

    def __enter__(self) -> DocumentStore:
        """Return this object."""
        return self

    def __exit__(self, *exception: object) -> None:
        """Close the file."""
        self.close()

    def put(self, feed_id: str, body_sha256: str, document: FeedDocument) -> None:
        """Keep what the body with this hash held, in place of an earlier one.

        Text with half a surrogate pair cannot be written: then nothing is kept.
        """
        try:
            content = zlib.compress(msgspec.msgpack.encode(document), FASTEST)
        except UnicodeEncodeError:
            self.drop(feed_id)
            return
        self._connection.execute(
            "INSERT OR REPLACE INTO document VALUES (?, ?, ?)", (feed_id, body_sha256, content)
        )

    def has(self, feed_id: str, body_sha256: str | None) -> bool:
        """Return whether the document of this body is kept."""
        found = self._connection.execute(
            "SELECT body_sha256 FROM document WHERE feed_id = ?", (feed_id,)
        ).fetchone()
        return found is not None and found[0] == body_sha256

    def get(self, feed_id: str) -> FeedDocument:
        """Return what is kept of a feed that `has` something.

        Raises:
            LookupError: nothing is kept.
        """
        found = self._connection.execute(
            "SELECT content FROM document WHERE feed_id = ?", (feed_id,)
        ).fetchone()
        if found is None:
            raise LookupError(f"no document of {feed_id} is kept")
        return msgspec.msgpack.decode(zlib.decompress(found[0]), type=FeedDocument)

    def drop(self, feed_id: str) -> None:
        """Forget a feed: none of its entries waits any more."""
        self._connection.execute("DELETE FROM document WHERE feed_id = ?", (feed_id,))
