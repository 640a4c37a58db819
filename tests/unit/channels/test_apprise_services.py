"""The list of services: each is known to Apprise and speaks through ``requests`` alone."""

from __future__ import annotations

import ast
import inspect
import sys
from pathlib import Path

import pytest
from apprise.manager_plugins import NotificationManager

from dateline.channels.apprise_services import SERVICES, service_problem

# An optional part of Apprise for e-mail looks for it.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")

# Ways around the HTTP library.
FORBIDDEN = {"asyncio", "ctypes", "multiprocessing", "pty", "smtplib", "socket", "ssl",
             "subprocess", "telnetlib"}  # fmt: skip


def imported(path: Path) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.partition(".")[0])
    return names


def test_services_are_known_to_apprise() -> None:
    assert set(map(str, NotificationManager().schemas())) >= SERVICES


@pytest.mark.parametrize("scheme", sorted(SERVICES))
def test_service_speaks_http_alone(scheme: str) -> None:
    plugin = NotificationManager()[scheme]
    path = Path(inspect.getfile(sys.modules[plugin.__module__]))
    modules = set(path.parent.glob("*.py")) if path.parent.name != "plugins" else {path}

    assert set().union(*map(imported, modules)) & FORBIDDEN == set()
    assert any("requests" in imported(each) for each in modules)


@pytest.mark.parametrize(
    "url", ["file:///x", "syslog://", "dbus://", "gnome://", "macosx://", "windows://", "mqtt://h",
            "xmpp://h", "irc://h", "rsyslog://h", "apprise://h/t", "json://h", "mailto://u:p@h",
            "exec://x", "hunter2", "", "http://127.0.0.1/"]
)  # fmt: skip
def test_service_beside_the_list_is_refused_without_repeating_it(url: str) -> None:
    problem = service_problem(url)

    assert problem
    assert "hunter2" not in problem
    assert "u:p" not in problem


@pytest.mark.parametrize("url", ["slack://a/b/c", "TGRAM://1:a/2", " ntfys://ntfy.sh/x"])
def test_service_of_the_list_is_told(url: str) -> None:
    assert service_problem(url) is None
