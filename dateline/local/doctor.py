"""Return the checks of ``dateline doctor``: what the embedded servers need, and is it there?"""

from __future__ import annotations

import os
import re
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import psutil

from dateline.errors import ConfigError
from dateline.local.fetch import missing_bytes
from dateline.local.folders import Folders, find_folders
from dateline.local.java import MIN_VERSION, REQUIRED_MODULE, search_java, user_can_enter
from dateline.local.options import TITLES, ServerName, ServerOptions
from dateline.local.pins import load_pins
from dateline.local.ports import is_free
from dateline.local.servers import DATA_SPACE_BYTES, server_status

MIN_PYTHON = (3, 11)
# Besides the heaps: code, threads and buffers of three Java processes, measured 250 MB.
MEMORY_BESIDE_HEAPS_BYTES = 300_000_000
CONTACT_LINE = 'contact = "newsdesk@your-site.example"'


@dataclass(frozen=True, slots=True, kw_only=True)
class Check:
    """One line of the report.

    Attributes:
        verdict: ``ok``, ``note`` (works, but worth knowing) or ``problem`` (``up`` would fail).
        detail: what was found.
        remedy: what to do; empty when there is nothing to do.
    """

    name: str
    verdict: str
    detail: str
    remedy: str = ""


def run_checks(state_dir: Path, options: ServerOptions) -> list[Check]:
    """Return every check in the order in which a start needs them.

    Effects: runs ``java`` and asks the two preferred ports; changes nothing, downloads nothing.
    """
    try:
        folders = find_folders(state_dir, options.cache_dir)
    except ConfigError as exc:
        return [_problem("User", exc.message, exc.hint)]
    checks: list[Callable[[], Check]] = [
        check_python,
        lambda: check_java(folders, options),
        lambda: check_user(folders),
        lambda: check_writable("Cache folder", folders.cache_dir, "servers.cache_dir"),
        lambda: check_writable("State folder", folders.state_dir, "project.state_dir"),
        lambda: check_files(folders),
        lambda: check_disk(folders),
        lambda: check_memory(folders, options),
        lambda: check_port(folders, "kafka", options.kafka_port),
        lambda: check_port(folders, "elasticsearch", options.elasticsearch_port),
        lambda: check_servers(folders),
    ]
    return [check() for check in checks]


def check_python(version: tuple[int, int] = sys.version_info[:2]) -> Check:
    """Say whether this Python is new enough."""
    text = f"{version[0]}.{version[1]}"
    if version < MIN_PYTHON:
        return _problem("Python", f"{text} is too old", "Use Python 3.11 or newer.")
    return _ok("Python", text)


def check_java(folders: Folders, options: ServerOptions) -> Check:
    """Say which Java would be used, and why others were passed over."""
    result = search_java(options.java_home, folders)
    passed_over = "; ".join(f"{home}: {reason}" for home, reason in result.rejected)
    if result.found is None:
        return Check(
            name="Java",
            verdict="note",
            detail=f"none of {MIN_VERSION} or newer with {REQUIRED_MODULE} "
            f"({passed_over or 'none is installed'}); `dateline up` would download one",
            remedy=f"Install a JDK {MIN_VERSION} or newer and set JAVA_HOME to it.",
        )
    found = f"{result.found.version} in {result.found.home}"
    return _ok("Java", f"{found} (passed over: {passed_over})" if passed_over else found)


def check_user(folders: Folders) -> Check:
    """Say who runs Elasticsearch and whether that user can reach its files."""
    user = folders.elasticsearch_user
    bash_missing = not Path("/bin/bash").exists()
    if bash_missing:
        return _problem("Elasticsearch user", "/bin/bash is missing", "Install bash.")
    if user is None:
        return _ok("Elasticsearch user", "the caller")
    if os.geteuid() == 0 and not user_can_enter(_existing(folders.cache_dir), user):
        return _problem(
            "Elasticsearch user",
            f"{user.name} cannot reach {folders.cache_dir}",
            "Set servers.cache_dir to a folder that every user can reach.",
        )
    return _ok(
        "Elasticsearch user",
        f"{user.name}, because root may not; data in {folders.elasticsearch_dir}",
    )


def check_writable(name: str, folder: Path, setting: str) -> Check:
    """Say whether the folder can be written, or made."""
    if os.access(_existing(folder), os.W_OK | os.X_OK):
        return _ok(name, str(folder))
    return _problem(
        name,
        f"{folder} cannot be written",
        f"Make it writable, or set {setting} to another folder.",
    )


def check_files(folders: Folders) -> Check:
    """Say what the next start would download."""
    try:
        pins = load_pins()
    except ConfigError as exc:
        return _problem("Server files", exc.message, exc.hint)
    versions = f"Kafka {pins.kafka_version}, Elasticsearch {pins.elasticsearch_version}"
    needed = missing_bytes(pins, folders.cache_dir)
    if needed:
        return Check(
            name="Server files",
            verdict="note",
            detail=f"{versions}; the next `dateline up` downloads {needed / 1e6:.0f} MB",
        )
    return _ok("Server files", f"{versions}, in the cache")


def check_disk(folders: Folders) -> Check:
    """Say whether downloads and data have room."""
    download_bytes = 3 * missing_bytes(load_pins(), folders.cache_dir)
    for folder, needed_bytes in (
        (folders.cache_dir, download_bytes),
        (folders.state_dir, DATA_SPACE_BYTES),
        (folders.elasticsearch_dir, DATA_SPACE_BYTES),
    ):
        free_bytes = shutil.disk_usage(_existing(folder)).free
        if free_bytes < needed_bytes:
            return _problem(
                "Disk",
                f"{folder} has {free_bytes // 1_000_000} MB free of {needed_bytes // 1_000_000} "
                "MB needed",
                "Free some space.",
            )
    return _ok("Disk", f"{shutil.disk_usage(_existing(folders.state_dir)).free / 1e9:.1f} GB free")


def check_memory(folders: Folders, options: ServerOptions) -> Check:
    """Say whether the heaps fit into the memory that is available now."""
    available_bytes = psutil.virtual_memory().available
    heaps_bytes = (options.kafka_heap_mb + options.elasticsearch_heap_mb) * 1024 * 1024
    needed_bytes = heaps_bytes + MEMORY_BESIDE_HEAPS_BYTES
    is_running = any(status.state == "running" for status in server_status(folders.state_dir))
    detail = f"{available_bytes / 1e9:.1f} GB available, {needed_bytes / 1e9:.1f} GB used by both"
    if available_bytes < needed_bytes and not is_running:
        return Check(
            name="Memory",
            verdict="note",
            detail=detail,
            remedy="End other programs, or lower servers.elasticsearch_heap_mb.",
        )
    return _ok("Memory", detail)


def check_port(folders: Folders, name: ServerName, port: int) -> Check:
    """Say whether the preferred port is free, ours or taken."""
    title = f"Port {port}"
    ours = {status.name: status for status in server_status(folders.state_dir)}[name]
    if ours.state == "running":
        return _ok(title, f"{TITLES[name]} of this folder runs on {ours.port}")
    if is_free(port):
        return _ok(title, "free")
    return Check(
        name=title,
        verdict="note",
        detail=f"in use by another program; {TITLES[name]} will take another port",
    )


def check_servers(folders: Folders) -> Check:
    """Say which servers of this folder are alive."""
    states = server_status(folders.state_dir)
    detail = ", ".join(f"{TITLES[status.name]} {status.state}" for status in states)
    if any(status.state == "dead" for status in states):
        logs = ", ".join(status.log_path for status in states if status.state == "dead")
        return Check(
            name="Servers",
            verdict="note",
            detail=f"{detail}; see {logs}",
            remedy="Run `dateline up` to start what is missing.",
        )
    return _ok("Servers", detail)


def check_contact(contact: str, config_path: Path, *, set_by: str = "") -> Check:
    """Say whether the sites that are fetched are told whom to ask.

    Args:
        contact: the setting ``fetch.contact``.
        config_path: the settings file, which need not exist.
        set_by: where the setting comes from, as in ``Settings.origins``; "": it is the default.
    """
    if contact.strip():
        return _ok("Contact", contact)
    is_elsewhere = set_by not in ("", str(config_path))
    return Check(
        name="Contact",
        verdict="note",
        detail="fetch.contact is empty: the user agent does not tell sites whom to ask",
        remedy=f"It is empty by {set_by}: give an address there."
        if is_elsewhere
        else _contact_remedy(config_path),
    )


def _contact_remedy(path: Path) -> str:
    """Return which line of the settings file to set, add, or begin with."""
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        return f"Write two lines into {path}: [fetch] and {CONTACT_LINE}."
    section = header = 0
    for number, line in enumerate(lines, start=1):
        if re.match(r"\s*\[", line):
            section = number if re.match(r"\s*\[\s*fetch\s*\]", line) else 0
            header = section or header
        elif re.match(r"\s*contact\s*=" if section else r"\s*fetch\s*(\.\s*contact\s*)?=", line):
            return f"Set line {number} of {path}: {CONTACT_LINE}."
    if header:
        return f"Add a line below line {header} of {path}: {CONTACT_LINE}."
    return f"Add two lines at the end of {path}, line {len(lines) + 1}: [fetch] and {CONTACT_LINE}."


def _existing(folder: Path) -> Path:
    return next(path for path in (folder, *folder.parents) if path.exists())


def _ok(name: str, detail: str) -> Check:
    return Check(name=name, verdict="ok", detail=detail)


def _problem(name: str, detail: str, remedy: str) -> Check:
    return Check(name=name, verdict="problem", detail=detail, remedy=remedy)
