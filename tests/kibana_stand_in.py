"""A small HTTP server on loopback that answers as Kibana's documentation says Kibana does.

It keeps what it is given, so that a second import finds the first. It knows logins, spaces, the
protection against forged requests, references that do not resolve, and a start that takes a while.
"""

from __future__ import annotations

import base64
import json
import re
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[1-5][0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
RULE_KEYS = {
    "name", "tags", "schedule", "params", "actions", "alert_delay", "artifacts", "flapping",
    "throttle", "notify_when",
}  # fmt: skip
ACTION_KEYS = {"id", "group", "params", "frequency", "uuid", "alerts_filter"}
Answer = tuple[int, dict[str, Any] | str]


@dataclass
class Kibana:
    """What the server knows, and what it is told to do."""

    url: str = ""
    version: str = "9.5.3"
    user: str = "editor"
    password: str = "correct"  # noqa: S105 (a made-up one)
    spaces: frozenset[str] = frozenset({"", "desk"})
    not_ready_answers: int = 0
    is_forbidden: bool = False
    refused: dict[str, dict[str, Any]] = field(default_factory=dict)
    objects: dict[tuple[str, str, str], dict[str, Any]] = field(default_factory=dict)
    rules: dict[tuple[str, str], dict[str, Any]] = field(default_factory=dict)
    requests: list[str] = field(default_factory=list)

    def answer(self, method: str, path: str, headers: Any, body: bytes) -> Answer:
        self.requests.append(f"{method} {path}")
        refusal = self._refusal(method, headers)
        if refusal is not None:
            return refusal
        match = re.fullmatch(r"(?:/s/([^/]+))?(/api/[^?]*)(\?.*)?", path)
        assert match, path
        space, call, query = match[1] or "", match[2], match[3] or ""
        if call == "/api/status":
            return 200, {"version": {"number": self.version}, "status": {"overall": {}}}
        if space not in self.spaces:
            return 404, _error(404, "Not Found", f"Saved object [space/{space}] not found")
        if self.is_forbidden:
            return 403, _error(403, "Forbidden", "Unable to bulk_create dashboard,lens")
        if call == "/api/saved_objects/_import" and method == "POST":
            return self._import(space, query, headers, body)
        rule_id = call.removeprefix("/api/alerting/rule/")
        return self._rule(method, space, rule_id, json.loads(body) if body else {})

    def _refusal(self, method: str, headers: Any) -> Answer | None:
        if self.not_ready_answers:
            self.not_ready_answers -= 1
            return 503, "Kibana server is not ready yet."
        login = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        if headers.get("authorization") != f"Basic {login}":
            return 401, _error(401, "Unauthorized", "unable to authenticate user")
        if method != "GET" and not headers.get("kbn-xsrf"):
            return 400, _error(400, "Bad Request", "Request must contain a kbn-xsrf header.")
        return None

    def _import(self, space: str, query: str, headers: Any, body: bytes) -> Answer:
        head = f"Content-Type: {headers['content-type']}\r\n\r\n".encode()
        (part,) = message_from_bytes(head + body, policy=policy.HTTP).iter_parts()
        if not str(part.get_filename()).endswith(".ndjson"):
            return 400, _error(400, "Bad Request", "Invalid file extension")
        rows = [json.loads(line) for line in part.get_content().decode().splitlines()]
        here = {(row["type"], row["id"]) for row in rows}
        here |= {(kind, name) for where, kind, name in self.objects if where == space}
        errors, taken = [], 0
        for row in rows:
            reason = self._object_error(space, query, row, here)
            if reason is None:
                self.objects[space, row["type"], row["id"]] = row
                taken += 1
            else:
                errors.append({"type": row["type"], "id": row["id"], "error": reason})
        report: dict[str, Any] = {"success": not errors, "successCount": taken, "warnings": []}
        return 200, {**report, "errors": errors} if errors else report

    def _object_error(
        self, space: str, query: str, row: dict[str, Any], here: set[tuple[str, str]]
    ) -> dict[str, Any] | None:
        if row["id"] in self.refused:
            return self.refused[row["id"]]
        missing = [
            {"type": each["type"], "id": each["id"]}
            for each in row["references"]
            if (each["type"], each["id"]) not in here
        ]
        if missing:
            return {"type": "missing_references", "references": missing}
        if (space, row["type"], row["id"]) in self.objects and "overwrite=true" not in query:
            return {"type": "conflict"}
        return None

    def _rule(self, method: str, space: str, rule_id: str, body: dict[str, Any]) -> Answer:
        if method == "POST":
            return self._create_rule(space, rule_id, body)
        found = self.rules.get((space, rule_id))
        if found is None:
            return 404, _error(404, "Not Found", f"Saved object [alert/{rule_id}] not found")
        if method == "PUT":
            actions = body.get("actions", [])
            if not set(body) <= RULE_KEYS or any(not set(a) <= ACTION_KEYS for a in actions):
                return 400, _error(400, "Bad Request", "[request body]: definition for this key")
            # What an update leaves out goes back to its default.
            kept = {key: found[key] for key in ("id", "rule_type_id", "consumer", "enabled")}
            self.rules[space, rule_id] = {**kept, "actions": [], **body}
        return 200, self.rules[space, rule_id]

    def _create_rule(self, space: str, rule_id: str, body: dict[str, Any]) -> Answer:
        if (space, rule_id) in self.rules:
            return 409, _error(409, "Conflict", f"Saved object [alert/{rule_id}] conflict")
        if not UUID.fullmatch(rule_id):
            return 400, _error(400, "Bad Request", "Predefined IDs must be UUIDs")
        if not {"name", "consumer", "rule_type_id", "schedule", "params"} <= set(body):
            return 400, _error(400, "Bad Request", "[request body]: a key is missing")
        # Kibana writes its defaults into what it keeps.
        params = {"excludeMissingGroups": False, **body["params"]}
        self.rules[space, rule_id] = {"id": rule_id, "mute_all": False, **body, "params": params}
        return 200, self.rules[space, rule_id]


def _error(status: int, kind: str, message: str) -> dict[str, Any]:
    return {"statusCode": status, "error": kind, "message": message}


@contextmanager
def kibana_server(tls: ssl.SSLContext | None = None) -> Iterator[Kibana]:
    """Start a server on a free port of loopback; stop it at the end."""
    kibana = Kibana()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def _respond(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            status, answer = kibana.answer(self.command, self.path, self.headers, body)
            is_json = not isinstance(answer, str)
            sent = (json.dumps(answer) if is_json else str(answer)).encode()
            self.send_response(status)
            self.send_header("content-type", "application/json" if is_json else "text/plain")
            self.send_header("content-length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_PUT = _respond  # noqa: N815 (http.server's names)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    if tls is not None:
        server.socket = tls.wrap_socket(server.socket, server_side=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    kibana.url = f"{'https' if tls else 'http'}://127.0.0.1:{server.server_address[1]}"
    try:
        yield kibana
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
