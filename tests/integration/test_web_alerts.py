"""Alerts over HTTP: the API, the stream, the feed and the page, on real servers."""

from __future__ import annotations

import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import feedparser
import pytest
from channel_samples import ALERT, CONTENT
from cli_on_servers import index_documents
from sample_documents import document
from stages_on_servers import until
from web_client import Client
from web_on_servers import publish, running_web, write_ledger

from dateline.alert_records import Alert, Channel, Watch
from dateline.alerts.ledger import LedgerEntry
from dateline.settings import PROJECT_DIR, Settings
from dateline.watch_topic import read_watchlist, send_records

pytestmark = pytest.mark.integration

NOW = datetime.now(UTC)


def entry(number: int, *, watch_id: str = "qatar-talks", **content: Any) -> LedgerEntry:
    alert = replace(
        ALERT, alert_id=f"{number:064x}", watch_id=watch_id, channel_id="",
        created_at=NOW - timedelta(minutes=100 - number), content=replace(CONTENT, **content),
    )  # fmt: skip
    return LedgerEntry(alert=alert, channel_ids=("desk", "hook"))


def told(one: LedgerEntry, *channel_ids: str) -> list[Alert]:
    return [replace(one.alert, channel_id=each) for each in channel_ids]


@pytest.fixture
def web(pipeline_settings: Settings) -> Iterator[Client]:
    with running_web(pipeline_settings) as url:
        yield Client(url)


def test_a_watch_is_made_shown_changed_and_removed(
    web: Client, pipeline_settings: Settings
) -> None:
    made = web.ask("POST", "/v1/watches", value={"query": "pier AND works", "name": "Piers"})
    assert made.status == 201, made.body
    assert made.headers["location"] == "/v1/watches/piers"
    assert made.json()["estimate"]["days"] == 0
    kept = read_watchlist(pipeline_settings).watches["piers"]
    assert (kept.query, kept.came_from, kept.is_active) == ("pier AND works", "api", True)
    assert web.get("/v1/watches/piers").json()["watch"]["query"] == "pier AND works"

    assert web.ask("POST", "/v1/watches", value={"query": "x1", "watch_id": "piers"}).status == 409
    changed = web.ask("PUT", "/v1/watches/piers", value={"query": "dock works"})
    assert changed.status == 200
    after = read_watchlist(pipeline_settings).watches["piers"]
    assert after.query == "dock works"
    assert after.created_at > kept.created_at  # another question: nothing of the past

    assert web.ask("DELETE", "/v1/watches/piers").status == 204
    assert not read_watchlist(pipeline_settings).watches["piers"].is_active
    assert web.get("/v1/watches").json() == {"watches": []}
    (row,) = web.get("/v1/watches?all=true").json()["watches"]
    assert row["is_active"] is False
    assert web.ask("DELETE", "/v1/watches/piers").status == 204
    assert web.ask("PUT", "/v1/watches/quays", value={"query": "quay"}).status == 201


def test_what_the_command_line_writes_is_seen(web: Client, pipeline_settings: Settings) -> None:
    send_records(pipeline_settings, [Watch(watch_id="docks", created_at=NOW, query="dock")])
    until(lambda: web.get("/v1/watches/docks").status == 200, "the watch of the topic")


def test_a_trial_writes_nothing_and_estimates(web: Client, pipeline_settings: Settings) -> None:
    index_documents(
        pipeline_settings,
        [document("one", first_seen_at=NOW - timedelta(hours=2), title="Pier A")],
    )
    answer = web.ask("POST", "/v1/watches?dry_run=true", value={"query": "title:pier"})
    assert answer.status == 200
    assert answer.json()["is_written"] is False
    assert answer.json()["estimate"]["match_count"] == 1
    assert read_watchlist(pipeline_settings).watches == {}


# Asked of one server: starting one for each would take minutes.
REFUSED_WATCHES: tuple[tuple[Any, int, str | None, str], ...] = (
    ({"query": "pier AND ("}, 422, "E102", ""),
    ({"query": "lang:en"}, 422, "E103", "nearly every article"),
    ({"query": "a\u202eb"}, 422, "E102", "U+202E"),
    ({"query": "x " * 10_000}, 422, "E102", ""),
    ({"query": "(" * 3_000}, 422, "E102", ""),
    ({"query": "pier", "trigger": "silence"}, 422, "E101", "silence_days"),
    ({"query": "pier", "channel_ids": ["no"]}, 422, "E101", "no channel"),
    ({"query": "pier", "watch_id": "A B"}, 422, None, "watch_id"),
    ({"query": "pier", "colour": 1}, 422, None, "colour"),
    ({"name": "pier"}, 422, None, "query"),
    ([1], 422, None, "object"),
    ({"query": "\ud800"}, 400, None, "no JSON"),  # half a character
)


def test_a_watch_that_cannot_be_is_refused_with_the_reason(
    web: Client, pipeline_settings: Settings
) -> None:
    for value, status, code, words in REFUSED_WATCHES:
        answer = web.ask("POST", "/v1/watches", value=value)
        assert answer.status == status, (value, answer.body)
        assert answer.headers["content-type"] == "application/problem+json"
        problem = answer.json()
        assert (problem["status"], problem.get("code")) == (status, code), value
        assert words in problem["detail"], value
    assert web.ask("PUT", "/v1/watches/A%20B", value={"query": "pier"}).status == 422
    other = {"query": "pier", "watch_id": "other"}
    assert web.ask("PUT", "/v1/watches/pier", value=other).status == 422
    assert read_watchlist(pipeline_settings).watches == {}


def test_the_problem_of_a_query_points_at_the_character(web: Client) -> None:
    query = "𠮷野 pier AND titel:works"  # the first takes two units of UTF-16
    problem = web.ask("POST", "/v1/watches", value={"query": query}).json()
    assert query[problem["position"] :] == "titel:works"
    assert "did you mean `title:`?" in problem["detail"]
    assert "\n" not in problem["detail"]


def test_a_watch_that_would_tell_all_day_must_be_forced(
    web: Client, pipeline_settings: Settings
) -> None:
    limit = pipeline_settings.alerts.max_matches_per_day
    index_documents(
        pipeline_settings,
        [
            document(f"n{number}", first_seen_at=NOW - timedelta(hours=2), title="Pier")
            for number in range(limit + 1)
        ],
    )
    answer = web.ask("POST", "/v1/watches", value={"query": "title:pier"})
    assert answer.status == 422
    assert answer.json()["matches_per_day"] == limit + 1
    forced = web.ask("POST", "/v1/watches?force=true", value={"query": "title:pier"})
    assert forced.status == 201


def test_what_the_file_says_is_changed_there(web: Client, pipeline_settings: Settings) -> None:
    mine = Watch(watch_id="piers", created_at=NOW, query="pier", came_from="file")
    send_records(pipeline_settings, [mine])
    until(lambda: web.get("/v1/watches/piers").status == 200, "the watch of the topic")
    assert web.ask("PUT", "/v1/watches/piers", value={"query": "dock"}).status == 409
    assert web.ask("DELETE", "/v1/watches/piers").status == 409
    assert read_watchlist(pipeline_settings).watches["piers"] == mine


def test_alerts_come_newest_first_in_pages_with_their_deliveries(
    web: Client, pipeline_settings: Settings
) -> None:
    assert web.get("/v1/alerts").json() == {"alerts": [], "next_cursor": None}
    same = [replace(entry(n), alert=replace(entry(n).alert, created_at=NOW)) for n in (51, 52, 53)]
    rows = [*(entry(number) for number in range(1, 6)), *same]
    write_ledger(pipeline_settings, *rows, entry(9, watch_id="other", url="javascript:alert(1)"))
    seen: list[str] = []
    path = "/v1/alerts?watch=qatar-talks&limit=3"
    cursor = ""
    while True:
        page = web.get(path + cursor).json()
        seen += [each["alert_id"] for each in page["alerts"]]
        if page["next_cursor"] is None:
            break
        cursor = f"&cursor={page['next_cursor']}"
    newest = sorted(rows, key=lambda e: (e.alert.created_at, e.alert.alert_id), reverse=True)
    assert seen == [each.alert.alert_id for each in newest]

    since = (NOW - timedelta(minutes=97)).isoformat().replace("+", "%2B")
    late = web.get(f"/v1/alerts?since={since}&watch=qatar-talks").json()["alerts"]
    assert [each["alert_id"][-2:] for each in late] == ["35", "34", "33", "05", "04", "03"]
    (other,) = web.get("/v1/alerts?watch=other").json()["alerts"]
    assert other["content"]["url"] is None

    shown = web.get(f"/v1/alerts/{1:064x}").json()
    assert shown["alert"]["content"]["title"] == "Talks in Doha"
    assert {each["channel_id"] for each in shown["deliveries"]} == {"desk", "hook"}
    assert not any("lease_owner" in each for each in shown["deliveries"])


WRONG_ADDRESSES = (
    ("/v1/alerts?limit=0", 400), ("/v1/alerts?limit=501", 400), ("/v1/alerts?limit=-1", 400),
    ("/v1/alerts?limit=99999999999999999999", 400), ("/v1/alerts?limit=%D9%A1", 400),
    ("/v1/alerts?cursor=x", 400), ("/v1/alerts?since=yesterday", 400),
    ("/v1/alerts?since=2026-11-20T08:00:00", 400),
    ("/v1/alerts?since=0001-01-01T00:00:00%2B14:00", 400),
    ("/v1/alerts/stream?since=x", 400),
    (f"/v1/alerts/{1:064x}", 404), ("/v1/alerts/..%2f", 404), ("/v1/watches/none", 404),
    ("/v1/watches/none/alerts.atom", 404), ("/v1/nothing", 404),
)  # fmt: skip


def test_what_cannot_be_asked_is_a_problem(web: Client) -> None:
    for path, status in WRONG_ADDRESSES:
        answer = web.get(path)
        assert answer.status == status, path
        assert answer.headers["content-type"] == "application/problem+json", path
        assert answer.json()["status"] == status


def test_bodies_and_methods_have_limits(web: Client) -> None:
    assert web.ask("POST", "/v1/alerts", value={}).status == 405
    path = "/v1/watches"
    assert web.ask("POST", path, body=b"{}", headers={"Content-Type": "text/plain"}).status == 415
    json_type = {"Content-Type": "application/json"}
    assert web.ask("POST", path, body=b"{", headers=json_type).status == 400
    assert web.ask("POST", path, body=b'{"query": "\xff"}', headers=json_type).status == 400
    assert web.ask("POST", path, body=b"x" * 400_000, headers=json_type).status == 413


def test_an_alert_is_streamed_once_though_channels_repeat_it(
    web: Client, pipeline_settings: Settings
) -> None:
    one, two, three = entry(1), entry(2, watch_id="other"), entry(3)
    with web.stream("/v1/alerts/stream") as every, web.stream("/v1/alerts/stream?watch=other") as o:
        write_ledger(pipeline_settings, one, two, three)
        publish(
            pipeline_settings, *told(one, "desk", "hook", "desk"), *told(two, ""),
            *told(one, "late"), *told(three, "desk"),
        )  # fmt: skip
        # Partitions have no order among them: each alert comes, and each comes once.
        got = [every.next() for _ in range(3)]
        assert sorted(each.event_id for each in got) == [f"{n:064x}" for n in (1, 2, 3)]
        first = next(each.json() for each in got if each.event_id == one.alert.alert_id)
        assert first["channel_ids"] == ["desk", "hook"]  # from the ledger, not of the channel
        assert first["content"]["title"] == "Talks in Doha"
        assert o.next().event_id == two.alert.alert_id
        last = entry(4)
        write_ledger(pipeline_settings, last)
        publish(pipeline_settings, *told(one, "desk"), *told(last, "desk"))
        assert every.next().event_id == last.alert.alert_id


def test_after_a_reconnect_comes_what_was_missed(web: Client, pipeline_settings: Settings) -> None:
    at = datetime.now(UTC)
    rows = [
        replace(entry(n), alert=replace(entry(n).alert, created_at=at + timedelta(seconds=n)))
        for n in range(1, 6)
    ]
    with web.stream("/v1/alerts/stream") as stream:
        for each in rows[:2]:
            write_ledger(pipeline_settings, each)
            publish(pipeline_settings, *told(each, "desk"))
            assert stream.next().event_id == each.alert.alert_id
    for each in rows[2:4]:
        write_ledger(pipeline_settings, each)
        publish(pipeline_settings, *told(each, "desk"))
    last = rows[1].alert.alert_id
    with web.stream("/v1/alerts/stream", Last_Event_ID=last) as again:
        got = [again.next().event_id for _ in range(2)]
        assert got == [each.alert.alert_id for each in rows[2:4]]
        write_ledger(pipeline_settings, rows[4])
        publish(pipeline_settings, *told(rows[2], "hook"), *told(rows[4], "desk"))
        assert again.next().event_id == rows[4].alert.alert_id


def test_after_a_restart_of_the_server_nothing_is_missed(pipeline_settings: Settings) -> None:
    one, two = entry(1), entry(2)
    write_ledger(pipeline_settings, one)
    with running_web(pipeline_settings):
        pass
    write_ledger(pipeline_settings, two)
    publish(pipeline_settings, *told(two, "desk"))
    with running_web(pipeline_settings) as url:
        path, last = "/v1/alerts/stream", one.alert.alert_id
        with Client(url).stream(path, Last_Event_ID=last) as stream:
            assert stream.next().event_id == two.alert.alert_id


def test_readers_have_a_limit_and_a_heartbeat(pipeline_settings: Settings) -> None:
    few = replace(pipeline_settings.web, max_readers=1, heartbeat_seconds=0.2)
    with running_web(replace(pipeline_settings, web=few)) as url:
        client = Client(url)
        with client.stream("/v1/alerts/stream") as stream:
            assert stream.block()[""].startswith("ping")
            second = client.get("/v1/alerts/stream")
            assert (second.status, second.headers["retry-after"]) == (503, "5")

        until(lambda: has_place(client), "the place of the reader that left")


def test_the_feed_of_a_watch_is_atom_and_says_no_more_than_the_licence(
    web: Client, pipeline_settings: Settings
) -> None:
    hostile = "<script>alert('x')</script> & \x1b[0m\u202e ]]>"
    web.ask("PUT", "/v1/watches/qatar-talks", value={"query": "talks", "name": hostile})
    withheld = entry(
        2, title="Kept back", sentence=None, excerpt=None, url="javascript:alert(1)",
        withheld_reason="its licence allows headlines only",
    )  # fmt: skip
    write_ledger(pipeline_settings, entry(1, title=hostile), withheld, entry(3, watch_id="other"))
    path = "/v1/watches/qatar-talks/alerts.atom"
    answer = web.get(path)
    assert answer.headers["content-type"].startswith("application/atom+xml")
    feed = feedparser.parse(answer.body)
    assert not feed.bozo, feed.get("bozo_exception")
    assert feed.version == "atom10"
    assert [each.id.startswith("urn:uuid:") for each in feed.entries] == [True, True]
    assert len({each.id for each in [*feed.entries, feed.feed]}) == 3
    kept, shown = feed.entries
    assert b"<script" not in answer.body
    assert shown.title_detail.type == "text/plain"
    assert shown.title == "<script>alert('x')</script> & [0m ]]>"
    assert shown.updated_parsed[:6] == (NOW - timedelta(minutes=99)).utctimetuple()[:6]
    assert shown.link == CONTENT.url
    assert shown.rights == CONTENT.attribution_text
    assert "Al-Khulaifi said the talks went on." in shown.content[0].value
    assert "Text withheld by its licence" in kept.content[0].value
    assert kept.link == f"{web.url}/alerts/{2:064x}"

    tag = answer.headers["etag"]
    again = web.get(path, If_None_Match=f'"other", W/{tag}')
    assert (again.status, again.body) == (304, b"")
    write_ledger(pipeline_settings, entry(4))
    assert web.get(path, If_None_Match=tag).status == 200


def form_of(web: Client, headers: dict[str, str] | None = None) -> tuple[str, str]:
    """Return cookie and token of the page's form."""
    page = web.ask("GET", "/alerts", headers=headers)
    assert page.status == 200, page.body
    (token,) = re.findall(r'name="token" value="([0-9a-f]{64})"', page.text)
    return page.headers["set-cookie"].partition(";")[0], token


def test_the_page_shows_alerts_as_text_and_one_with_its_deliveries(
    web: Client, pipeline_settings: Settings
) -> None:
    hostile = '"><img src=x onerror=alert(1)>{{7*7}}'
    write_ledger(
        pipeline_settings,
        entry(1, title=hostile, url="javascript:alert(1)", sentence="<b>bold</b>"),
        entry(2),
    )
    page = web.get("/alerts")
    assert page.headers["content-security-policy"].startswith("default-src 'none'; ")
    assert "unsafe" not in page.headers["content-security-policy"]
    assert "<img" not in page.text
    assert "javascript:" not in page.text
    assert "&lt;b&gt;bold&lt;/b&gt;" in page.text
    assert 'href="https://news.example/a/1"' in page.text
    one = web.get(f"/alerts/{1:064x}")
    assert "desk: waiting" in one.text
    assert "<img" not in one.text
    assert web.get("/alerts/none").status == 404
    assert "<h1>Not Found</h1>" in web.get("/alerts/none").text


def test_the_form_makes_a_watch_and_shows_where_a_query_is_wrong(
    web: Client, pipeline_settings: Settings
) -> None:
    send_records(pipeline_settings, [Channel(channel_id="desk", kind="email", created_at=NOW)])
    until(lambda: 'value="desk"' in web.get("/alerts").text, "the channel of the topic")
    cookie, token = form_of(web)
    fields = {"query": '"<i>" pier AND titel:x', "name": "P", "channel": "desk", "token": token}
    wrong = web.ask("POST", "/alerts/watches", form=fields, headers={"Cookie": cookie})
    assert wrong.status == 422
    assert "<code>&#34;&lt;i&gt;&#34; pier AND <mark>t</mark>itel:x</code>" in wrong.text
    assert 'value="&#34;&lt;i&gt;&#34; pier AND titel:x"' in wrong.text
    assert re.search(r'value="desk"\s+checked', wrong.text)
    good = web.ask(
        "POST", "/alerts/watches", form=fields | {"query": "pier"}, headers={"Cookie": cookie}
    )
    assert (good.status, good.headers["location"]) == (303, "/alerts?added=p")
    assert "is in force" in web.get("/alerts?added=p").text
    kept = read_watchlist(pipeline_settings).watches["p"]
    assert (kept.query, kept.came_from, kept.channel_ids) == ("pier", "web", ("desk",))


def test_a_form_of_another_browser_or_site_changes_nothing(
    web: Client, pipeline_settings: Settings
) -> None:
    cookie, token = form_of(web)
    other_cookie, other_token = form_of(web)
    fields = {"query": "pier", "token": token}

    def sent(form: dict[str, str], **headers: str) -> int:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return web.ask("POST", "/alerts/watches", form=form, headers=named).status

    assert sent(fields) == 403
    assert sent(fields, Cookie=other_cookie) == 403
    assert sent(fields | {"token": other_token}, Cookie=cookie) == 403
    assert sent(fields, Cookie=cookie, Origin="http://127.0.0.1:1") == 403
    assert sent(fields, Cookie=cookie, Origin="null") == 403
    assert sent(fields, Cookie=cookie, Sec_Fetch_Site="same-site") == 403
    assert read_watchlist(pipeline_settings).watches == {}
    assert sent(fields, Cookie=cookie, Origin=web.url, Sec_Fetch_Site="same-origin") == 303


def test_only_our_own_names_are_answered(web: Client) -> None:
    for host in ("evil.example", "127.0.0.1.evil.example:8660", "", "localhost.evil.example"):
        refused = web.ask("GET", "/v1/watches", headers={"Host": host})
        assert refused.status in (400, 403), host
        assert refused.headers.get("content-security-policy")
    assert web.ask("GET", "/v1/watches", headers={"Host": "localhost:1"}).status == 200
    crossing = web.ask(
        "POST", "/v1/watches", value={"query": "pier"}, headers={"Origin": "https://evil.example"}
    )
    assert crossing.status == 403
    assert "access-control-allow-origin" not in crossing.headers


def test_static_files_are_ours_alone(web: Client) -> None:
    script = web.get("/static/alerts.js")
    assert script.status == 200
    assert "javascript" in script.headers["content-type"]
    assert web.get("/static/../app.py").status == 404
    assert web.get("/static/..%2fapp.py").status == 404


def test_a_reader_that_does_not_read_is_let_go_and_holds_up_nobody(
    pipeline_settings: Settings,
) -> None:
    big = "x" * 60_000
    rows = [
        entry(number, sentence=big) for number in range(400)
    ]  # 24 MB: no buffer on the way takes it
    few = replace(pipeline_settings.web, max_readers=2)
    with running_web(replace(pipeline_settings, web=few)) as url:
        client = Client(url)
        host, _, port = url.removeprefix("http://").partition(":")
        with socket.create_connection((host, int(port))) as idle:
            idle.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            idle.sendall(f"GET /v1/alerts/stream HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            assert idle.recv(15) == b"HTTP/1.1 200 OK"
            with client.stream("/v1/alerts/stream") as quick:
                assert client.get("/v1/alerts/stream").status == 503
                publish(pipeline_settings, *(told(each, "desk")[0] for each in rows))
                got = [quick.next().event_id for _ in rows]
                assert sorted(got) == sorted(each.alert.alert_id for each in rows)
                # It stopped taking anything; its place is given to somebody else.
                until(lambda: has_place(client), "the place of the reader that does not read")


def has_place(client: Client) -> bool:
    try:
        with client.stream("/v1/alerts/stream"):
            return True
    except AssertionError:
        return False


def test_the_command_serves_until_it_is_told_to_stop(
    pipeline_settings: Settings,
) -> None:
    with web_command(pipeline_settings, "web.port=0") as process:
        assert process.stdout is not None
        line = process.stdout.readline().strip()
        client = Client(line.removeprefix("Search and alerts are at "))
        assert client.get("/alerts").status == 200
        with client.stream("/v1/alerts/stream") as stream:
            process.send_signal(signal.SIGTERM)
            with pytest.raises(EOFError):
                stream.next()
        assert process.wait(20) == 0


def test_an_address_that_others_reach_is_refused(pipeline_settings: Settings) -> None:
    with web_command(pipeline_settings, "web.bind=0.0.0.0") as process:
        _, said = process.communicate(timeout=60)
        assert process.returncode == 2
        assert "There is no login yet" in said


@contextmanager
def web_command(settings: Settings, option: str) -> Iterator[subprocess.Popen[str]]:
    values = {
        "project.state_dir": str(settings.state_dir),
        "project.namespace": settings.project.namespace,
        "kafka.bootstrap_servers": settings.kafka.bootstrap_servers,
        "elasticsearch.url": settings.elasticsearch.url,
    }
    options = [*(f"{key}={value}" for key, value in values.items()), option]
    words = [word for each in options for word in ("--set", each)]
    with subprocess.Popen(
        [sys.executable, "-m", "dateline", *words, "web"], cwd=PROJECT_DIR,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        try:
            yield process
        finally:
            process.kill()
