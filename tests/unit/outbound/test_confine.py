"""A confined process reaches allowed addresses only, whatever opens the connection."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

# Runs in a process of its own: what is confined stays so.
SCRIPT = """
import asyncio, json, os, smtplib, socket, ssl, subprocess, sys, urllib.request
from dateline.outbound.address_guard import parse_networks
from dateline.outbound.confine import confine_process
from dateline.outbound.guarded_resolver import AddressForbidden

allowed, host, way = json.loads(sys.argv[1])
server = socket.create_server(("127.0.0.1", 0))
port = server.getsockname()[1]
confinement = confine_process(parse_networks(allowed))

def connect(sock, address):
    sock.settimeout(2)
    sock.connect(address)

def urlopen(url):
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    opener.open(url, timeout=1)

async def asyncio_way():
    await asyncio.wait_for(asyncio.open_connection(host, port), 2)

ways = {
    "create_connection": lambda: socket.create_connection((host, port), timeout=2),
    "connect": lambda: connect(socket.socket(), (host, port)),
    "connect_ex": lambda: socket.socket().connect_ex((host, port)),
    "tls": lambda: connect(ssl.create_default_context().wrap_socket(
        socket.socket(), server_hostname="x.example"), (host, port)),
    "udp": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", (host, port)),
    "sendmsg": lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendmsg(
        [b"x"], [], 0, (host, port)),
    "unix": lambda: socket.socket(socket.AF_UNIX).connect("/run/any.sock"),
    "smtplib": lambda: smtplib.SMTP(host, port, timeout=1),
    "urllib": lambda: urlopen(f"http://{host}:{port}/"),
    "asyncio": lambda: asyncio.run(asyncio_way()),
    "subprocess": lambda: subprocess.run(["true"]),
    "system": lambda: os.system("true"),
    "fork": lambda: os.fork(),
}
try:
    ways[way]()
    end = "reached"
except Exception as error:
    end = type(error).__name__
server.settimeout(0.01)
try:
    server.accept()
    accepted = 1
except TimeoutError:
    accepted = 0
print(json.dumps([end, confinement.take_refusals(), accepted]))
"""


def confined(allowed: list[str], host: str, way: str) -> tuple[str, int, int]:
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, json.dumps([allowed, host, way])],
        check=True, capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    end, refusals, accepted = json.loads(done.stdout)
    return end, refusals, accepted


@pytest.mark.parametrize(
    "way",
    ["create_connection", "connect", "connect_ex", "tls", "udp", "sendmsg", "smtplib", "urllib",
     "asyncio"],
)  # fmt: skip
def test_confined_process_reaches_no_private_address(way: str) -> None:
    end, refusals, accepted = confined([], "127.0.0.1", way)

    assert end in ("AddressForbidden", "URLError")  # urllib wraps it
    assert refusals >= 1
    assert accepted == 0


@pytest.mark.parametrize(
    "host",
    ["localhost", "127.1", "2130706433", "0x7f.1", "0177.0.0.1", "0.0.0.0", "::ffff:127.0.0.1"],  # noqa: S104
)
def test_confined_process_reaches_no_private_address_by_another_spelling(host: str) -> None:
    end, refusals, accepted = confined([], host, "create_connection")

    assert (end, accepted) == ("AddressForbidden", 0)
    assert refusals >= 1


def test_confined_process_connects_to_no_name() -> None:
    assert confined(["127.0.0.0/8"], "localhost", "connect") == ("AddressForbidden", 1, 0)


def test_confined_process_speaks_to_no_local_service() -> None:
    assert confined(["127.0.0.0/8"], "", "unix") == ("AddressForbidden", 1, 0)


@pytest.mark.parametrize("way", ["subprocess", "system", "fork"])
def test_confined_process_starts_no_program(way: str) -> None:
    end, _, _ = confined(["0.0.0.0/0"], "", way)

    assert end == "PermissionError"


@pytest.mark.parametrize("way", ["create_connection", "asyncio"])
def test_confined_process_reaches_what_the_operator_allows(way: str) -> None:
    assert confined(["127.0.0.0/8"], "127.0.0.1", way) == ("reached", 0, 1)
