"""A client of HTTP for tests: plain requests, and events as they come.

What the API answers must be as its own OpenAPI document says.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

from api_schema import check_answer

PATIENCE_SECONDS = 30.0


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass(frozen=True, slots=True)
class Event:
    name: str
    event_id: str
    data: str

    def json(self) -> Any:
        return json.loads(self.data)


@dataclass(frozen=True, slots=True)
class Client:
    url: str

    def ask(
        self, method: str, path: str, *, value: Any = None, form: Any = None,
        body: bytes | None = None, headers: Mapping[str, str] | None = None,
    ) -> Answer:  # fmt: skip
        sent = dict(headers or {})
        if value is not None:
            body = json.dumps(value).encode()
            sent.setdefault("Content-Type", "application/json")
        if form is not None:
            body = urlencode(form, doseq=True).encode()
            sent.setdefault("Content-Type", "application/x-www-form-urlencoded")
        connection = self._connection()
        try:
            connection.request(method, path, body=body, headers=sent)
            answer = connection.getresponse()
            named = {name.lower(): given for name, given in answer.getheaders()}
            found = Answer(answer.status, named, answer.read())
        finally:
            connection.close()
        check_answer(method, urlsplit(path).path, found.status, named, found.body)
        return found

    def get(self, path: str, **headers: str) -> Answer:
        return self.ask("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    @contextmanager
    def stream(self, path: str, **headers: str) -> Iterator[Stream]:
        connection = self._connection()
        try:
            connection.request(
                "GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()}
            )
            answer = connection.getresponse()
            assert answer.status == 200, answer.read()
            assert answer.headers.get_content_type() == "text/event-stream"
            opened = Stream(answer)
            assert opened.block() == {"": "alerts", "retry": "3000"}
            yield opened
        finally:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=PATIENCE_SECONDS)


@dataclass(frozen=True, slots=True)
class Stream:
    _answer: http.client.HTTPResponse

    def block(self) -> dict[str, str]:
        """Return the fields up to the next empty line; a comment has the name ""."""
        found: dict[str, str] = {}
        while True:
            line = self._answer.readline()
            if not line:
                raise EOFError
            if line == b"\r\n":
                return found
            name, _, value = line.decode().rstrip("\r\n").partition(":")
            found[name] = value.strip()

    def next(self) -> Event:
        """Return the next event that is no heartbeat."""
        while True:
            found = self.block()
            if "event" in found:
                return Event(found["event"], found.get("id", ""), found["data"])
