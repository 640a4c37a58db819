"""Return a Java that both servers run on, looking at the usual places first."""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dateline.errors import ConfigError
from dateline.local.folders import Folders, ServerUser
from dateline.local.options import Progress

MIN_VERSION = 21
# Elasticsearch 9 loads it at start; a JRE and the slim Javas of PyPI lack it.
REQUIRED_MODULE = "jdk.jlink"
# The version the servers were tested with; taken when the machine has no suitable one.
DOWNLOAD_VENDOR, DOWNLOAD_VERSION = "adoptium", "25"
JVM_FOLDER_PATTERNS = (
    "/usr/lib/jvm/*",
    "/usr/local/openjdk*",
    "/opt/*",
    "~/.sdkman/candidates/java/*",
    "~/.jdks/*",
    "/Library/Java/JavaVirtualMachines/*/Contents/Home",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Java:
    """A Java that was run once and suits."""

    home: Path
    version: int


@dataclass(frozen=True, slots=True, kw_only=True)
class JavaSearch:
    """What the search found.

    Attributes:
        found: the first suitable Java.
        rejected: each place looked at before it, with the reason why it does not do.
    """

    found: Java | None
    rejected: tuple[tuple[Path, str], ...]


def search_java(
    java_home: Path | None,
    folders: Folders,
    *,
    search_path: str | None = None,
    patterns: Sequence[str] = JVM_FOLDER_PATTERNS,
) -> JavaSearch:
    """Return the first suitable Java: ``java_home``, PATH, the usual folders, our own download.

    Args:
        java_home: tried first.
        folders: whose Elasticsearch user must be able to run it.
        search_path: a ``PATH``; ``None`` is that of this process.
        patterns: where Javas are usually installed.
    """
    rejected: list[tuple[Path, str]] = []
    for home in _candidates(java_home, folders, search_path, patterns):
        verdict = inspect_java(home, user=folders.elasticsearch_user)
        if isinstance(verdict, Java):
            return JavaSearch(found=verdict, rejected=tuple(rejected))
        rejected.append((home, verdict))
    return JavaSearch(found=None, rejected=tuple(rejected))


def find_java(
    java_home: Path | None,
    folders: Folders,
    report: Progress,
    *,
    search: Callable[[Path | None, Folders], JavaSearch] = search_java,
    download: Callable[[Folders], Path] | None = None,
) -> Java:
    """Return a suitable Java, downloading one into the cache folder when there is none.

    Raises:
        ConfigError: there is none and none can be downloaded; lists every place looked at.
    """
    result = search(java_home, folders)
    if result.found:
        return result.found
    # Imported late: few machines come here.
    import cjdk

    report.note(
        f"No Java {MIN_VERSION} or newer found; downloading Java {DOWNLOAD_VERSION} (200 MB)."
    )
    try:
        home = (download or _download_java)(folders)
    except (cjdk.CjdkError, OSError) as exc:
        looked_at = "; ".join(f"{home}: {reason}" for home, reason in result.rejected)
        raise ConfigError(
            f"No Java {MIN_VERSION} or newer with the module {REQUIRED_MODULE} was found "
            f"({looked_at or 'none is installed'}), and none could be downloaded "
            f"({type(exc).__name__}).",
            hint=f"Install a JDK {MIN_VERSION} or newer (not a JRE) and set JAVA_HOME to it.",
        ) from exc
    verdict = inspect_java(home, user=folders.elasticsearch_user)
    if isinstance(verdict, Java):
        return verdict
    raise ConfigError(
        f"The downloaded Java in {home} does not do: {verdict}.",
        hint=f"Install a JDK {MIN_VERSION} or newer and set JAVA_HOME to it.",
    )


def inspect_java(home: Path, *, user: ServerUser | None) -> Java | str:
    """Return the Java in ``home``, or the reason why it does not do, in a few words.

    Effects: runs it once (0.2 s), as ``user`` when there is one: whether that user can reach a
    Java below somebody's home is not to be told from one folder's mode.
    """
    binary = home / "bin" / "java"
    if not binary.is_file():
        return "has no bin/java"
    try:
        answer = subprocess.run(  # noqa: S603 - a Java of this machine, no shell
            [str(binary), "--list-modules"],
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
            cwd="/",
            env={},
            user=user.uid if user else None,
            group=user.gid if user else None,
            extra_groups=[] if user else None,
        )
    except PermissionError:
        return f"the user {user.name} cannot run it" if user else "it may not be run"
    except (OSError, subprocess.SubprocessError) as exc:
        return f"it does not run ({type(exc).__name__})"
    return _judge(home, answer.stdout, answer.returncode)


def user_can_enter(folder: Path, user: ServerUser) -> bool:
    """Say whether ``user`` can list this folder, which depends on every folder above it too."""
    answer = subprocess.run(  # noqa: S603 - a fixed test, the folder is an argument
        ["/bin/sh", "-c", 'test -r "$1" && test -x "$1"', "sh", str(folder)],
        check=False,
        cwd="/",
        env={},
        user=user.uid if user else None,
        group=user.gid if user else None,
        extra_groups=[] if user else None,
    )
    return answer.returncode == 0


def _judge(home: Path, modules: str, exit_code: int) -> Java | str:
    version = re.search(r"^java\.base@(\d+)", modules, re.MULTILINE)
    if version is None:
        # Java 8 has no modules and no such option.
        return f"older than Java 9, or broken (exit code {exit_code})"
    if int(version[1]) < MIN_VERSION:
        return f"Java {version[1]} is too old"
    if not re.search(rf"^{re.escape(REQUIRED_MODULE)}(@|$)", modules, re.MULTILINE):
        return f"Java {version[1]} lacks the module {REQUIRED_MODULE}"
    return Java(home=home, version=int(version[1]))


def _candidates(
    java_home: Path | None, folders: Folders, search_path: str | None, patterns: Sequence[str]
) -> Iterator[Path]:
    seen: set[Path] = set()
    for path in _places(java_home, folders, search_path, patterns):
        home = path.resolve()
        if home not in seen:
            seen.add(home)
            yield home


def _places(
    java_home: Path | None, folders: Folders, search_path: str | None, patterns: Sequence[str]
) -> Iterator[Path]:
    if java_home is not None:
        yield java_home
    on_path = shutil.which("java", path=search_path)
    if on_path:
        yield Path(on_path).resolve().parent.parent
    for pattern in patterns:
        full = Path(pattern).expanduser()
        anchor = Path(full.anchor)
        for home in sorted(anchor.glob(str(full.relative_to(anchor))), reverse=True):
            if (home / "bin" / "java").is_file():
                yield home
    noted = _note_path(folders)
    if noted.is_file():
        yield Path(noted.read_text(encoding="utf-8"))


def _note_path(folders: Folders) -> Path:
    return folders.cache_dir / "java" / "home.txt"


def _download_java(folders: Folders) -> Path:
    """Return the home of a new Temurin below the cache folder."""
    import cjdk

    folder = folders.cache_dir / "java"
    home = cjdk.java_home(
        vendor=DOWNLOAD_VENDOR, version=DOWNLOAD_VERSION, cache_dir=folder, progress=False
    )
    for path in (folders.cache_dir, folder, *folder.rglob("*")):
        # Every user may read and search what root's umask might have kept to root.
        mode = path.stat().st_mode & 0o777
        path.chmod(mode | (0o555 if path.is_dir() or mode & 0o100 else 0o444))
    # cjdk asks the network again after a day even for a Java that it has; this note does not.
    _note_path(folders).write_text(str(home), encoding="utf-8")
    return Path(home)
