"""Objects and rules over HTTP, on a server that answers as Kibana does."""

from __future__ import annotations

import json
import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from kibana_stand_in import Kibana, kibana_server

from dateline.cli import cli
from dateline.errors import ConfigError
from dateline.kibana import http_client
from dateline.kibana.apply_objects import apply_objects, import_failure
from dateline.kibana.declarations import load_declarations
from dateline.kibana.http_client import KibanaClient
from dateline.kibana.rules import rule_body, rule_id
from dateline.kibana.saved_objects import Names, build_objects
from dateline.settings import KibanaSettings

DECLARED = load_declarations()
OBJECTS = build_objects(DECLARED)
RULES = {rule.id: rule_id(rule, Names()) for rule in DECLARED.rules}
ACTION = {"id": "c1", "group": "query matched", "params": {"message": "m"}, "uuid": "u1"}


@pytest.fixture
def kibana(monkeypatch: pytest.MonkeyPatch) -> Iterator[Kibana]:
    monkeypatch.setattr(http_client, "FIRST_PAUSE_SECONDS", 0.01)
    with kibana_server() as running:
        yield running


def settings(kibana: Kibana, **changes: Any) -> KibanaSettings:
    given = {"url": kibana.url, "user": "editor", "password": "correct", "wait_seconds": 5.0}
    return KibanaSettings(**{**given, **changes})


def apply(kibana: Kibana, *, namespace: str = "", **changes: Any) -> Any:
    client = KibanaClient(settings(kibana, **changes))
    try:
        return apply_objects(client, DECLARED, namespace)
    finally:
        client.close()


def test_objects_and_rules_arrive(kibana: Kibana) -> None:
    applied = apply(kibana)

    assert applied.version == "9.5.3"
    assert applied.objects == len(OBJECTS) == len(kibana.objects)
    assert kibana.objects["", "dashboard", "dateline-news"] == next(
        each for each in OBJECTS if each["id"] == "dateline-news"
    )
    assert applied.rules == dict.fromkeys(RULES, "created")
    rule = kibana.rules["", RULES["license-conflicts"]]
    assert rule["rule_type_id"] == ".index-threshold"
    assert rule["params"]["termField"] == "source_id"
    assert rule["params"]["filterKuery"] == 'rights.status : "conflict"'
    assert rule["enabled"] is True


def test_second_apply_changes_nothing(kibana: Kibana) -> None:
    apply(kibana)
    objects, rules = dict(kibana.objects), dict(kibana.rules)
    kibana.requests.clear()

    again = apply(kibana)

    assert again.rules == dict.fromkeys(RULES, "unchanged")
    assert again.objects == len(OBJECTS)
    assert (kibana.objects, kibana.rules) == (objects, rules)
    assert not [row for row in kibana.requests if row.startswith("PUT")]


def test_changed_object_is_replaced_and_others_are_left_alone(kibana: Kibana) -> None:
    apply(kibana)
    key = ("", "dashboard", "dateline-news")
    kibana.objects[key] = {**kibana.objects[key], "attributes": {"title": "Mine"}}
    kibana.objects["", "dashboard", "my-own"] = {"id": "my-own"}

    apply(kibana)

    assert kibana.objects[key]["attributes"]["title"] == "Dateline: news overview"
    assert ("", "dashboard", "my-own") in kibana.objects


def test_rule_that_changed_is_updated_and_keeps_its_actions(kibana: Kibana) -> None:
    apply(kibana)
    key = ("", RULES["no-articles"])
    kibana.rules[key]["params"]["threshold"] = [50]
    kibana.rules[key]["actions"] = [{**ACTION, "connector_type_id": ".email"}]
    kibana.rules[key]["alert_delay"] = {"active": 3}
    kibana.rules[key]["enabled"] = False

    applied = apply(kibana)

    assert applied.rules == {**dict.fromkeys(RULES, "unchanged"), "no-articles": "updated"}
    assert kibana.rules[key]["params"]["threshold"] == [1]
    assert kibana.rules[key]["actions"] == [ACTION]
    assert kibana.rules[key]["alert_delay"] == {"active": 3}
    assert kibana.rules[key]["enabled"] is False


def test_rule_that_another_apply_makes_meanwhile_is_no_error(
    kibana: Kibana, monkeypatch: pytest.MonkeyPatch
) -> None:
    apply(kibana)
    looked = KibanaClient.rule
    seen: list[str] = []

    def not_yet(client: KibanaClient, wanted: str) -> dict[str, Any] | None:
        found = looked(client, wanted) if wanted in seen else None
        seen.append(wanted)
        return found

    monkeypatch.setattr(KibanaClient, "rule", not_yet)
    assert apply(kibana).rules == dict.fromkeys(RULES, "unchanged")


def test_waits_while_kibana_starts(kibana: Kibana) -> None:
    kibana.not_ready_answers = 3
    reasons: list[str] = []
    client = KibanaClient(settings(kibana), on_wait=reasons.append)

    assert client.version() == "9.5.3"

    client.close()
    assert reasons == ["it answers 503: Kibana server is not ready yet"] * 3


def test_kibana_that_stays_away_is_named_with_its_reason(kibana: Kibana) -> None:
    kibana.not_ready_answers = 1000
    with pytest.raises(ConfigError, match=r"not ready after 0\.05 s: it answers 503: Kibana serv"):
        apply(kibana, wait_seconds=0.05)


def test_address_where_nobody_listens(kibana: Kibana) -> None:
    with socket.socket() as bound:  # bound and not listening: connections are refused
        bound.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{bound.getsockname()[1]}"
        with pytest.raises(ConfigError, match=r"not ready after 0 s.*refused.*--url"):
            apply(kibana, url=url, wait_seconds=0)


def test_certificate_is_verified_against_the_named_authority(tmp_path: Path) -> None:
    if shutil.which("openssl") is None:
        pytest.skip("openssl makes the certificate of this test")
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
         "-subj", "/CN=kibana.example", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)

    with kibana_server(context) as running:
        with pytest.raises(ConfigError, match=r"certificate that is not trusted.*kibana\.ca_file"):
            apply(running)
        assert running.requests == []
        assert apply(running, ca_file=str(certificate)).objects == len(OBJECTS)


@pytest.mark.parametrize("login", [{"password": "wrong"}, {"user": ""}])
def test_refused_login_says_what_to_set(kibana: Kibana, login: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=r"\(401\)\. Set kibana\.user, and DATELINE_KIBANA_PASS"):
        apply(kibana, **login)
    assert kibana.requests == ["GET /api/status"]  # an answer is an answer: no second try


def test_missing_privilege_is_named(kibana: Kibana) -> None:
    kibana.is_forbidden = True
    with pytest.raises(ConfigError, match=r"'editor'.*403.*Unable to bulk_create.*privileges"):
        apply(kibana)


def test_space_gets_objects_and_rules_of_its_own(kibana: Kibana) -> None:
    apply(kibana, space="desk")

    assert {space for space, *_ in kibana.objects} == {"desk"}
    assert {space for space, _ in kibana.rules} == {"desk"}


def test_space_that_does_not_exist(kibana: Kibana) -> None:
    with pytest.raises(ConfigError, match=r"no space 'night' .*Create it in Kibana"):
        apply(kibana, space="night")


def test_two_pipelines_share_a_kibana(kibana: Kibana) -> None:
    apply(kibana)
    apply(kibana, namespace="desk")

    assert len(kibana.objects) == 2 * len(OBJECTS)
    assert len(kibana.rules) == 2 * len(RULES)


def test_older_kibana_is_refused_before_anything_is_sent(kibana: Kibana) -> None:
    kibana.version = "9.5.2"
    with pytest.raises(ConfigError, match=r"Kibana is 9\.5\.2; the objects are made for 9\.5\.3"):
        apply(kibana)
    assert kibana.objects == {}


@pytest.mark.parametrize("version", ["9.5.3-SNAPSHOT", "9.10.0", "10.0.0", ""])
def test_newer_kibana_or_one_that_does_not_tell_is_taken(kibana: Kibana, version: str) -> None:
    kibana.version = version
    assert apply(kibana).objects == len(OBJECTS)


def test_refused_objects_are_named_each_with_its_reason(kibana: Kibana) -> None:
    kibana.refused = {
        "dateline-news": {"type": "unsupported_type"},
        "dateline-license": {"type": "unknown", "message": "document is too large"},
        "dateline-entity": {
            "type": "ambiguous_conflict",
            "destinations": [{"id": "a"}, {"id": "b"}],
        },
    }
    with pytest.raises(ConfigError) as caught:
        apply(kibana)

    text = str(caught.value)
    assert f"Kibana refused 3 objects and took {len(OBJECTS) - 3}" in text
    assert "dashboard dateline-news is of a type that this Kibana does not know" in text
    assert "dashboard dateline-license: document is too large" in text
    assert "dashboard dateline-entity may stand for several objects (a, b)" in text
    assert kibana.rules == {}


def test_missing_reference_is_named(kibana: Kibana) -> None:
    client = KibanaClient(settings(kibana))
    saved = next(each for each in OBJECTS if each["id"] == "dateline-latest-stories")
    report = client.import_objects(json.dumps(saved))
    client.close()

    assert import_failure(report) == (
        "Kibana refused 1 objects and took 0: search dateline-latest-stories refers to what is not"
        " there (index-pattern dateline-stories)."
    )


def test_many_errors_are_cut() -> None:
    errors = [{"type": "lens", "id": f"p{n}", "error": {"type": "conflict"}} for n in range(8)]
    text = import_failure({"errors": errors, "successCount": 2})
    assert text.endswith("lens p4 exists already; and 3 more.")


def test_server_that_is_no_kibana(kibana: Kibana, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kibana, "answer", lambda *_: (200, "<html>Welcome</html>"))
    with pytest.raises(ConfigError, match="does not answer as Kibana does"):
        apply(kibana)


def test_rules_are_in_the_free_licence_and_have_stable_ids() -> None:
    assert {rule.id: rule_id(rule, Names()) for rule in load_declarations().rules} == RULES
    assert len(set(RULES.values())) == len(RULES)
    for rule in DECLARED.rules:
        params = rule_body(rule, DECLARED, Names("desk"))["params"]
        assert params["index"][0].startswith("desk-news-")
        if "esQuery" in params:
            assert set(json.loads(params["esQuery"])) == {"query"}


def test_command_prints_what_it_did(kibana: Kibana, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_KIBANA_USER", "editor")
    monkeypatch.setenv("DATELINE_KIBANA_PASSWORD", "correct")
    kibana.not_ready_answers = 1

    done = CliRunner().invoke(cli, ["kibana", "apply", "--url", kibana.url])

    assert done.exit_code == 0, done.output
    assert f"{len(OBJECTS)} imported" in done.stdout
    assert "no-articles  created" in done.stdout
    assert done.stderr == "Kibana: it answers 503: Kibana server is not ready yet; waiting\n"


def test_address_without_a_scheme_is_refused_at_once() -> None:
    failed = CliRunner().invoke(cli, ["kibana", "apply", "--url", "kibana.example:5601"])
    assert isinstance(failed.exception, ConfigError)
    assert "begins with http:// or https://" in str(failed.exception)


def test_password_is_never_printed(kibana: Kibana, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATELINE_KIBANA_USER", "editor")
    monkeypatch.setenv("DATELINE_KIBANA_PASSWORD", "wr0ng-secret")

    failed = CliRunner().invoke(cli, ["kibana", "apply", "--url", kibana.url])

    assert isinstance(failed.exception, ConfigError)
    assert "wr0ng-secret" not in f"{failed.output}{failed.exception}"
