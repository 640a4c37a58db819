"""A webhook receiver on loopback that fails in every way of reliability.md, test A1."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import msgspec

HANG = 1
CUT = 2


@dataclass
class WebhookReceiver:
    """``behave`` returns a status for a path, an id and the number of its try; or HANG, or CUT."""

    behave: Callable[[str, str, int], int] = lambda _path, _id, _try: 204
    port: int = 0
    taken: list[tuple[str, str, float]] = field(default_factory=list)
    bodies: dict[str, Any] = field(default_factory=dict)
    tries: Counter[str] = field(default_factory=Counter)
    paths: Counter[str] = field(default_factory=Counter)
    released: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def url(self, path: str = "/hook") -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    def ids(self, path: str = "/hook") -> list[str]:
        with self.lock:
            return [message_id for where, message_id, _ in self.taken if where == path]

    def times(self, path: str) -> list[float]:
        with self.lock:
            return [at for where, _, at in self.taken if where == path]

    def came(self, path: str, message_id: str, body: bytes) -> int:
        with self.lock:
            self.paths[path] += 1
            self.tries[message_id] += 1
            count = self.tries[message_id]
        status = self.behave(path, message_id, count)
        if 200 <= status < 300:
            with self.lock:
                self.taken.append((path, message_id, time.time()))
                self.bodies[message_id] = msgspec.json.decode(body)
        return status


class _Handler(BaseHTTPRequestHandler):
    receiver: WebhookReceiver

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        status = self.receiver.came(self.path, self.headers["webhook-id"], body)
        if status == HANG:
            self.receiver.released.wait(30)
        if status in (HANG, CUT):
            self.close_connection = True
            return
        self.send_response(status)
        if status == 302:
            self.send_header("Location", self.receiver.url("/redirected"))
        if status == 429:
            self.send_header("Retry-After", "1")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        with self.receiver.lock:
            self.receiver.paths[self.path] += 1

    def log_message(self, *_: Any) -> None:
        pass


@contextmanager
def webhook_receiver() -> Iterator[WebhookReceiver]:
    receiver = WebhookReceiver()
    handler = type("Handler", (_Handler,), {"receiver": receiver})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    server.daemon_threads = True
    receiver.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield receiver
    finally:
        receiver.released.set()
        server.shutdown()
        server.server_close()
        thread.join(10)
