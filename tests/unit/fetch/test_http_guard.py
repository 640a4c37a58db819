"""No spelling, name, answer of a name server or redirect leads to an address that is not public."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Sequence
from dataclasses import replace
from ipaddress import IPv4Network, IPv6Network

import pytest
from aiohttp import web
from fetch_servers import LOCAL, LOOPBACK, OPTIONS, names, problem_of, raw_answer, serve, serve_raw

from producers.fetch.http_client import open_http_client

OK = raw_answer(b"HTTP/1.1 200 OK\r\nContent-Length: 6\r\nConnection: close\r\n\r\nsecret")


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


VECTORS = [
    ("http://127.0.0.1:{port}/", "address"),
    ("http://0.0.0.0:{port}/", "address"),
    ("http://[::1]:{port}/", "address"),
    ("http://[::]:{port}/", "address"),
    ("http://[::ffff:127.0.0.1]:{port}/", "address"),
    ("http://[::ffff:7f00:1]:{port}/", "address"),
    ("http://[::127.0.0.1]:{port}/", "address"),
    ("http://2130706433:{port}/", "url"),
    ("http://0:{port}/", "url"),
    ("http://127.1:{port}/", "url"),
    ("http://0177.0.0.1:{port}/", "url"),
    ("http://017700000001:{port}/", "url"),
    ("http://0x7f.1:{port}/", "address or dns"),
    ("http://0x7f000001:{port}/", "address or dns"),
    ("http://169.254.169.254:{port}/", "address"),
    ("http://[fd00:ec2::254]:{port}/", "address"),
    ("http://100.64.0.1:{port}/", "address"),
    ("http://198.18.0.1:{port}/", "address"),
    ("http://192.0.0.8:{port}/", "address"),
    ("http://[64:ff9b::127.0.0.1]:{port}/", "address"),
    ("http://[2002:7f00:1::]:{port}/", "address"),
    ("http://[2002:7f00::]:{port}/", "address"),
    ("http://[fe80::1%25lo]:{port}/", "url"),
    ("http://a@127.0.0.1:{port}/", "url"),
    ("http://@127.0.0.1:{port}/", "url"),
    ("http://example.org:80@127.0.0.1:{port}/", "url"),
    ("http://127.0.0.1:{port}#@x", "address"),
    ("http://127.0.0.1:{port}\\@example.org/", "url"),
    ("http://１２７.０.０.１:{port}/", "address"),
    ("http://①②⑦.⓪.⓪.①:{port}/", "address"),
    ("http://127。0。0。1:{port}/", "address"),
    ("http://127.0.0.1.:{port}/", "url"),
    ("http://localhost:{port}/", "address"),
    ("http://localhost.:{port}/", "address or dns"),
    ("http://ⓛⓞⓒⓐⓛⓗⓞⓢⓣ:{port}/", "address"),
    ("http://127%2e0%2e0%2e1:{port}/", "url"),
    ("file:///etc/hostname", "url"),
    ("gopher://127.0.0.1:{port}/_GET", "url"),
    ("ftp://127.0.0.1:{port}/", "url"),
    ("//127.0.0.1:{port}/", "url"),
    ("http:127.0.0.1:{port}/", "url"),
    ("http://example.org:0/", "url"),
    ("http://example.org:70000/", "url"),
    ("http://exa mple.org/", "url"),
    ("http://a..example.org/", "url"),
    ("http://example.org\r\nX: y/", "url"),
    ("http://", "url"),
    ("", "url"),
]


@pytest.mark.parametrize(("template", "kind"), VECTORS, ids=[each[0] for each in VECTORS])
def test_http_guard_refuses_without_a_connection(template: str, kind: str) -> None:
    async def main() -> None:
        host = "::" if has_ipv6() else "0.0.0.0"  # noqa: S104 (any way in would be counted)
        async with serve_raw(OK, host=host) as site, open_http_client(OPTIONS) as client:
            problem = await problem_of(client.get(template.format(port=site.port)))

            # Whether a system resolves the odd ones differs; what they resolve to is refused.
            assert problem.kind in kind.split(" or ")
            assert site.connections == 0

    asyncio.run(main())


def test_http_guard_lets_an_allowed_network_through() -> None:
    async def main() -> None:
        async with serve_raw(OK) as site, open_http_client(LOCAL) as client:
            answer = await client.get(site.url())
            post = await client.post(site.url(), body=b"x", headers={})

        assert (answer.body, post.body, site.connections) == (b"secret", b"secret", 2)

    asyncio.run(main())


@pytest.mark.skipif(not has_ipv6(), reason="this machine has no IPv6")
def test_http_guard_judges_mapped_addresses_by_the_allowed_inner_one() -> None:
    async def main() -> None:
        async with serve_raw(OK, host="::") as site, open_http_client(LOCAL) as client:
            answer = await client.get(f"http://[::ffff:127.0.0.1]:{site.port}/")
            refused = await problem_of(client.get(f"http://[::1]:{site.port}/"))

        assert (answer.body, refused.kind) == (b"secret", "address")

    asyncio.run(main())


def test_http_guard_refuses_a_post_too() -> None:
    async def main() -> None:
        async with serve_raw(OK) as site, open_http_client(OPTIONS) as client:
            problem = await problem_of(client.post(site.url(), body=b"x", headers={}))

            assert (problem.kind, site.connections) == ("address", 0)

    asyncio.run(main())


@pytest.mark.parametrize(
    "addresses",
    [
        pytest.param(["127.0.0.2", "127.0.0.1"], id="second-is-private"),
        pytest.param(["127.0.0.1", "127.0.0.2"], id="first-is-private"),
        pytest.param(["127.0.0.2", "::1"], id="other-family"),
        pytest.param(["127.0.0.2", "::ffff:10.0.0.1"], id="mapped"),
        pytest.param(["127.0.0.2", "somewhere"], id="no-address"),
    ],
)
def test_http_guard_refuses_mixed_answers(addresses: list[str]) -> None:
    only_two = replace(OPTIONS, allowed_networks=(IPv4Network("127.0.0.2/32"),))

    async def main() -> None:
        async with (
            serve_raw(OK, host="0.0.0.0") as site,  # noqa: S104
            open_http_client(only_two, lookup=names(mixed=addresses, fine="127.0.0.2")) as client,
        ):
            problem = await problem_of(client.get(site.url(host="mixed.example")))
            assert (problem.kind, site.connections) == ("address", 0)

            assert (await client.get(site.url(host="fine.example"))).body == b"secret"

    asyncio.run(main())


def test_http_guard_judges_names_with_a_final_dot() -> None:
    async def main() -> None:
        async with (
            serve_raw(OK) as site,
            open_http_client(OPTIONS, lookup=names(inside="127.0.0.1")) as client,
        ):
            problem = await problem_of(client.get(site.url(host="inside.example.")))

            assert (problem.kind, site.connections) == ("address", 0)

    asyncio.run(main())


def test_http_guard_judges_every_answer_of_a_name_that_rebinds() -> None:
    only_two = replace(OPTIONS, allowed_networks=(IPv4Network("127.0.0.2/32"),))
    asked: list[str] = []

    async def rebinding(host: str) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.2"] if len(asked) == 1 else ["127.0.0.1"]

    async def main() -> None:
        async with (
            serve_raw(OK, host="0.0.0.0") as site,  # noqa: S104
            open_http_client(only_two, lookup=rebinding) as client,
        ):
            first = await client.get(site.url(host="evil.example"))
            assert (first.body, asked) == (
                b"secret",
                ["evil.example"],
            )  # one lookup, the judged one

            problem = await problem_of(client.get(site.url(host="evil.example")))
            assert (problem.kind, site.connections) == ("address", 1)

    asyncio.run(main())


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
@pytest.mark.parametrize(
    ("location", "kind"),
    [
        ("http://127.0.0.1:{port}/private", "address"),
        ("//127.0.0.1:{port}/private", "address"),
        ("http://inside.example:{port}/", "address"),
        ("http://[::ffff:127.0.0.1]:{port}/", "address"),
        ("http://169.254.169.254/latest/meta-data/", "address"),
        ("http://2130706433:{port}/", "url"),
        ("http://a@127.0.0.1:{port}/", "url"),
        ("file:///etc/hostname", "url"),
        ("gopher://127.0.0.1:{port}/_x", "url"),
        ("javascript:alert(1)", "url"),
        ("http://[::1", "url"),
    ],
)
def test_http_guard_judges_where_redirects_lead(status: int, location: str, kind: str) -> None:
    only_two = replace(OPTIONS, allowed_networks=(IPv4Network("127.0.0.2/32"),))
    lookup = names(outside="127.0.0.2", inside="127.0.0.1")

    async def main() -> None:
        async with serve_raw(OK, host="127.0.0.1") as private:

            async def redirect(request: web.Request) -> web.Response:
                headers = {"Location": location.format(port=private.port)}
                return web.Response(status=status, headers=headers)

            async with serve(redirect) as site, open_http_client(only_two, lookup=lookup) as client:
                problem = await problem_of(client.get(site.url(host="outside.example")))

            assert (problem.kind, private.connections, len(site.requests)) == (kind, 0, 1)

    asyncio.run(main())


def test_http_guard_names_no_address_in_its_message() -> None:
    async def main() -> None:
        async with open_http_client(OPTIONS, lookup=names(inside="10.1.2.3")) as client:
            problem = await problem_of(client.get("http://inside.example/"))

        assert str(problem) == "address: a private, loopback or otherwise not public address"

    asyncio.run(main())


@pytest.mark.parametrize("host", ["unknown.example", "a" * 63 + ".example"])
def test_http_guard_says_when_a_name_has_no_address(host: str) -> None:
    async def main() -> None:
        async with open_http_client(OPTIONS, lookup=names()) as client:
            assert (await problem_of(client.get(f"http://{host}/"))).kind == "dns"

    asyncio.run(main())


def test_http_guard_gives_up_on_a_name_server_that_does_not_answer() -> None:
    async def silent(host: str) -> Sequence[str]:
        await asyncio.Event().wait()
        return []

    options = replace(OPTIONS, connect_timeout_seconds=0.1)

    async def main() -> None:
        async with open_http_client(options, lookup=silent) as client:
            assert (await problem_of(client.get("http://slow.example/"))).kind == "timeout"

    asyncio.run(main())


def test_http_guard_ignores_proxies_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    async def main() -> None:
        async with serve_raw(OK) as proxy, serve_raw(OK) as site:
            for name in ("http_proxy", "HTTP_PROXY", "ALL_PROXY", "all_proxy"):
                monkeypatch.setenv(name, proxy.url())
            async with open_http_client(LOCAL) as client:
                await client.get(site.url())

            assert (site.connections, proxy.connections) == (1, 0)

    asyncio.run(main())


def test_http_guard_allows_an_ipv6_intranet() -> None:
    if not has_ipv6():
        pytest.skip("this machine has no IPv6")
    options = replace(OPTIONS, allowed_networks=(*LOOPBACK, IPv6Network("::1/128")))

    async def main() -> None:
        async with serve_raw(OK, host="::1") as site, open_http_client(options) as client:
            assert (await client.get(f"http://[::1]:{site.port}/")).body == b"secret"

    asyncio.run(main())
