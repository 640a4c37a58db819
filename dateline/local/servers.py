"""Start, find and stop the embedded Kafka and Elasticsearch of one project folder."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import psutil
from filelock import FileLock, Timeout

from dateline.errors import ConfigError
from dateline.local import elasticsearch_server, kafka_server
from dateline.local.elasticsearch_server import ElasticsearchPlan, elasticsearch_answers
from dateline.local.fetch import ServerFiles, prepare_files, require_disk_space
from dateline.local.folders import Folders, ServerUser, find_folders
from dateline.local.java import Java, find_java, user_can_enter
from dateline.local.kafka_server import KafkaPlan, kafka_answers
from dateline.local.options import (
    SERVER_NAMES,
    TITLES,
    Endpoints,
    Progress,
    ServerName,
    ServerOptions,
    ServerStatus,
    SilentProgress,
)
from dateline.local.pins import load_pins
from dateline.local.ports import HOST, choose_port, is_free
from dateline.local.processes import (
    STOP_DEADLINE_SECONDS,
    child_has_ended,
    find_processes,
    is_ours,
    memory_bytes,
    spawn,
    stop_processes,
)
from dateline.local.run_file import ServerRecord, last_ports, read_records, write_records

# Room for the first hours of data; the servers' own files are counted apart.
DATA_SPACE_BYTES = 300_000_000
POLL_SECONDS = 0.1
# A cancelled start keeps nobody waiting: there is nothing to write yet.
CANCEL_DEADLINE_SECONDS = 10.0
# Preferred inner ports: Kafka's controller, Elasticsearch's transport.
INNER_PORTS: dict[ServerName, int] = {"kafka": 9093, "elasticsearch": 9300}


def start_servers(
    state_dir: Path, *, options: ServerOptions | None = None, report: Progress | None = None
) -> Endpoints:
    """Return where both servers answer, starting what is not running.

    Args:
        state_dir: the project's folder for data, logs and the run file, usually ``.dateline``.
        options: how to start; running servers keep theirs.
        report: is told about downloads and start-up.

    Raises:
        ConfigError: one sentence with the cause and what to do; no server that this call started
            is running then. The same holds after ``KeyboardInterrupt``.

    Effects: downloads the servers when the cache folder lacks them. Safe to call again, also while
    another process does: the second call waits and finds the servers of the first.
    """
    found = read_endpoints(state_dir)
    if found:
        return found
    options, report = options or ServerOptions(), report or SilentProgress()
    folders = find_folders(state_dir, options.cache_dir)
    with _state_lock(folders, report, options.startup_timeout_seconds):
        running = _running(folders)
        missing = [name for name in SERVER_NAMES if name not in running]
        if missing:
            _start(missing, folders, options, report)
    return _endpoints(read_records(folders.run_dir))


def start_server(
    state_dir: Path,
    name: ServerName,
    *,
    options: ServerOptions | None = None,
    report: Progress | None = None,
) -> int:
    """Return the port of one server, starting it on the port that it had last.

    For tests that stop and start one server under running clients.

    Raises:
        ConfigError: as ``start_servers``; also when the port is in use by now.
    """
    options, report = options or ServerOptions(), report or SilentProgress()
    folders = find_folders(state_dir, options.cache_dir)
    with _state_lock(folders, report, options.startup_timeout_seconds):
        if name not in _running(folders):
            _require_last_ports(folders, name)
            _start([name], folders, options, report, is_last_port_first=True)
        return read_records(folders.run_dir)[name].port


def stop_servers(state_dir: Path) -> list[str]:
    """Return the names of the servers that were stopped; empty when none was running.

    Effects: SIGTERM, then SIGKILL to what is left after 30 s. Also stops what a killed start left
    behind. Safe to call twice.

    Raises:
        ConfigError: a start of the same folder is under way and does not end.
    """
    if not (state_dir / "run").is_dir():
        return []
    folders = find_folders(state_dir)
    with _state_lock(folders, SilentProgress(), ServerOptions().startup_timeout_seconds):
        stopped = _stop(folders, SERVER_NAMES, signal.SIGTERM, STOP_DEADLINE_SECONDS)
        write_records(folders.run_dir, {})
    return [TITLES[name] for name in stopped]


def stop_server(
    state_dir: Path, name: ServerName, stop_signal: signal.Signals = signal.SIGTERM
) -> bool:
    """Return whether one server was running, and stop it (for tests: also by SIGKILL).

    Effects: the port stays noted, ``start_server`` takes it again. Safe to call twice.
    """
    folders = find_folders(state_dir)
    with _state_lock(folders, SilentProgress(), ServerOptions().startup_timeout_seconds):
        stopped = _stop(folders, [name], stop_signal, STOP_DEADLINE_SECONDS)
        _forget(folders, [name])
    return bool(stopped)


def read_endpoints(state_dir: Path) -> Endpoints | None:
    """Return where the servers answer, or ``None`` when not both are alive.

    Cheap (below 1 ms): reads one small file and looks at two processes; opens no connection.
    """
    records = read_records(state_dir / "run")
    if len(records) < len(SERVER_NAMES):
        return None
    if not all(record.is_ready and is_ours(record.pid, record.mark) for record in records.values()):
        return None
    return _endpoints(records)


def server_status(state_dir: Path) -> list[ServerStatus]:
    """Return what is known of each server, Kafka first."""
    records = read_records(state_dir / "run")
    return [_status(name, records.get(name)) for name in SERVER_NAMES]


def _status(name: ServerName, record: ServerRecord | None) -> ServerStatus:
    if record is None:
        return ServerStatus(name=name, state="stopped")
    is_alive = is_ours(record.pid, record.mark)
    alive_state: Literal["running", "starting"] = "running" if record.is_ready else "starting"
    return ServerStatus(
        name=name,
        state=alive_state if is_alive else "dead",
        pid=record.pid,
        port=record.port,
        version=record.version,
        memory_bytes=memory_bytes(record.mark) if is_alive else 0,
        uptime_seconds=max(0.0, time.time() - record.created_at_seconds) if is_alive else 0.0,
        data_dir=record.data_dir,
        log_path=record.log_path,
    )


def _endpoints(records: dict[ServerName, ServerRecord]) -> Endpoints:
    return Endpoints(
        kafka_bootstrap=f"{HOST}:{records['kafka'].port}",
        elasticsearch_url=f"http://{HOST}:{records['elasticsearch'].port}",
    )


def _running(folders: Folders) -> dict[ServerName, ServerRecord]:
    """Return the servers that are recorded, ready and alive."""
    return {
        name: record
        for name, record in read_records(folders.run_dir).items()
        if record.is_ready and is_ours(record.pid, record.mark)
    }


@contextmanager
def _state_lock(folders: Folders, report: Progress, timeout_seconds: float) -> Iterator[None]:
    """Keep other starts and stops of this folder out."""
    try:
        folders.run_dir.mkdir(parents=True, exist_ok=True)
    except OSError as exc:
        raise ConfigError(
            f"The state folder {folders.state_dir} cannot be written: {exc.strerror or exc}.",
            hint="Make it writable, or set project.state_dir to another folder.",
        ) from exc
    with _lock(folders.run_dir / "lock", report, timeout_seconds):
        yield


@contextmanager
def _lock(path: Path, report: Progress, timeout_seconds: float) -> Iterator[None]:
    """Hold a lock that ends with the process, however it ends."""
    lock = FileLock(path)
    try:
        try:
            lock.acquire(timeout=0)
        except Timeout:
            report.note("Another `dateline up` or `dateline down` is at work; waiting for it.")
            lock.acquire(timeout=timeout_seconds)
    except Timeout as exc:
        raise ConfigError(
            f"Another `dateline up` or `dateline down` has held {path} for "
            f"{timeout_seconds:.0f} s.",
            hint="Wait for it to end, or end it, then try again.",
        ) from exc
    except OSError as exc:
        raise ConfigError(
            f"The lock {path} cannot be taken: {exc.strerror or exc}.",
            hint="Make the folder writable for this user.",
        ) from exc
    try:
        yield
    finally:
        lock.release()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Launch:
    """How to start one server, and how to ask whether it is ready."""

    record: ServerRecord
    answers: Callable[[int], bool]


def _start(
    names: list[ServerName],
    folders: Folders,
    options: ServerOptions,
    report: Progress,
    *,
    is_last_port_first: bool = False,
) -> None:
    """Start the named servers side by side and wait until they answer; all of them or none."""
    _make_cache_dir(folders)
    for folder in (folders.state_dir, folders.elasticsearch_dir):
        require_disk_space(folder, DATA_SPACE_BYTES)
    with ExitStack() as stack:
        # Held until the servers listen: two projects starting at once would choose the same
        # ports, and two downloads would write the same files.
        wait_seconds = options.startup_timeout_seconds
        stack.enter_context(_lock(folders.cache_dir / "lock", report, wait_seconds))
        files = prepare_files(load_pins(), folders.cache_dir, report)
        java = find_java(options.java_home, folders, report)
        # After the last failure that leaves them alone: what a killed start left behind.
        _stop(folders, names, signal.SIGTERM, CANCEL_DEADLINE_SECONDS)
        try:
            starter = _Starter(folders, options, files, java, is_last_port_first=is_last_port_first)
            launches = [starter.launch(name) for name in names]
            _wait_until_ready(launches, folders, report, options.startup_timeout_seconds)
        except BaseException as exc:
            with _interrupts_ignored():
                _stop(folders, names, signal.SIGTERM, CANCEL_DEADLINE_SECONDS)
                _forget(folders, names)
            if isinstance(exc, OSError):
                raise ConfigError(
                    f"The servers cannot be started: {exc}.",
                    hint="Run `dateline doctor` to see what is missing.",
                ) from exc
            raise


class _Starter:
    """Writes the configurations and starts the processes of one call."""

    def __init__(
        self,
        folders: Folders,
        options: ServerOptions,
        files: ServerFiles,
        java: Java,
        *,
        is_last_port_first: bool,
    ) -> None:
        self._folders = folders
        self._options = options
        self._files = files
        self._java = java
        self._pins = load_pins()
        self._is_last_port_first = is_last_port_first
        self._taken: set[int] = set()

    def launch(self, name: ServerName) -> _Launch:
        """Return the started server, already in the run file."""
        record = self._start_kafka() if name == "kafka" else self._start_elasticsearch()
        write_records(self._folders.run_dir, read_records(self._folders.run_dir) | {name: record})
        return _Launch(
            record=record, answers=kafka_answers if name == "kafka" else elasticsearch_answers
        )

    def _start_kafka(self) -> ServerRecord:
        port, controller_port = self._ports("kafka", self._options.kafka_port)
        plan = KafkaPlan(
            folders=self._folders,
            java=self._java,
            jars=self._files.kafka_jars,
            heap_mb=self._options.kafka_heap_mb,
            port=port,
            controller_port=controller_port,
        )
        prepare_kafka(plan)
        pid = spawn(kafka_server.broker_command(plan))
        ports = (port, controller_port)
        return self._record("kafka", pid, ports, self._pins.kafka_version, plan.data_dir)

    def _start_elasticsearch(self) -> ServerRecord:
        port, transport_port = self._ports("elasticsearch", self._options.elasticsearch_port)
        plan = ElasticsearchPlan(
            folders=self._folders,
            java=self._java,
            home=self._files.elasticsearch_home,
            heap_mb=self._options.elasticsearch_heap_mb,
            port=port,
            transport_port=transport_port,
        )
        prepare_elasticsearch(plan)
        pid = spawn(elasticsearch_server.server_command(plan))
        version = self._pins.elasticsearch_version
        return self._record(
            "elasticsearch", pid, (port, transport_port), version, plan.folder / "data"
        )

    def _ports(self, name: ServerName, preferred: int) -> tuple[int, int]:
        wishes = [(preferred, INNER_PORTS[name])]
        last = last_ports(self._folders.run_dir, name)
        if last:
            wishes.insert(0 if self._is_last_port_first else 1, last)
        port = choose_port((wish[0] for wish in wishes), taken=self._taken)
        self._taken.add(port)
        inner_port = choose_port((wish[1] for wish in wishes), taken=self._taken)
        self._taken.add(inner_port)
        return port, inner_port

    def _record(
        self, name: ServerName, pid: int, ports: tuple[int, int], version: str, data_dir: Path
    ) -> ServerRecord:
        try:
            created_at_seconds = psutil.Process(pid).create_time()
        except psutil.Error:
            # Gone already: waiting for its answer will tell why.
            created_at_seconds = time.time()
        return ServerRecord(
            pid=pid,
            created_at_seconds=created_at_seconds,
            mark=self._folders.mark(name),
            port=ports[0],
            inner_port=ports[1],
            version=version,
            data_dir=str(data_dir),
            log_path=str(self._folders.log_path(name)),
        )


def prepare_kafka(plan: KafkaPlan) -> None:
    """Write the broker's configuration and format its data folder when it is new.

    Effects: formats under another name and renames, so that a killed start leaves no half-formatted
    folder, which the broker would refuse for ever. Existing data stays as it is.
    """
    folder = plan.folders.kafka_dir
    (folder / "tmp").mkdir(parents=True, exist_ok=True)
    (folder / "log4j2.properties").write_text(kafka_server.logging_properties(), encoding="utf-8")
    plan.config_path.write_text(
        kafka_server.broker_properties(plan, plan.data_dir), encoding="utf-8"
    )
    if (plan.data_dir / "meta.properties").exists():
        return
    new_dir, new_config = folder / "data.new", folder / "format.properties"
    shutil.rmtree(new_dir, ignore_errors=True)
    new_config.write_text(kafka_server.broker_properties(plan, new_dir), encoding="utf-8")
    answer = subprocess.run(  # noqa: S603 - our own command, no shell
        kafka_server.format_command(plan, new_config),
        capture_output=True,
        text=True,
        check=False,
        env={},
        start_new_session=True,
    )
    if answer.returncode != 0:
        reason = telling_line(answer.stdout + answer.stderr)
        raise ConfigError(
            f"Kafka's data folder {plan.data_dir} cannot be prepared: {reason}.",
            hint="Run `dateline doctor`.",
        )
    new_dir.replace(plan.data_dir)


def prepare_elasticsearch(plan: ElasticsearchPlan) -> None:
    """Write the configuration of Elasticsearch and give its folder to the user that runs it.

    Effects: where the data lies outside of the state folder (for root), a link in the state folder
    leads there. Data of another state folder that once stood at the same place is removed: that
    folder was deleted, and the topics that belonged to the data are gone.
    """
    link = plan.folders.state_dir / "elasticsearch"
    if plan.folder != link:
        _claim(plan.folder, instance_id(plan.folders.state_dir))
        if not link.is_symlink():
            link.symlink_to(plan.folder)
    config = plan.folder / "config"
    # A start that was killed while it wrote its key store leaves this file, and the next one
    # refuses to overwrite it.
    (config / "elasticsearch.keystore.tmp").unlink(missing_ok=True)
    shutil.rmtree(plan.folder / "tmp", ignore_errors=True)
    for folder in (config, plan.folder / "data", plan.folder / "logs", plan.folder / "tmp"):
        folder.mkdir(parents=True, exist_ok=True)
    for name, text in (
        ("elasticsearch.yml", elasticsearch_server.elasticsearch_yml(plan)),
        ("jvm.options", elasticsearch_server.jvm_options(plan)),
        ("log4j2.properties", elasticsearch_server.logging_properties()),
    ):
        (config / name).write_text(text, encoding="utf-8")
    user = plan.folders.elasticsearch_user
    if user is not None:
        _hand_over(plan.folder, user, note=str(plan.folders.state_dir))


def instance_id(state_dir: Path) -> str:
    """Return the name that a state folder got when it was made; a new folder has a new one."""
    path = state_dir / "instance"
    if not path.exists():
        path.write_text(f"{uuid.uuid4().hex}\n", encoding="ascii")
    return path.read_text(encoding="ascii").strip()


def _claim(folder: Path, instance: str) -> None:
    """Keep the data in ``folder`` if it is this instance's; empty the folder if it is another's."""
    owner = folder.parent / "instance"
    if not owner.exists() or owner.read_text(encoding="ascii").strip() != instance:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        owner.write_text(f"{instance}\n", encoding="ascii")


def _hand_over(folder: Path, user: ServerUser, *, note: str) -> None:
    """Make ``folder`` and all in it the property of ``user``, closed to everybody else."""
    (folder.parent / "belongs-to.txt").write_text(f"{note}\n", encoding="utf-8")
    for parent in (folder.parent, folder.parent.parent):
        parent.chmod(0o755)
    for path in (folder, *folder.rglob("*")):
        if path.lstat().st_uid != user.uid:
            os.chown(path, user.uid, user.gid, follow_symlinks=False)
    folder.chmod(0o700)


def _wait_until_ready(
    launches: list[_Launch], folders: Folders, report: Progress, timeout_seconds: float
) -> None:
    """Return when every server has answered.

    Raises:
        ConfigError: one ended, or did not answer in time; quotes its log.
    """
    started = time.monotonic()
    waiting = {_name_of(launch, folders): launch for launch in launches}
    while waiting:
        elapsed_seconds = time.monotonic() - started
        for name, launch in list(waiting.items()):
            task = f"Start {TITLES[name]}"
            record = launch.record
            if child_has_ended(record.pid):
                raise _start_error(name, record, "ended while it started")
            if launch.answers(record.port):
                del waiting[name]
                records = read_records(folders.run_dir) | {name: record.ready()}
                write_records(folders.run_dir, records)
                report.finish(task, outcome=f"port {record.port}, {elapsed_seconds:.1f} s")
            elif elapsed_seconds > timeout_seconds:
                raise _start_error(name, record, f"did not answer within {timeout_seconds:.0f} s")
            else:
                report.update(task, done=elapsed_seconds, total=None, unit="seconds")
        if waiting:
            time.sleep(POLL_SECONDS)


def _name_of(launch: _Launch, folders: Folders) -> ServerName:
    return next(name for name in SERVER_NAMES if folders.mark(name) == launch.record.mark)


def _start_error(name: ServerName, record: ServerRecord, what: str) -> ConfigError:
    log_path = Path(record.log_path)
    reason = telling_line(log_path.read_text(encoding="utf-8", errors="replace"))
    return ConfigError(
        f"{TITLES[name]} {what}: {reason or 'its log is empty'}.",
        hint=f"The whole log is in {log_path}.",
    )


# What tells most comes first: a cause that the operator can mend, an exception, an error line.
_TELLING = (
    re.compile(
        r"^Could not|^Invalid|^Unrecognized|Failed to bind|Address already in use|No space left"
        r"|OutOfMemoryError|insufficient memory|AccessDenied|Permission denied|obtain node lock"
    ),
    re.compile(r"^[\w.]+(Exception|Error): "),
    re.compile(r"\b(ERROR|FATAL)\b|Exception\b"),
)
# Stack frames, and a heading of the Java machine whose next line has the reason.
_NOISE = re.compile(r"(at |\.\.\. \d+ more|Error occurred during initialization of VM)")
_LINE_HEAD = re.compile(r"^\[[^\]]*\] +(?:ERROR|FATAL|INFO) ")


def telling_line(log: str) -> str:
    """Return the line of a Java server's log that says why it ended; empty when there is none.

    The first line of the most telling kind (later ones are consequences), else the last line that
    is no stack frame; at most 300 code points, the time and level cut off.
    """
    lines = [line.strip() for line in log.splitlines()]
    lines = [line for line in lines if line and not _NOISE.match(line)]
    for pattern in _TELLING:
        found = next((line for line in lines if pattern.search(line)), None)
        if found:
            break
    else:
        found = (lines or [""])[-1]
    return _LINE_HEAD.sub("", found)[:300].rstrip(" .:")


def _require_last_ports(folders: Folders, name: ServerName) -> None:
    last = last_ports(folders.run_dir, name)
    if last and not find_processes(folders.mark(name)) and not is_free(last[0]):
        raise ConfigError(
            f"The port {last[0]} of {TITLES[name]} is in use by another program.",
            hint="End that program, or run `dateline down` and `dateline up` for another port.",
        )


def _make_cache_dir(folders: Folders) -> None:
    try:
        folders.cache_dir.mkdir(parents=True, exist_ok=True, mode=0o755)
    except OSError as exc:
        raise ConfigError(
            f"The cache folder {folders.cache_dir} cannot be used: {exc.strerror or exc}.",
            hint="Make it writable, or set servers.cache_dir to another folder.",
        ) from exc
    user = folders.elasticsearch_user
    if user is not None:
        # The umask of root may have closed it.
        folders.cache_dir.chmod(0o755)
        if not user_can_enter(folders.cache_dir, user):
            raise ConfigError(
                f"The user {user.name}, which runs Elasticsearch for root, cannot reach "
                f"{folders.cache_dir}.",
                hint="Set servers.cache_dir to a folder that every user can reach.",
            )


def _stop(
    folders: Folders,
    names: list[ServerName] | tuple[ServerName, ...],
    stop_signal: signal.Signals,
    deadline_seconds: float,
) -> list[ServerName]:
    """Return the names of the servers that had a living process; all of them are gone now."""
    marks = {name: folders.mark(name) for name in names}
    return [
        name
        for name, mark in marks.items()
        if stop_processes(mark, stop_signal=stop_signal, deadline_seconds=deadline_seconds)
    ]


def _forget(folders: Folders, names: list[ServerName]) -> None:
    records = read_records(folders.run_dir)
    write_records(folders.run_dir, {n: record for n, record in records.items() if n not in names})


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    """Keep a second Ctrl-C from leaving servers behind; only the main thread gets any."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
