"""The search for a Java that runs both servers."""

from __future__ import annotations

import os
from pathlib import Path

import cjdk
import pytest

from dateline.errors import ConfigError
from dateline.local import SilentProgress
from dateline.local.folders import Folders, ServerUser, find_folders
from dateline.local.java import Java, JavaSearch, find_java, inspect_java, search_java

MODULES = "java.base@{version}.0.1\\njdk.compiler@{version}\\njdk.jlink@{version}.0.1\\n"
SLIM_MODULES = "java.base@{version}.0.1\\njava.xml@{version}\\n"


def _fake_java(home: Path, version: int, *, modules: str = MODULES, exit_code: int = 0) -> Path:
    binary = home / "bin" / "java"
    binary.parent.mkdir(parents=True)
    text = modules.format(version=version)
    binary.write_text(f"#!/bin/sh\nprintf '{text}'\nexit {exit_code}\n")
    binary.chmod(0o755)
    return home


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    return find_folders(tmp_path / ".dateline", tmp_path / "cache", user_id=1000)


def _search(folders: Folders, java_home: Path | None, path: str = "/nowhere") -> JavaSearch:
    pattern = str(folders.state_dir.parent / "jvm" / "*")
    return search_java(java_home, folders, search_path=path, patterns=[pattern])


@pytest.mark.parametrize(
    ("version", "modules", "exit_code", "reason"),
    [
        pytest.param(17, MODULES, 0, "Java 17 is too old", id="too-old"),
        pytest.param(25, SLIM_MODULES, 0, "Java 25 lacks the module jdk.jlink", id="no-jlink"),
        pytest.param(8, "", 1, "older than Java 9, or broken (exit code 1)", id="java-8"),
    ],
)
def test_inspect_java_says_why_not(
    tmp_path: Path, version: int, modules: str, exit_code: int, reason: str
) -> None:
    home = _fake_java(tmp_path / "java", version, modules=modules, exit_code=exit_code)
    assert inspect_java(home, user=None) == reason


def test_inspect_java_without_a_binary(tmp_path: Path) -> None:
    assert inspect_java(tmp_path, user=None) == "has no bin/java"


def test_inspect_java_that_is_no_program(tmp_path: Path) -> None:
    home = _fake_java(tmp_path / "java", 25)
    (home / "bin" / "java").write_bytes(b"\0\0\0\0")
    assert inspect_java(home, user=None) == "it does not run (OSError)"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can try as another user")
def test_inspect_java_in_a_closed_home(tmp_path: Path) -> None:
    closed = tmp_path / "home"
    home = _fake_java(closed / "java", 25)
    closed.chmod(0o700)
    nobody = ServerUser(name="nobody", uid=65534, gid=65534)
    assert inspect_java(home, user=nobody) == "the user nobody cannot run it"


def test_search_java_takes_java_home_first(folders: Folders, tmp_path: Path) -> None:
    mine = _fake_java(tmp_path / "mine", 21)
    _fake_java(tmp_path / "jvm" / "other", 25)
    assert _search(folders, mine) == JavaSearch(found=Java(home=mine, version=21), rejected=())


def test_search_java_finds_it_on_the_path(folders: Folders, tmp_path: Path) -> None:
    home = _fake_java(tmp_path / "java", 22)
    (tmp_path / "links").mkdir()
    (tmp_path / "links" / "java").symlink_to(home / "bin" / "java")
    found = _search(folders, None, path=str(tmp_path / "links")).found
    assert found == Java(home=home, version=22)


def test_search_java_goes_on_after_an_old_one(folders: Folders, tmp_path: Path) -> None:
    old = _fake_java(tmp_path / "old", 17)
    good = _fake_java(tmp_path / "jvm" / "good", 25)
    result = _search(folders, tmp_path / "gone", path=str(old / "bin"))
    assert result == JavaSearch(
        found=Java(home=good, version=25),
        rejected=((tmp_path / "gone", "has no bin/java"), (old, "Java 17 is too old")),
    )


def test_find_java_lists_every_place_when_there_is_none(folders: Folders, tmp_path: Path) -> None:
    old = _fake_java(tmp_path / "old", 17)
    slim = _fake_java(tmp_path / "jvm" / "slim", 25, modules=SLIM_MODULES)

    def no_network(_folders: Folders) -> Path:
        raise cjdk.InstallError("no network")

    with pytest.raises(ConfigError) as caught:
        find_java(
            None,
            folders,
            SilentProgress(),
            search=lambda home, where: _search(where, home, path=str(old / "bin")),
            download=no_network,
        )
    assert str(caught.value) == (
        f"No Java 21 or newer with the module jdk.jlink was found ({old}: Java 17 is too old; "
        f"{slim}: Java 25 lacks the module jdk.jlink), and none could be downloaded "
        "(InstallError). Install a JDK 21 or newer (not a JRE) and set JAVA_HOME to it."
    )


def test_find_java_none_installed(folders: Folders) -> None:
    def no_network(_folders: Folders) -> Path:
        raise cjdk.InstallError("no network")

    with pytest.raises(ConfigError, match=r"was found \(none is installed\), and none could"):
        find_java(
            None,
            folders,
            SilentProgress(),
            search=lambda home, where: _search(where, home),
            download=no_network,
        )


def test_find_java_uses_what_it_downloaded(folders: Folders, tmp_path: Path) -> None:
    found = find_java(
        None,
        folders,
        SilentProgress(),
        search=lambda home, where: _search(where, home),
        download=lambda _folders: _fake_java(tmp_path / "downloaded", 25),
    )
    assert found == Java(home=tmp_path / "downloaded", version=25)


def test_find_java_download_is_found_again_without_network(
    folders: Folders, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = folders.cache_dir / "java" / "v0" / "jdk"
    monkeypatch.setattr(cjdk, "java_home", lambda **_options: _fake_java(home, 25))
    before = os.umask(0o077)
    try:
        find_java(None, folders, SilentProgress(), search=lambda java, where: _search(where, java))
    finally:
        os.umask(before)
    assert _search(folders, None).found == Java(home=home, version=25)
    assert all(path.stat().st_mode & 0o005 == 0o005 for path in (home, home / "bin" / "java"))
