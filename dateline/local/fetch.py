"""Return the server files of the cache folder, downloading what is missing and checking it once.

A file has its final name only after its SHA-256 was right, so a half download is never used.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import threading
import zipfile
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from dateline.errors import ConfigError
from dateline.local.options import Progress, SilentProgress
from dateline.local.pins import PinnedFile, Pins

# Writes one file into a folder, calls back with each number of bytes, returns its path.
Download = Callable[[PinnedFile, Path, Callable[[int], None]], Path]

DOWNLOAD_THREADS = 6
# A stalled connection is given up after this silence; it is no limit for the whole download.
SILENCE_TIMEOUT_SECONDS = 30
# 153 MB of content from a 132 MB archive (measured), and room for both at once.
UNPACKED_SIZE_FACTOR = 1.25
_AGAIN = "then run `dateline up` again."


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerFiles:
    """The checked files of both servers."""

    kafka_jars: tuple[Path, ...]
    elasticsearch_home: Path


def download_with_jgo(pin: PinnedFile, folder: Path, advance: Callable[[int], None]) -> Path:
    """Return the path of the downloaded file, below ``folder``; nothing is checked yet.

    Raises:
        requests.RequestException: no network, or the connection broke.
        RuntimeError: the repository does not have the file.
    """
    # Imported late, like requests below: most starts download nothing.
    from jgo.maven import MavenContext, PythonResolver

    @contextmanager
    def show(_filename: str, _total_bytes: int) -> Iterator[Callable[[int], None]]:
        yield advance

    context = MavenContext(
        resolver=PythonResolver(progress_callback=show),
        repo_cache=folder,
        timeout=SILENCE_TIMEOUT_SECONDS,
    )
    component = context.project(pin.group, pin.artifact).at_version(pin.version)
    return Path(component.artifact(packaging=pin.packaging).resolve())


def prepare_files(
    pins: Pins, cache_dir: Path, report: Progress, *, download: Download = download_with_jgo
) -> ServerFiles:
    """Return the files of both servers, ready for use and readable by every user.

    Without anything missing this takes milliseconds and no network. The caller holds the lock of
    the cache folder.

    Raises:
        ConfigError: no network, no disk space, a wrong checksum or no right to write.

    Effects: writes to ``cache_dir``; safe to call again after any failure.
    """
    try:
        cache_dir.mkdir(parents=True, exist_ok=True, mode=0o755)
        cache = _Cache(cache_dir, report)
        shutil.rmtree(cache.incoming, ignore_errors=True)
        return _prepare(pins, cache, download)
    except OSError as exc:
        if exc.errno == errno.ENOSPC:
            raise ConfigError(
                f"The disk of {cache_dir} is full.", hint=f"Free some space, {_AGAIN}"
            ) from exc
        raise ConfigError(
            f"The cache folder {cache_dir} cannot be used: {exc.strerror or exc}.",
            hint="Make it writable, or set servers.cache_dir to another folder.",
        ) from exc


def missing_bytes(pins: Pins, cache_dir: Path) -> int:
    """Return how many bytes ``prepare_files`` would download; changes nothing."""
    cache = _Cache(cache_dir, SilentProgress())
    jars = [pin for pin in pins.kafka_jars if not cache.jar_path(pin).exists()]
    archive = pins.elasticsearch_zip
    total = sum(pin.size_bytes for pin in jars)
    return total if _is_intact(cache.unpacked_path(archive)) else total + archive.size_bytes


def require_disk_space(folder: Path, needed_bytes: int) -> None:
    """Return when the disk of ``folder`` (which need not exist yet) has that much space left.

    Raises:
        ConfigError: it has less.
    """
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    free_bytes = shutil.disk_usage(existing).free
    if free_bytes < needed_bytes:
        raise ConfigError(
            f"The disk of {folder} has {free_bytes // 1_000_000} MB free, "
            f"and {needed_bytes // 1_000_000} MB are needed.",
            hint=f"Free some space, {_AGAIN}",
        )


@dataclass(slots=True)
class _Cache:
    """The cache folder and what is known of its files."""

    folder: Path
    report: Progress
    incoming: Path = field(init=False)

    def __post_init__(self) -> None:
        self.incoming = self.folder / "incoming"

    def jar_path(self, pin: PinnedFile) -> Path:
        return self.folder / "jars" / pin.file_name

    def unpacked_path(self, pin: PinnedFile) -> Path:
        return self.folder / f"{pin.artifact}-{pin.version}-{pin.sha256[:8]}"


def _prepare(pins: Pins, cache: _Cache, download: Download) -> ServerFiles:
    archive, home = pins.elasticsearch_zip, cache.unpacked_path(pins.elasticsearch_zip)
    missing = [pin for pin in pins.kafka_jars if not _is_good(pin, cache)]
    is_unpacked = _is_intact(home)
    if not is_unpacked:
        missing.insert(0, archive)
    if missing:
        unpacked_bytes = 0 if is_unpacked else int(archive.size_bytes * UNPACKED_SIZE_FACTOR)
        require_disk_space(cache.folder, sum(pin.size_bytes for pin in missing) + unpacked_bytes)
        paths = _download_all(missing, cache, download)
        for pin in missing:
            if pin is not archive:
                _accept(pin, paths[pin], cache)
        if not is_unpacked:
            _unpack(paths[archive], home, cache)
        shutil.rmtree(cache.incoming, ignore_errors=True)
    jars = tuple(cache.jar_path(pin) for pin in pins.kafka_jars)
    return ServerFiles(kafka_jars=jars, elasticsearch_home=home)


def _is_good(pin: PinnedFile, cache: _Cache) -> bool:
    """Say whether the cached file may be used.

    The checksum is computed when the file arrives and again only after its time or size has
    changed: hashing 45 MB at every start would cost more than finding the running servers.
    """
    path = cache.jar_path(pin)
    try:
        stat = path.stat()
    except FileNotFoundError:
        return False
    if stat.st_size != pin.size_bytes:
        cache.report.note(f"{pin.coordinates} is incomplete in the cache; downloading it again.")
        path.unlink()
        return False
    seal = path.with_name(f"{path.name}.ok")
    if seal.exists() and seal.read_text(encoding="ascii") == _seal_text(pin, stat):
        return True
    _require_checksum(pin, path)
    _write_readable(seal, _seal_text(pin, stat))
    return True


def _seal_text(pin: PinnedFile, stat: os.stat_result) -> str:
    return f"{pin.sha256} {stat.st_size} {stat.st_mtime_ns}"


def _require_checksum(pin: PinnedFile, path: Path) -> None:
    with path.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if found != pin.sha256:
        path.unlink()
        raise ConfigError(
            f"{pin.coordinates} has the SHA-256 {found[:12]}..., and {pin.sha256[:12]}... is "
            "pinned; the file was removed.",
            hint="Run `dateline up` again; if it repeats, a proxy or mirror changes the files.",
        )


def _download_all(
    pins: Sequence[PinnedFile], cache: _Cache, download: Download
) -> dict[PinnedFile, Path]:
    """Return where each file was put, all of them complete and with the right checksum."""
    import requests

    meter = _Meter(cache.report, total_bytes=sum(pin.size_bytes for pin in pins))

    def fetch_one(pin: PinnedFile) -> Path:
        folder = cache.incoming / pin.sha256
        folder.mkdir(parents=True, exist_ok=True)
        try:
            path = download(pin, folder, meter.advance)
        except requests.RequestException as exc:
            raise ConfigError(
                f"{pin.coordinates} cannot be downloaded: "
                f"the Maven repository does not answer ({type(exc).__name__}).",
                hint=f"Check the network and the proxy settings, {_AGAIN}",
            ) from exc
        except RuntimeError as exc:
            raise ConfigError(
                f"The Maven repository does not have {pin.coordinates}.",
                hint="Check config/servers.toml and the proxy settings.",
            ) from exc
        size_bytes = path.stat().st_size
        if size_bytes < pin.size_bytes:
            path.unlink()
            raise ConfigError(
                f"The download of {pin.coordinates} broke off after {size_bytes} of "
                f"{pin.size_bytes} bytes.",
                hint=f"Check the network, {_AGAIN}",
            )
        _require_checksum(pin, path)
        return path

    paths: dict[PinnedFile, Path] = {}
    with ThreadPoolExecutor(DOWNLOAD_THREADS) as executor:
        futures = {executor.submit(fetch_one, pin): pin for pin in pins}
        try:
            for future in as_completed(futures):
                paths[futures[future]] = future.result()
        except BaseException:
            # Also for Ctrl-C: the pool would otherwise finish every file before it ends.
            meter.cancel()
            executor.shutdown(wait=False, cancel_futures=True)
            raise
    meter.finish()
    return paths


class _Cancelled(Exception):
    """Ends a download thread after another one has failed."""


class _Meter:
    """Adds up the bytes of all download threads."""

    TASK = "Download"

    def __init__(self, report: Progress, *, total_bytes: int) -> None:
        self._report = report
        self._total_bytes = total_bytes
        self._done_bytes = 0
        self._lock = threading.Lock()
        self._is_cancelled = False

    def advance(self, byte_count: int) -> None:
        """Count ``byte_count`` more bytes; ends the thread when the download was cancelled."""
        if self._is_cancelled:
            raise _Cancelled
        with self._lock:
            self._done_bytes += byte_count
            self._report.update(
                self.TASK, done=self._done_bytes, total=self._total_bytes, unit="bytes"
            )

    def cancel(self) -> None:
        """Make every thread stop at its next chunk."""
        self._is_cancelled = True

    def finish(self) -> None:
        """Say that everything has arrived."""
        self._report.finish(self.TASK, outcome=f"{self._total_bytes / 1e6:.0f} MB, checksums right")


def _accept(pin: PinnedFile, downloaded: Path, cache: _Cache) -> None:
    """Give a checked file its final name."""
    path = cache.jar_path(pin)
    path.parent.mkdir(exist_ok=True)
    path.parent.chmod(0o755)
    downloaded.chmod(0o644)
    downloaded.replace(path)
    _write_readable(path.with_name(f"{path.name}.ok"), _seal_text(pin, path.stat()))


def _unpack(archive: Path, home: Path, cache: _Cache) -> None:
    """Unpack the distribution; it appears under its final name complete or not at all."""
    task = "Unpack Elasticsearch"
    folder = cache.incoming / "unpacked"
    shutil.rmtree(home, ignore_errors=True)
    with zipfile.ZipFile(archive) as source:
        entries = source.infolist()
        for done, entry in enumerate(entries, start=1):
            target = Path(source.extract(entry, folder))
            if entry.is_dir():
                continue
            is_executable = bool(entry.external_attr >> 16 & 0o100)
            target.chmod(0o755 if is_executable else 0o644)
            cache.report.update(task, done=done, total=len(entries), unit="bytes")
    top = next(folder.iterdir())
    for path in (top, *top.rglob("*")):
        # The umask of root may have kept everybody else out.
        if path.is_dir():
            path.chmod(0o755)
    _write_readable(top / _SEAL, json.dumps(_measure(top)))
    top.replace(home)
    cache.folder.chmod(0o755)
    cache.report.finish(task, outcome=f"{len(entries)} files")


_SEAL = ".dateline-unpacked.json"


def _is_intact(home: Path) -> bool:
    """Say whether the unpacked tree still has the files and the bytes that it had."""
    try:
        expected = json.loads((home / _SEAL).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return bool(expected == _measure(home))


def _measure(top: Path) -> dict[str, int]:
    sizes = [
        path.stat().st_size for path in top.rglob("*") if path.is_file() and path.name != _SEAL
    ]
    return {"files": len(sizes), "bytes": sum(sizes)}


def _write_readable(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8")
    path.chmod(0o644)
