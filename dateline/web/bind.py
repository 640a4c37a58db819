"""Say where the web may listen and under which names it may be asked."""

from __future__ import annotations

import ipaddress
import socket
from dataclasses import replace

from dateline.errors import ConfigError
from dateline.settings import WebSettings

NO_LOGIN = (
    "There is no login yet, so everybody who reaches the address could change watches. Use"
    " 127.0.0.1, and an SSH tunnel from elsewhere."
)


def check_bind(bind: str) -> None:
    """Do nothing where only this machine reaches ``bind``.

    Raises:
        ConfigError: it is no loopback address; a name is none, because it can be changed.
    """
    try:
        is_loopback = ipaddress.ip_address(bind).is_loopback
    except ValueError:
        is_loopback = False
    if not is_loopback:
        raise ConfigError(f"web.bind: {bind!r} is no loopback address.", hint=NO_LOGIN)


def own_hosts(bind: str) -> frozenset[str]:
    """Return the host names under which a browser on this machine reaches us."""
    return frozenset({"localhost", "127.0.0.1", "[::1]", f"[{bind}]" if ":" in bind else bind})


def host_name(authority: str) -> str:
    """Return the host of ``host:port``, in lower case; IPv6 keeps its brackets."""
    head, bracket, tail = authority.strip().lower().rpartition("]")
    return f"{head}]" if bracket else tail.partition(":")[0]


def web_url(bind: str, port: int) -> str:
    """Return the address of the front page, without a slash at its end."""
    return f"http://[{bind}]:{port}" if ":" in bind else f"http://{bind}:{port}"


def open_listener(settings: WebSettings) -> socket.socket:
    """Return a socket bound to the address of the settings; whoever has it closes it.

    Raises:
        ConfigError: the address may not or cannot be listened on.
    """
    check_bind(settings.bind)
    listener = socket.socket(socket.AF_INET6 if ":" in settings.bind else socket.AF_INET)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((settings.bind, settings.port))
    except OSError as error:
        listener.close()
        raise ConfigError(
            f"web: cannot listen on {settings.bind} port {settings.port}:"
            f" {error.strerror or error}.",
            hint="Set web.port; 0 takes a free one.",
        ) from error
    return listener


def free_port(settings: WebSettings) -> int:
    """Return the port of the settings, or another where it is taken; nobody holds it for us.

    Raises:
        ConfigError: the address may not be listened on.
    """
    try:
        listener = open_listener(settings)
    except ConfigError:
        listener = open_listener(replace(settings, port=0))
    with listener:
        return int(listener.getsockname()[1])
