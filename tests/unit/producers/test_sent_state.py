from __future__ import annotations

import signal
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dateline.errors import ConfigError
from dateline.settings import load_settings
from producers.sent_state import SentRecord, SentState, state_path

TIME = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
CHILD = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from test_sent_state import row
from producers.sent_state import SentState
state = SentState(Path(sys.argv[1]))
state.record([row(offset=n) for n in range(3)])
state._connection.execute("BEGIN IMMEDIATE")
state._connection.execute("DELETE FROM sent")
os.kill(os.getpid(), signal.SIGKILL)
"""


def row(*, offset: int = 0, key: str = "a.txt") -> SentRecord:
    return SentRecord(
        source_id="s",
        key=key,
        article_id="f" * 64,
        url=None,
        content_sha256="0" * 64,
        pub_status="usable",
        updated_at=TIME,
        own_updated_at=None,
        observed_at=TIME,
        topic="news.raw.v1",
        partition=0,
        offset=offset,
        origin_file="/a.txt",
        line=None,
        mtime_ns=1,
    )


def test_state_survives_a_kill_in_the_middle_of_a_write(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    here = Path(__file__).parent
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(path), str(here)], cwd=here.parents[2], check=False
    )
    assert done.returncode == -signal.SIGKILL
    with SentState(path) as state:
        assert [each.offset for each in state.versions("f" * 64)] == [0, 1, 2]
        assert state.last("f" * 64) == row(offset=2)
        state.record([row(offset=3)])
        assert state.count() == 4


def test_state_of_an_unknown_article_is_none(tmp_path: Path) -> None:
    with SentState(tmp_path / "state.sqlite") as state:
        assert state.last("0" * 64) is None
        state.record([])
        assert state.count() == 0


def test_state_file_belongs_to_cluster_and_namespace(tmp_path: Path) -> None:
    plain = load_settings(environ={}, assignments=[f"project.state_dir={tmp_path}"])
    other = load_settings(
        environ={}, assignments=[f"project.state_dir={tmp_path}", "project.namespace=x"]
    )
    assert state_path(plain, "abc") == tmp_path / "producer" / "abc.sqlite"
    assert state_path(other, "abc") == tmp_path / "producer" / "abc.x.sqlite"


def test_state_refuses_a_damaged_file(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    path.write_bytes(b"this is no database, and long enough to be sure" * 100)
    with pytest.raises(ConfigError) as caught:
        SentState(path)
    assert str(caught.value) == (
        f"producer state {path} cannot be used: file is not a database."
        " Move the file away: everything is sent again under the same ids."
    )


def test_state_refuses_a_newer_version(tmp_path: Path) -> None:
    path = tmp_path / "state.sqlite"
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version=9")
    connection.close()
    with pytest.raises(ConfigError, match="has version 9, this Dateline knows 1"):
        SentState(path)
