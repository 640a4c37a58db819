"""An HTTP proxy before Elasticsearch that spoils answers to bulk requests, seeded."""

from __future__ import annotations

import http.client
import json
import random
import threading
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

KINDS = (
    "item 503",  # some items refused, nothing of them written
    "item 429",
    "all 429",
    "502 page",  # HTML of a gateway
    "answer lost",  # written, then the connection ends
    "answer cut",  # written, then half of the JSON
)
SPOILED_SHARE = 0.3


class DisturbingProxy:
    """Forwards everything; ``done`` counts what was spoiled, each kind at least once."""

    kinds = KINDS

    def __init__(self, url: str, *, seed: int) -> None:
        self._chance = random.Random(seed)  # noqa: S311 (seeded faults)
        self._first = list(KINDS)
        self._lock = threading.Lock()
        self.done: Counter[str] = Counter()
        self.upstream = url.removeprefix("http://")
        proxy = self

        class Handler(_Handler):
            def kind(self) -> str | None:
                return proxy.next_kind()

            upstream = proxy.upstream

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def next_kind(self) -> str | None:
        """Return what to do with the next bulk request."""
        with self._lock:
            if self._first:
                kind: str | None = self._first.pop()
            elif self._chance.random() < SPOILED_SHARE:
                kind = self._chance.choice(KINDS)
            else:
                kind = None
            if kind:
                self.done[kind] += 1
            return kind


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    upstream = ""

    def kind(self) -> str | None:
        """Return what to do with this bulk request."""
        raise NotImplementedError

    def _serve(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if not self.path.startswith("/_bulk"):
            self._answer(*self._forward(body))
            return
        kind = self.kind()
        if kind in {"item 503", "item 429"}:
            self._some_items(body, int(kind.split()[1]))
        elif kind == "all 429":
            self._answer(429, "application/json", b'{"error":"slow down","status":429}')
        elif kind == "502 page":
            self._answer(502, "text/html", b"<html>bad gateway</html>")
        elif kind == "answer lost":
            self._forward(body)
            self.close_connection = True
        elif kind == "answer cut":
            status, media_type, answer = self._forward(body)
            self._answer(status, media_type, answer[: len(answer) // 2])
        else:
            self._answer(*self._forward(body))

    def _some_items(self, body: bytes, status: int) -> None:
        """Write every other document, and refuse the rest as Elasticsearch does."""
        lines = body.splitlines()
        pairs = [lines[i : i + 2] for i in range(0, len(lines), 2)]
        kept = [line for pair in pairs[1::2] for line in pair]
        written: list[Any] = []
        if kept:
            answer = self._forward(b"\n".join(kept) + b"\n")[2]
            written = json.loads(answer)["items"]
        items = []
        for number in range(len(pairs)):
            if number % 2:
                items.append(written[number // 2])
            else:
                refusal = {"type": "unavailable_shards_exception", "reason": "made up"}
                items.append({"index": {"status": status, "error": refusal}})
        answer = json.dumps({"took": 1, "errors": True, "items": items}).encode()
        self._answer(200, "application/vnd.elasticsearch+json;compatible-with=9", answer)

    def _forward(self, body: bytes) -> tuple[int, str, bytes]:
        connection = http.client.HTTPConnection(self.upstream, timeout=60)
        try:
            wanted = ("content-type", "accept", "authorization")
            headers = {k: v for k, v in self.headers.items() if k.lower() in wanted}
            connection.request(self.command, self.path, body, headers)
            response = connection.getresponse()
            self._product = response.headers.get("X-elastic-product")
            media_type = response.headers.get("Content-Type", "application/json")
            return response.status, media_type, response.read()
        finally:
            connection.close()

    def _answer(self, status: int, media_type: str, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("X-elastic-product", "Elasticsearch")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""

    do_GET = do_POST = do_PUT = do_HEAD = do_DELETE = _serve  # noqa: N815 (the base class's)
