"""The set-up scripts of the Docker stack, run by sh against stand-ins for server and tool."""

from __future__ import annotations

import base64
import http.server
import json
import os
import shutil
import stat
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "config" / "compose"
PASSWORDS = {
    "ELASTIC_PASSWORD": "elastic-secret",
    "KIBANA_PASSWORD": "kibana_secret",
    "PIPELINE_PASSWORD": "Pipeline9secret",
}
# Writes what elasticsearch-certutil writes: PEM files in folders inside a zip.
CERTUTIL = """#!{python}
import sys, zipfile
kind, words = sys.argv[1], sys.argv[2:]
print(kind, *words, file=open({log!r}, "a"))
if {fails!r} == kind:
    sys.exit(1)
name = {{"ca": "ca/ca", "cert": "elasticsearch/elasticsearch"}}[kind]
with zipfile.ZipFile(words[words.index("--out") + 1], "w") as bundle:
    bundle.writestr(name + ".crt", kind + " certificate")
    bundle.writestr(name + ".key", kind + " key")
"""

needs_tools = pytest.mark.skipif(
    not all(shutil.which(tool, path=os.defpath) for tool in ("sh", "curl", "unzip")),
    reason="the containers' sh, curl and unzip are not on this machine",
)


@dataclass
class Server:
    """What the stand-in for Elasticsearch was asked, and what it answers."""

    status: int = 200
    requests: list[tuple[str, str, Any]] = field(default_factory=list)
    logins: set[str] = field(default_factory=set)
    url: str = ""


@pytest.fixture
def server() -> Iterator[Server]:
    seen = Server()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            seen.requests.append((self.command, self.path, json.loads(body)))
            login = self.headers["Authorization"].removeprefix("Basic ")
            seen.logins.add(base64.b64decode(login).decode())
            answer = b'{"error":"no such user"}'
            self.send_response(seen.status)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        do_POST = do_PUT  # noqa: N815 (http.server's name)

        def log_message(self, *_arguments: object) -> None:
            """Print nothing."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        thread = threading.Thread(target=listening.serve_forever, args=(0.01,))
        thread.start()
        seen.url = f"http://127.0.0.1:{listening.server_port}"
        yield seen
        listening.shutdown()
        thread.join()


def set_up_security(server: Server, **changes: str) -> subprocess.CompletedProcess[str]:
    environment = {
        "PATH": os.defpath,
        "ELASTICSEARCH_URL": server.url,
        "PIPELINE_USER": "dateline",
        **PASSWORDS,
        **changes,
    }
    return subprocess.run(
        ["sh", SCRIPTS / "setup_security.sh"],
        env=environment,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@needs_tools
def test_setup_security_makes_password_role_and_user_in_this_order(server: Server) -> None:
    finished = set_up_security(server)

    assert finished.returncode == 0, finished.stderr
    role = json.loads((SCRIPTS / "pipeline_role.json").read_text(encoding="utf-8"))
    user = {
        "password": PASSWORDS["PIPELINE_PASSWORD"],
        "roles": ["dateline_pipeline"],
        "full_name": "Dateline pipeline",
    }
    assert server.requests == [
        (
            "POST",
            "/_security/user/kibana_system/_password",
            {"password": PASSWORDS["KIBANA_PASSWORD"]},
        ),
        ("PUT", "/_security/role/dateline_pipeline", role),
        ("PUT", "/_security/user/dateline", user),
    ]
    assert server.logins == {f"elastic:{PASSWORDS['ELASTIC_PASSWORD']}"}


@needs_tools
def test_setup_security_prints_no_password(server: Server) -> None:
    finished = set_up_security(server)
    for password in PASSWORDS.values():
        assert password not in finished.stdout + finished.stderr


@needs_tools
@pytest.mark.parametrize("status", [301, 400, 401, 403, 501])
def test_setup_security_ends_at_the_first_refusal(server: Server, status: int) -> None:
    server.status = status
    finished = set_up_security(server)
    assert finished.returncode == 1
    assert f"was refused ({status})" in finished.stderr
    assert "no such user" in finished.stderr
    assert len({path for _, path, _ in server.requests}) == 1


@needs_tools
def test_setup_security_ends_without_a_server(server: Server) -> None:
    finished = set_up_security(server, CA_FILE="/nonexistent/ca.crt", ELASTICSEARCH_URL="x://y")
    assert finished.returncode == 1
    assert "was refused (curl " in finished.stderr
    assert server.requests == []


@needs_tools
@pytest.mark.parametrize("password", ["", 'a"b', "a b", "a\\b", "ü", "a$b"])
def test_setup_security_refuses_a_password_it_cannot_pass_on(server: Server, password: str) -> None:
    finished = set_up_security(server, KIBANA_PASSWORD=password)
    assert finished.returncode == 2
    assert "make env" in finished.stderr
    assert server.requests == []


def make_certificates(
    folder: Path, *, fails: str = ""
) -> tuple[subprocess.CompletedProcess[str], list[str]]:
    for name in ("bin", "ca", "server"):
        (folder / name).mkdir(exist_ok=True)
    tool, log = folder / "bin" / "elasticsearch-certutil", folder / "calls"
    tool.write_text(CERTUTIL.format(python=sys.executable, log=str(log), fails=fails))
    tool.chmod(0o755)
    log.write_text("")
    finished = subprocess.run(
        ["sh", SCRIPTS / "make_certificates.sh", folder],
        env={"PATH": f"{tool.parent}{os.pathsep}{os.defpath}", "TMPDIR": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return finished, log.read_text().splitlines()


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@needs_tools
def test_make_certificates_keeps_the_server_key_and_drops_the_authority_key(
    tmp_path: Path,
) -> None:
    finished, calls = make_certificates(tmp_path)

    assert finished.returncode == 0, finished.stderr
    assert "--dns elasticsearch,localhost --ip 127.0.0.1" in calls[1]
    assert (tmp_path / "ca" / "ca.crt").read_text() == "ca certificate"
    assert (tmp_path / "server" / "elasticsearch.crt").read_text() == "cert certificate"
    assert (tmp_path / "server" / "elasticsearch.key").read_text() == "cert key"
    assert mode(tmp_path / "server" / "elasticsearch.key") == 0o640
    assert mode(tmp_path / "ca" / "ca.crt") == 0o644
    left = {path.name for path in tmp_path.rglob("*") if path.is_file()}
    assert left == {
        "elasticsearch-certutil",
        "calls",
        "ca.crt",
        "elasticsearch.crt",
        "elasticsearch.key",
    }


@needs_tools
def test_make_certificates_leaves_existing_ones_alone(tmp_path: Path) -> None:
    make_certificates(tmp_path)
    finished, calls = make_certificates(tmp_path)
    assert finished.stdout == "certificates: they exist\n"
    assert calls == []


@needs_tools
@pytest.mark.parametrize("fails", ["ca", "cert"])
def test_make_certificates_starts_anew_after_a_failure(tmp_path: Path, fails: str) -> None:
    finished, _ = make_certificates(tmp_path, fails=fails)
    assert finished.returncode == 1
    assert list((tmp_path / "ca").iterdir()) == []
    finished, calls = make_certificates(tmp_path)
    assert finished.returncode == 0, finished.stderr
    assert len(calls) == 2
