"""Return the inputs below a path, one at a time: files opened, or the reason why not."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from dateline.errors import ConfigError
from producers.parse_input import Input
from producers.parsed import Format, Refusal, Skip

EXTENSIONS: dict[str, Format] = {
    ".txt": "txt", ".text": "txt", ".html": "html", ".htm": "html", ".xhtml": "html",
    ".json": "json", ".jsonl": "jsonl", ".ndjson": "jsonl", ".warc": "warc", ".warc.gz": "warc",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Root:
    """A path that was asked for: a folder, or a file (then ``folder`` is where it lies)."""

    folder: Path
    source_id: str
    file: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NotRead:
    """A file that was not read, and why."""

    shown: str
    problem: Refusal | Skip
    size_bytes: int = 0


Found = Input | NotRead


def make_root(path: Path, *, source: str | None) -> Root:
    """Return ``path`` as a root; its source is ``source``, else the name of the folder.

    Raises:
        ConfigError: the folder has no name that can be a source.
    """
    resolved = path.resolve()
    folder = resolved if resolved.is_dir() else resolved.parent
    try:
        folder.name.encode()
    except UnicodeEncodeError as error:
        raise ConfigError(
            "the folder's name is not UTF-8.", hint="Name the publisher with --source."
        ) from error
    if not (source or folder.name):
        raise ConfigError(f"{folder} has no name.", hint="Name the publisher with --source.")
    return Root(
        folder=folder,
        source_id=source or folder.name,
        file=None if resolved.is_dir() else resolved,
    )


def walk(root: Root) -> Iterator[Path]:
    """Return the files of ``root`` in a fixed order, hidden ones too, without opening any.

    Only one folder's names are in memory at a time; links to folders are not followed.
    """
    if root.file is not None:
        yield root.file
        return
    for parent, folders, files in os.walk(root.folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            yield Path(parent, name)


def format_of(path: Path) -> Format | None:
    """Return the format that the name of a file tells, None for one that is not read."""
    name = path.name.lower()
    return EXTENSIONS.get(".warc.gz" if name.endswith(".warc.gz") else path.suffix.lower())


def open_input(
    path: Path,
    root: Root,
    *,
    max_bytes: int,
    format_: Format | None = None,
    are_archives_read: bool = False,
) -> Found:
    """Return the file opened, or why it is not read.

    Skipped: hidden files, links out of the folder, unknown extensions, anything that is no regular
    file (a pipe would block), archives unless ``are_archives_read`` (a watched folder is live, they
    are not). Refused: over ``max_bytes`` (JSON lines: a single line is, later; archives: no limit),
    unreadable, a name that is not UTF-8.

    Raises: Nothing.
    """
    shown = _shown(path)
    try:
        path.relative_to(root.folder).as_posix().encode()
        status = path.stat()
        known = format_ or format_of(path)
        problem = _unwanted(path, root, status, known)
        if problem is None and known == "warc" and not are_archives_read:
            problem = Skip(reason="a WARC archive (use `dateline ingest`)")
        if problem is not None or known is None:
            return NotRead(shown=shown, problem=problem or Skip(reason="unknown format"))
        return _open(path, shown, root, status=status, known=known, max_bytes=max_bytes)
    except UnicodeEncodeError:
        return NotRead(shown=shown, problem=Refusal(reason="file name: not UTF-8, rename it"))
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
        return NotRead(shown=shown, problem=Refusal(reason=reason))


def _unwanted(path: Path, root: Root, status: os.stat_result, known: Format | None) -> Skip | None:
    is_walked = root.file is None
    if is_walked and path.name.startswith("."):
        return Skip(reason="hidden file")
    if is_walked and path.is_symlink():
        problem = _unwanted_link(path, root)
        if problem is not None:
            return problem
    if not stat.S_ISREG(status.st_mode):
        return Skip(reason="no regular file")
    if known is None:
        name = f"extension {path.suffix}" if path.suffix else "no extension"
        return Skip(reason=f"unknown format ({name})")
    return None


def _unwanted_link(path: Path, root: Root) -> Skip | None:
    target = path.resolve()
    if not target.is_relative_to(root.folder):
        return Skip(reason="symbolic link out of the folder")
    if any(part.startswith(".") for part in target.relative_to(root.folder).parts):
        return None  # mounted volumes link to files in a hidden folder
    return Skip(reason="symbolic link to a file that is read itself")


def _open(
    path: Path, shown: str, root: Root, *, status: os.stat_result, known: Format, max_bytes: int
) -> Found:
    described = Input(
        shown=shown,
        origin=str(path),
        format=known,
        source_id=root.source_id,
        relative=path.relative_to(root.folder).as_posix(),
        mtime_ns=status.st_mtime_ns,
        size_bytes=status.st_size,
    )
    if known == "jsonl":
        return replace(described, lines=read_lines(path, max_bytes=max_bytes))
    if known == "warc":
        return replace(described, archive=path)
    with path.open("rb") as file:
        # One byte more than allowed: the file may have grown since its size was asked.
        data = file.read(max_bytes + 1)
    if len(data) > max_bytes:
        size = max(status.st_size, len(data))
        return NotRead(
            shown=shown, size_bytes=size,
            problem=Refusal(reason=f"too large: {size:,} bytes, the limit is {max_bytes:,}"),
        )  # fmt: skip
    return replace(described, data=data)


def read_lines(path: Path, *, max_bytes: int) -> Iterator[tuple[int, bytes | None]]:
    """Return number and bytes of each line; None for one over ``max_bytes``, which is passed by."""
    with path.open("rb") as file:
        number = 0
        while line := file.readline(max_bytes + 1):
            number += 1
            if len(line) <= max_bytes or line.endswith(b"\n"):
                yield number, line
                continue
            yield number, None
            while line and not line.endswith(b"\n"):
                line = file.readline(max_bytes + 1)


def total_bytes(root: Root) -> int:
    """Return the size of all files of ``root``, for a progress bar; unreadable ones count 0."""
    total = 0
    for path in walk(root):
        try:
            total += path.lstat().st_size
        except OSError:
            continue
    return total


def _shown(path: Path) -> str:
    """Return the path as short as it can be named from here, printable whatever its bytes."""
    try:
        shown = path.relative_to(Path.cwd())
    except (ValueError, OSError):
        shown = path
    return str(shown).encode("utf-8", "backslashreplace").decode()
