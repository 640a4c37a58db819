"""Run a simulated web in a process of its own, and steer it from here."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec

from .publisher import Expected
from .script import Script
from .site import Request

ROOT = Path(__file__).resolve().parents[2]
CONTROL_SECONDS = 60.0


class WebProcess:
    """A running simulated web; use ``start_web``."""

    def __init__(self, pid: int, port: int, control: str) -> None:
        self.pid = pid
        self.port = port
        self._control = control

    def feeds(self, *, is_readable_only: bool = False) -> list[tuple[str, str]]:
        """Return address and publisher of every feed."""
        path = "/feeds?readable" if is_readable_only else "/feeds"
        return msgspec.json.decode(self._get(path), type=list[tuple[str, str]])

    def hosts(self) -> list[str]:
        """Return ``address:port`` of every publisher."""
        return msgspec.json.decode(self._get("/hosts"), type=list[str])

    def expected(self) -> list[Expected]:
        """Return what must be known in the end."""
        return msgspec.json.decode(self._get("/expected"), type=list[Expected])

    def requests(self, *, since_seconds: float = 0, host: str | None = None) -> list[Request]:
        """Return the requests of one host or of all, host by host, since a monotonic moment."""
        path = f"/requests?since={since_seconds}" + (f"&host={host}" if host else "")
        return msgspec.json.decode(self._get(path), type=list[Request])

    def journal(self) -> bytes:
        """Return everything the publishers did as JSON lines."""
        return self._get("/journal")

    def advance(self, steps: int, script: Script | None = None) -> None:
        """Let the publishers do ``steps`` things."""
        given: dict[str, Any] = {"steps": steps}
        if script is not None:
            given["script"] = msgspec.to_builtins(script)
        self._post("/advance", given)

    def act(self, kind: str, publisher: str, **given: Any) -> int | None:
        """Publish, edit, delete, cancel, revive or new_guids; returns the article's number."""
        number = self._post(f"/{kind}", {"publisher": publisher, **given}).get("number")
        return None if number is None else int(number)

    def _get(self, path: str) -> bytes:
        with urllib.request.urlopen(self._control + path, timeout=CONTROL_SECONDS) as answer:  # noqa: S310 (the process below)
            data: bytes = answer.read()
        return data

    def _post(self, path: str, value: dict[str, Any]) -> dict[str, Any]:
        request = urllib.request.Request(  # noqa: S310 (the process below)
            self._control + path, data=json.dumps(value).encode()
        )
        with urllib.request.urlopen(request, timeout=CONTROL_SECONDS) as answer:  # noqa: S310
            found: dict[str, Any] = json.load(answer)
        return found


@contextmanager
def start_web(words: Sequence[str]) -> Iterator[WebProcess]:
    """Run ``python -m tests.web`` with ``words`` for the block.

    The process ends with its standard input, so it does not outlive a starter that is killed.
    """
    with subprocess.Popen(
        [sys.executable, "-m", "tests.web", *words],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        try:
            ready = json.loads(process.stdout.readline())
            yield WebProcess(process.pid, ready["port"], ready["control"])
        finally:
            process.stdin.close()
            process.wait(30)
