from __future__ import annotations

from dataclasses import replace

import pytest
from starlette.datastructures import Headers

from dateline.errors import ConfigError
from dateline.settings import WebSettings
from dateline.web.bind import check_bind, free_port, host_name, open_listener, own_hosts, web_url
from dateline.web.csrf import FormTokens
from dateline.web.guard import refused

HOSTS = own_hosts("127.0.0.1")


@pytest.mark.parametrize("bind", ["127.0.0.1", "127.0.0.53", "::1"])
def test_loopback_addresses_are_taken(bind: str) -> None:
    check_bind(bind)


@pytest.mark.parametrize(
    "bind",
    ["0.0.0.0", "::", "192.168.1.2", "10.0.0.1", "localhost", "", "news.example", "2130706433"],  # noqa: S104
)
def test_any_other_address_is_refused_while_there_is_no_login(bind: str) -> None:
    with pytest.raises(ConfigError, match="There is no login yet"):
        check_bind(bind)


def test_a_taken_port_is_a_configuration_problem_and_another_is_found() -> None:
    with open_listener(WebSettings(port=0)) as holder:
        holder.listen()
        port = holder.getsockname()[1]
        taken = replace(WebSettings(), port=port)
        with pytest.raises(ConfigError, match=f"cannot listen on 127.0.0.1 port {port}"):
            open_listener(taken)
        assert free_port(taken) not in (0, port)
    assert free_port(taken) == port


def test_addresses_are_written_with_brackets_where_they_need_them() -> None:
    assert web_url("::1", 80) == "http://[::1]:80"
    assert web_url("127.0.0.1", 80) == "http://127.0.0.1:80"


@pytest.mark.parametrize(
    ("authority", "host"),
    [
        ("127.0.0.1:8660", "127.0.0.1"), ("LocalHost", "localhost"), ("[::1]:8660", "[::1]"),
        ("[::1]", "[::1]"), ("", ""), ("evil.example:80", "evil.example"),
    ],
)  # fmt: skip
def test_host_name_is_without_port(authority: str, host: str) -> None:
    assert host_name(authority) == host


@pytest.mark.parametrize(
    ("method", "headers", "is_let_in"),
    [
        ("GET", {"host": "127.0.0.1:8660"}, True),
        ("GET", {"host": "[::1]:8660"}, True),
        ("GET", {"host": "localhost", "origin": "https://evil.example"}, True),  # cannot read it
        ("GET", {"host": "evil.example"}, False),
        ("GET", {"host": "127.0.0.1.evil.example"}, False),
        ("GET", {"host": "127.0.0.1@evil.example"}, False),
        ("GET", {}, False),
        ("POST", {"host": "localhost:1"}, True),
        ("POST", {"host": "localhost:1", "origin": "http://localhost:1"}, True),
        ("POST", {"host": "localhost:1", "origin": "http://localhost:2"}, False),
        ("POST", {"host": "localhost:1", "origin": "null"}, False),
        ("POST", {"host": "localhost:1", "origin": ""}, False),
        ("POST", {"host": "localhost:1", "sec-fetch-site": "same-origin"}, True),
        ("DELETE", {"host": "localhost:1", "sec-fetch-site": "cross-site"}, False),
        ("PUT", {"host": "localhost:1", "sec-fetch-site": "same-site"}, False),
    ],
)
def test_guard_lets_in_our_own_pages_and_programs(
    method: str, headers: dict[str, str], is_let_in: bool
) -> None:
    assert (refused(method, Headers(headers), HOSTS) == "") is is_let_in


def test_two_hosts_in_one_request_are_refused() -> None:
    raw = [(b"host", b"localhost"), (b"host", b"evil.example")]
    assert refused("GET", Headers(raw=raw), HOSTS)


def test_a_token_belongs_to_one_browser_and_one_process() -> None:
    tokens = FormTokens()
    browser = tokens.new_browser()
    token = tokens.token(browser)
    assert tokens.is_valid(browser, token)
    assert not tokens.is_valid(tokens.new_browser(), token)
    assert not tokens.is_valid("", tokens.token(""))
    assert not tokens.is_valid(browser, "é")
    assert not FormTokens().is_valid(browser, token)
