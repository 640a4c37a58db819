"""Read and write the source list, and read what the poller remembers, whether it runs or not."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from dateline.errors import ConfigError, DependencyUnavailable
from dateline.settings import PROJECT_DIR, Settings
from dateline.topic_reader import open_reader
from producers.feeds.feed_record import FeedRecord
from producers.feeds.feed_state import FeedState, feeds_state_path
from producers.feeds.source_list import parse_sources


def sources_path(settings: Settings) -> Path:
    """Return the absolute path of the source list."""
    return PROJECT_DIR / settings.feeds.sources_file


def read_list(path: Path) -> str:
    """Return the text of the source list, "" where there is none yet.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        # Not read_text: it would change the line ends of the whole file.
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        return ""
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"source list {path} cannot be read: {error}.") from error


def change_list(path: Path, change: Callable[[str], str]) -> bool:
    """Change the source list and return whether it is another now.

    Effects: the file is replaced in one step, and only by a list that can be read; a poller that
    reads it at that moment sees the old or the new one.

    Raises:
        ConfigError: the list is faulty before or after the change, or cannot be written.
    """
    before = read_list(path)
    parse_sources(before, shown=str(path))
    after = change(before)
    if after == before:
        return False
    parse_sources(after, shown=str(path))
    _replace(path.resolve(), after)
    return True


def _replace(path: Path, text: str) -> None:
    temporary: Path | None = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w",
            encoding="utf-8",
            dir=path.parent,
            prefix=f".{path.name}.",
            delete=False,
            newline="",
        ) as file:
            temporary = Path(file.name)
            file.write(text)
        if path.exists():
            shutil.copymode(path, temporary)
        else:
            temporary.chmod(0o644)
        temporary.replace(path)
    except OSError as error:
        if temporary is not None:
            temporary.unlink(missing_ok=True)
        raise ConfigError(f"source list {path} cannot be written: {error}.") from error


def read_feeds(settings: Settings) -> tuple[FeedRecord, ...]:
    """Return what the poller remembers of each feed; nothing where it has never run.

    Where there are states of several Kafka clusters, that of the running one counts, else the one
    written last.

    Raises:
        ConfigError: the state is damaged, or of a newer Dateline.
    """
    path = state_file(settings)
    if path is None:
        return ()
    with FeedState(path, is_read_only=True) as state:
        return tuple(state.feeds())


def read_held_kills(settings: Settings) -> dict[str, int]:
    """Return by publisher how many deletions are held back while its site seems out of order.

    Raises:
        ConfigError: as `read_feeds`.
    """
    path = state_file(settings)
    if path is None:
        return {}
    with FeedState(path, is_read_only=True) as state:
        return state.held_counts()


def state_file(settings: Settings) -> Path | None:
    """Return the poller's state of this namespace, None where there is none."""
    pattern = feeds_state_path(settings, "*")
    # Without a namespace the pattern fits the files of all; ids of clusters have no dots.
    dots = pattern.name.count(".")
    found = [path for path in pattern.parent.glob(pattern.name) if path.name.count(".") == dots]
    if len(found) <= 1:
        return next(iter(found), None)
    try:
        with open_reader(settings) as reader:
            current = feeds_state_path(settings, reader.cluster_id())
    except (ConfigError, DependencyUnavailable):
        current = None
    return current if current in found else max(found, key=_written_at)


def _written_at(path: Path) -> float:
    """Return when the state was written last; the newest pages may be in its log still."""
    log = path.with_name(f"{path.name}-wal")
    return max(each.stat().st_mtime for each in (path, log) if each.exists())
