"""Talk to Kibana's HTTP API; its answers become values or errors that say what to do."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from typing import Any

import urllib3
from urllib3.filepost import encode_multipart_formdata

from dateline.errors import ConfigError
from dateline.settings import KibanaSettings

OK, UNAUTHORIZED, FORBIDDEN, NOT_FOUND, CONFLICT = 200, 401, 403, 404, 409
# Kibana says 503 while it starts and while Elasticsearch is away, a proxy before it 502 or 504.
NOT_READY = frozenset({429, 502, 503, 504})
FIRST_PAUSE_SECONDS, LONGEST_PAUSE_SECONDS = 0.5, 10.0
MAX_SHOWN_CHARS = 300
IMPORT_FILE = "dateline.ndjson"  # Kibana refuses other endings


class KibanaClient:
    """One Kibana and one space of it.

    Every method waits while Kibana is starting or busy, ``wait_seconds`` at most, and raises
    `ConfigError` when it stays away, refuses the login or answers what it should not.
    """

    def __init__(
        self, settings: KibanaSettings, *, on_wait: Callable[[str], None] = lambda _: None
    ) -> None:
        self._settings = settings
        self._on_wait = on_wait
        self._base = settings.url.rstrip("/")
        self._space = f"/s/{settings.space}" if settings.space else ""
        # `kbn-xsrf` is Kibana's mark of a request that no web page has forged.
        self._headers = {"kbn-xsrf": "dateline", "accept": "application/json"}
        if settings.user:
            self._headers |= urllib3.make_headers(basic_auth=f"{settings.user}:{settings.password}")
        self._pool = urllib3.PoolManager(
            retries=False,  # ours wait
            timeout=settings.request_timeout_seconds,
            ca_certs=settings.ca_file or None,
        )

    def close(self) -> None:
        """Close the connections."""
        self._pool.clear()

    def version(self) -> str:
        """Return Kibana's version, or "" where it does not tell it without a login."""
        status = self._json("GET", "/api/status")
        version: str = status.get("version", {}).get("number", "")
        return version

    def import_objects(self, ndjson: str) -> dict[str, Any]:
        """Import saved objects over those of the same ids, and return Kibana's report."""
        body, content_type = encode_multipart_formdata(
            {"file": (IMPORT_FILE, ndjson.encode(), "application/ndjson")}
        )
        return self._json(
            "POST",
            "/api/saved_objects/_import?overwrite=true",
            body=body,
            content_type=content_type,
        )

    def rule(self, rule_id: str) -> dict[str, Any] | None:
        """Return a rule, or None when there is none of that id."""
        status, answer = self._send("GET", f"/api/alerting/rule/{rule_id}")
        return None if status == NOT_FOUND else self._checked("GET", "rule", status, answer)

    def create_rule(self, rule_id: str, body: Mapping[str, Any]) -> bool:
        """Make a rule; False: there is one of that id already."""
        status, answer = self._send_json("POST", f"/api/alerting/rule/{rule_id}", body)
        if status == CONFLICT:
            return False
        self._checked("POST", f"rule {body['name']!r}", status, answer)
        return True

    def update_rule(self, rule_id: str, body: Mapping[str, Any]) -> None:
        """Replace a rule."""
        status, answer = self._send_json("PUT", f"/api/alerting/rule/{rule_id}", body)
        self._checked("PUT", f"rule {body['name']!r}", status, answer)

    def _send_json(self, method: str, path: str, body: Mapping[str, Any]) -> tuple[int, bytes]:
        encoded = json.dumps(body).encode()
        return self._send(method, path, body=encoded, content_type="application/json")

    def _json(self, method: str, path: str, **request: Any) -> dict[str, Any]:
        status, answer = self._send(method, path, **request)
        return self._checked(method, path, status, answer)

    def _send(
        self, method: str, path: str, *, body: bytes | None = None, content_type: str = ""
    ) -> tuple[int, bytes]:
        """Return status and body of the first answer that is no request to wait."""
        headers = {**self._headers, **({"content-type": content_type} if content_type else {})}
        url = f"{self._base}{self._space}{path}"
        deadline = time.monotonic() + self._settings.wait_seconds
        pause = FIRST_PAUSE_SECONDS
        while True:
            try:
                response = self._pool.request(
                    method, url, body=body, headers=headers, redirect=False
                )
                if response.status not in NOT_READY:
                    return response.status, response.data
                reason = f"it answers {response.status}: {_shown(response.data)}"
            except urllib3.exceptions.LocationValueError as error:
                raise ConfigError(f"kibana.url {self._base!r} is no address: {error}.") from error
            except urllib3.exceptions.SSLError as error:
                raise ConfigError(
                    f"Kibana at {self._base} has a certificate that is not trusted: {error}.",
                    hint="Set kibana.ca_file to the certificate of its authority.",
                ) from error
            except urllib3.exceptions.HTTPError as error:
                reason = str(error)
            if time.monotonic() + pause > deadline:
                raise ConfigError(
                    f"Kibana at {self._base} is not ready after"
                    f" {self._settings.wait_seconds:g} s: {reason[:MAX_SHOWN_CHARS]}.",
                    hint="Start it, or set kibana.url or --url.",
                )
            self._on_wait(reason[:MAX_SHOWN_CHARS])
            time.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)

    def _checked(self, method: str, what: str, status: int, answer: bytes) -> dict[str, Any]:
        if status != OK:
            raise self._refusal(method, what, status, answer)
        try:
            found = json.loads(answer)
        except ValueError as error:
            raise ConfigError(f"{self._base} does not answer as Kibana does ({what}).") from error
        if not isinstance(found, dict):
            raise ConfigError(f"{self._base} does not answer as Kibana does ({what}).")
        return found

    def _refusal(self, method: str, what: str, status: int, answer: bytes) -> ConfigError:
        user = self._settings.user or "nobody"
        if status == UNAUTHORIZED:
            return ConfigError(
                f"Kibana at {self._base} refuses the login of {user!r} (401).",
                hint="Set kibana.user, and DATELINE_KIBANA_PASSWORD in the environment.",
            )
        if status == FORBIDDEN:
            return ConfigError(
                f"Kibana does not let {user!r} do this (403, {what}): {_shown(answer)}.",
                hint="The user needs all privileges of saved objects and stack rules in the space.",
            )
        if status == NOT_FOUND and self._space:
            return ConfigError(
                f"Kibana has no space {self._settings.space!r} (404, {what}): {_shown(answer)}.",
                hint="Create it in Kibana, or empty kibana.space.",
            )
        return ConfigError(f"Kibana refuses {method} {what} ({status}): {_shown(answer)}.")


def _shown(answer: bytes) -> str:
    """Return Kibana's own words of an error: the message of its JSON, else the text."""
    text = answer.decode("utf-8", "replace")
    try:
        found = json.loads(text)
    except ValueError:
        found = None
    message = found.get("message") if isinstance(found, dict) else None
    return str(message or text).strip().rstrip(".")[:MAX_SHOWN_CHARS]
