"""Downloads of the embedded servers: only whole files with the pinned checksum are ever used."""

from __future__ import annotations

import errno
import hashlib
import io
import os
import shutil
import socket
import stat
import zipfile
from collections import namedtuple
from collections.abc import Callable
from pathlib import Path

import pytest
import requests

from dateline.errors import ConfigError
from dateline.local import SilentProgress
from dateline.local.fetch import download_with_jgo, missing_bytes, prepare_files
from dateline.local.pins import PinnedFile, Pins

JAR = b"a jar " * 100
Usage = namedtuple("Usage", "total used free")


def _zip_bytes() -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        script = zipfile.ZipInfo("elasticsearch-9/bin/elasticsearch")
        script.external_attr = (stat.S_IFREG | 0o755) << 16
        archive.writestr(script, "#!/bin/bash\n")
        archive.writestr("elasticsearch-9/lib/server.jar", "content")
    return stream.getvalue()


ZIP = _zip_bytes()


def _pin(artifact: str, content: bytes, packaging: str = "jar") -> PinnedFile:
    return PinnedFile(
        group="org.example",
        artifact=artifact,
        version="1",
        packaging=packaging,
        size_bytes=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )


PINS = Pins(
    kafka_version="1",
    kafka_jars=(_pin("broker", JAR),),
    elasticsearch_version="1",
    elasticsearch_zip=_pin("elasticsearch", ZIP, "zip"),
)
CONTENT = {"broker": JAR, "elasticsearch": ZIP}


class Repository:
    """Serves files like the Maven repository would, and counts how often it is asked."""

    def __init__(self, content: dict[str, bytes] | None = None) -> None:
        self.content = CONTENT if content is None else content
        self.asked: list[str] = []

    def download(self, pin: PinnedFile, folder: Path, advance: Callable[[int], None]) -> Path:
        self.asked.append(pin.artifact)
        path = folder / "file"
        path.write_bytes(self.content[pin.artifact])
        advance(len(self.content[pin.artifact]))
        return path


def _fails(error: Exception) -> Callable[..., Path]:
    def download(pin: PinnedFile, folder: Path, advance: Callable[[int], None]) -> Path:
        raise error

    return download


def _prepare(cache: Path, download: Callable[..., Path]) -> None:
    prepare_files(PINS, cache, SilentProgress(), download=download)


def _files(cache: Path) -> list[str]:
    return sorted(str(path.relative_to(cache)) for path in cache.rglob("*") if path.is_file())


def test_prepare_files_second_call_needs_no_network(tmp_path: Path) -> None:
    first = prepare_files(PINS, tmp_path, SilentProgress(), download=Repository().download)
    second = prepare_files(
        PINS, tmp_path, SilentProgress(), download=_fails(requests.ConnectionError())
    )
    assert first == second
    assert [jar.read_bytes() for jar in second.kafka_jars] == [JAR]
    assert missing_bytes(PINS, tmp_path) == 0


def test_prepare_files_second_call_hashes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _prepare(tmp_path, Repository().download)
    monkeypatch.setattr(hashlib, "file_digest", _fails(AssertionError("hashed")))
    _prepare(tmp_path, Repository().download)


def test_prepare_files_every_user_can_read_whatever_the_umask(tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        files = prepare_files(
            PINS, tmp_path / "cache", SilentProgress(), download=Repository().download
        )
    finally:
        os.umask(before)
    script = files.elasticsearch_home / "bin" / "elasticsearch"
    assert stat.S_IMODE(script.stat().st_mode) == 0o755
    assert stat.S_IMODE(files.kafka_jars[0].stat().st_mode) == 0o644
    for path in (script, *files.kafka_jars):
        parents = [parent for parent in path.parents if tmp_path in parent.parents]
        assert all(parent.stat().st_mode & 0o005 == 0o005 for parent in parents)


def test_prepare_files_truncated_file_in_the_cache_is_downloaded_again(tmp_path: Path) -> None:
    files = prepare_files(PINS, tmp_path, SilentProgress(), download=Repository().download)
    files.kafka_jars[0].write_bytes(JAR[:10])
    repository = Repository()
    _prepare(tmp_path, repository.download)
    assert repository.asked == ["broker"]
    assert files.kafka_jars[0].read_bytes() == JAR


def test_prepare_files_changed_file_in_the_cache_is_removed(tmp_path: Path) -> None:
    files = prepare_files(PINS, tmp_path, SilentProgress(), download=Repository().download)
    changed = b"X" * len(JAR)
    files.kafka_jars[0].write_bytes(changed)
    os.utime(files.kafka_jars[0], ns=(1, 1))
    with pytest.raises(ConfigError) as caught:
        _prepare(tmp_path, Repository().download)
    found, pinned = hashlib.sha256(changed).hexdigest(), PINS.kafka_jars[0].sha256
    assert str(caught.value) == (
        f"org.example:broker:1 has the SHA-256 {found[:12]}..., and {pinned[:12]}... is pinned; "
        "the file was removed. Run `dateline up` again; if it repeats, a proxy or mirror changes "
        "the files."
    )
    assert not files.kafka_jars[0].exists()


def test_prepare_files_wrong_checksum_leaves_nothing(tmp_path: Path) -> None:
    repository = Repository(CONTENT | {"broker": b"X" * len(JAR)})
    with pytest.raises(ConfigError, match=r"^org\.example:broker:1 has the SHA-256 "):
        _prepare(tmp_path, repository.download)
    assert not [name for name in _files(tmp_path) if name.startswith("jars")]


def test_prepare_files_half_download(tmp_path: Path) -> None:
    repository = Repository(CONTENT | {"broker": JAR[:100]})
    with pytest.raises(ConfigError) as caught:
        _prepare(tmp_path, repository.download)
    assert str(caught.value) == (
        "The download of org.example:broker:1 broke off after 100 of 600 bytes. "
        "Check the network, then run `dateline up` again."
    )
    _prepare(tmp_path, Repository().download)
    assert not (tmp_path / "incoming").exists()


def test_prepare_files_left_over_half_download_is_not_used(tmp_path: Path) -> None:
    half = tmp_path / "incoming" / PINS.kafka_jars[0].sha256 / "file"
    half.parent.mkdir(parents=True)
    half.write_bytes(JAR[:100])
    files = prepare_files(PINS, tmp_path, SilentProgress(), download=Repository().download)
    assert files.kafka_jars[0].read_bytes() == JAR


def test_prepare_files_damaged_distribution_is_unpacked_again(tmp_path: Path) -> None:
    files = prepare_files(PINS, tmp_path, SilentProgress(), download=Repository().download)
    (files.elasticsearch_home / "lib" / "server.jar").unlink()
    repository = Repository()
    _prepare(tmp_path, repository.download)
    assert repository.asked == ["elasticsearch"]
    assert (files.elasticsearch_home / "lib" / "server.jar").exists()


def test_prepare_files_without_network(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        _prepare(tmp_path, _fails(requests.ConnectionError("host and port")))
    assert str(caught.value) in {
        f"org.example:{artifact}:1 cannot be downloaded: the Maven repository does not answer "
        "(ConnectionError). Check the network and the proxy settings, then run `dateline up` "
        "again."
        for artifact in CONTENT
    }


def test_prepare_files_unknown_to_the_repository(tmp_path: Path) -> None:
    repository = Repository()
    repository.content = CONTENT | {"broker": b""}

    def download(pin: PinnedFile, folder: Path, advance: Callable[[int], None]) -> Path:
        if pin.artifact == "broker":
            raise RuntimeError("not found")
        return repository.download(pin, folder, advance)

    with pytest.raises(ConfigError) as caught:
        _prepare(tmp_path, download)
    assert str(caught.value) == (
        "The Maven repository does not have org.example:broker:1. "
        "Check config/servers.toml and the proxy settings."
    )


def test_prepare_files_not_enough_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pins = Pins(
        kafka_version="1",
        kafka_jars=(_pin("broker", JAR),),
        elasticsearch_version="1",
        elasticsearch_zip=PinnedFile(
            group="g", artifact="a", version="1", packaging="zip", size_bytes=10**8, sha256="0"
        ),
    )
    monkeypatch.setattr(
        shutil, "disk_usage", lambda _path: Usage(10**9, 10**9 - 5_000_000, 5_000_000)
    )
    with pytest.raises(ConfigError) as caught:
        prepare_files(pins, tmp_path, SilentProgress(), download=Repository().download)
    assert str(caught.value) == (
        f"The disk of {tmp_path} has 5 MB free, and 225 MB are needed. "
        "Free some space, then run `dateline up` again."
    )


def test_prepare_files_disk_full_while_downloading(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        _prepare(tmp_path, _fails(OSError(errno.ENOSPC, "No space left on device")))
    assert str(caught.value) == (
        f"The disk of {tmp_path} is full. Free some space, then run `dateline up` again."
    )


def test_prepare_files_cache_folder_is_a_file(tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("")
    with pytest.raises(ConfigError) as caught:
        _prepare(tmp_path / "cache", Repository().download)
    assert str(caught.value) == (
        f"The cache folder {tmp_path / 'cache'} cannot be used: File exists. "
        "Make it writable, or set servers.cache_dir to another folder."
    )


def test_prepare_files_interrupt_ends_the_other_downloads(tmp_path: Path) -> None:
    def download(pin: PinnedFile, folder: Path, advance: Callable[[int], None]) -> Path:
        if pin.artifact == "broker":
            raise KeyboardInterrupt
        while True:
            advance(1)

    with pytest.raises(KeyboardInterrupt):
        _prepare(tmp_path, download)
    assert not [name for name in _files(tmp_path) if name.startswith(("jars", "elasticsearch"))]


def test_download_with_jgo_through_a_dead_proxy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        proxy = f"http://127.0.0.1:{closed.getsockname()[1]}"
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    monkeypatch.setenv("https_proxy", proxy)
    with pytest.raises(ConfigError) as caught:
        _prepare(tmp_path, download_with_jgo)
    assert "the Maven repository does not answer (ProxyError). Check the network" in str(
        caught.value
    )
