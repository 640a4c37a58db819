"""Return the folders of the embedded servers and the user that Elasticsearch runs as."""

from __future__ import annotations

import hashlib
import os
import pwd
from dataclasses import dataclass
from pathlib import Path

import platformdirs

from dateline.errors import ConfigError
from dateline.local.options import ServerName

# Elasticsearch refuses to run as root; the first of these that exists runs it then.
UNPRIVILEGED_USERS = ("elasticsearch", "nobody")
# A home or a clone below a folder of mode 0700 cannot be reached by that user; these can.
ROOT_CACHE_DIR = Path("/var/cache/dateline")
ROOT_DATA_DIR = Path("/var/lib/dateline")


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerUser:
    """An operating system user that runs a server in our place."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """Where everything lies, all paths absolute.

    Attributes:
        project_hash: 10 hex digits of the state folder's path; tells our processes from others'.
        elasticsearch_user: the user to run Elasticsearch as; ``None`` is the caller.
    """

    state_dir: Path
    cache_dir: Path
    elasticsearch_dir: Path
    project_hash: str
    elasticsearch_user: ServerUser | None

    @property
    def run_dir(self) -> Path:
        """The folder of the run file, the ports used last and the lock."""
        return self.state_dir / "run"

    @property
    def kafka_dir(self) -> Path:
        """The folder of the broker's data and configuration."""
        return self.state_dir / "kafka"

    def log_path(self, name: ServerName) -> Path:
        """The file that holds all output of one server."""
        return self.state_dir / "logs" / f"{name}.log"

    def mark(self, name: ServerName) -> str:
        """A word in the command line of every process of this server, and of no other process."""
        return f"dateline-{self.project_hash}-{name}"


def find_folders(
    state_dir: Path, cache_dir: Path | None = None, *, user_id: int | None = None
) -> Folders:
    """Return the folders for this state folder; creates nothing.

    Args:
        state_dir: usually ``.dateline`` in the project.
        cache_dir: where downloads are kept; ``None`` chooses the user's cache folder.
        user_id: who starts the servers; ``None`` is the caller.

    Raises:
        ConfigError: the caller is root and the machine has no other user for Elasticsearch.
    """
    state_dir = state_dir.resolve()
    # Not for secrecy: a short name that is the same for the same folder.
    project_hash = hashlib.sha256(os.fsencode(state_dir)).hexdigest()[:10]
    if (os.geteuid() if user_id is None else user_id) != 0:
        return Folders(
            state_dir=state_dir,
            cache_dir=(cache_dir or platformdirs.user_cache_path("dateline")).resolve(),
            elasticsearch_dir=state_dir / "elasticsearch",
            project_hash=project_hash,
            elasticsearch_user=None,
        )
    return Folders(
        state_dir=state_dir,
        cache_dir=(cache_dir or ROOT_CACHE_DIR).resolve(),
        elasticsearch_dir=ROOT_DATA_DIR / project_hash / "elasticsearch",
        project_hash=project_hash,
        elasticsearch_user=_unprivileged_user(),
    )


def _unprivileged_user() -> ServerUser:
    for name in UNPRIVILEGED_USERS:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return ServerUser(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    raise ConfigError(
        "Elasticsearch does not run as root, and this machine has neither of the users "
        f"{' and '.join(UNPRIVILEGED_USERS)}.",
        hint="Create one with `useradd --system elasticsearch`, or start as another user.",
    )
