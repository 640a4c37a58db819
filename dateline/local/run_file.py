"""Read and write what is known of the running servers (``.dateline/run/servers.json``)."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from dateline.local.options import ServerName


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerRecord:
    """One started server.

    Attributes:
        pid: the process that leads the server's session.
        created_at_seconds: Unix time at which that process was created; for display.
        mark: the word in the command line of all its processes.
        port: where clients connect.
        inner_port: Kafka's controller port, Elasticsearch's transport port.
        is_ready: the server has answered; false while it starts, and after a start was killed.
    """

    pid: int
    created_at_seconds: float
    mark: str
    port: int
    inner_port: int
    version: str
    data_dir: str
    log_path: str
    is_ready: bool = False

    def ready(self) -> ServerRecord:
        """Return the record of the same server, now answering."""
        return replace(self, is_ready=True)


def read_records(run_dir: Path) -> dict[ServerName, ServerRecord]:
    """Return what was recorded; empty when nothing was, or when the file makes no sense."""
    return _records(_read_json(run_dir / "servers.json"))


def write_records(run_dir: Path, records: dict[ServerName, ServerRecord]) -> None:
    """Replace the run file at once; no records remove it.

    Effects: also notes the ports, which the next start prefers even after the file is gone.
    """
    run_dir.mkdir(parents=True, exist_ok=True)
    path = run_dir / "servers.json"
    if not records:
        path.unlink(missing_ok=True)
        return
    _replace(path, {name: asdict(record) for name, record in records.items()})
    ports = _read_json(run_dir / "ports.json")
    ports |= {name: [record.port, record.inner_port] for name, record in records.items()}
    _replace(run_dir / "ports.json", ports)


def last_ports(run_dir: Path, name: ServerName) -> tuple[int, int] | None:
    """Return (port, inner port) of the last start of this server, if there was one."""
    match _read_json(run_dir / "ports.json").get(name):
        case [int(port), int(inner_port)]:
            return port, inner_port
        case _:
            return None


def _records(rows: dict[str, Any]) -> dict[ServerName, ServerRecord]:
    try:
        found = {name: ServerRecord(**row) for name, row in rows.items()}
    except TypeError:
        # Written by another version of this program; the processes are found by their marks.
        return {}
    return {name: found[name] for name in ("kafka", "elasticsearch") if name in found}


def _read_json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) else {}


def _replace(path: Path, content: dict[str, Any]) -> None:
    new = path.with_name(f"{path.name}.new")
    new.write_text(json.dumps(content, indent=1), encoding="utf-8")
    new.replace(path)
