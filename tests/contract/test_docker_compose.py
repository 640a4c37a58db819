"""docker-compose.yml and Dockerfile, checked without an engine."""

from __future__ import annotations

import importlib.util
import json
import re
import tomllib
import types
from collections.abc import Mapping
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

import click
import jsonschema
import pytest
import yaml
from packaging.specifiers import SpecifierSet
from packaging.version import Version

from dateline.cli import LazyGroup
from dateline.local.elasticsearch_server import elasticsearch_yml
from dateline.local.kafka_server import MESSAGE_MAX_BYTES, broker_properties
from dateline.local.pins import load_pins
from dateline.search.templates import ARTICLES, ENTITIES, STORIES
from dateline.settings import Settings, key_specs, load_settings
from dateline.topics import load_topics
from processors.registry import STAGES

ROOT = Path(__file__).resolve().parents[2]
COMPOSE_TEXT = (ROOT / "docker-compose.yml").read_text(encoding="utf-8")
COMPOSE: dict[str, Any] = yaml.safe_load(COMPOSE_TEXT)
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]

OWN = {name for name, service in SERVICES.items() if service["image"].startswith("dateline:")}
LONG_RUNNING = {n for n, service in SERVICES.items() if service["restart"] == "unless-stopped"}
ONE_SHOT = set(SERVICES) - LONG_RUNNING
# They serve nothing that could be asked; the comments in the file say what watches them.
WITHOUT_HEALTHCHECK = {"producer", "feeds", "license-watch", *STAGES}
# What an embedded broker must have otherwise: its addresses and its folder.
PLACES = {
    "listeners",
    "advertised.listeners",
    "listener.security.protocol.map",
    "controller.quorum.voters",
    "log.dirs",
}
VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)([^}]*)\}")


def environment(service: str) -> Mapping[str, str]:
    return {name: str(v) for name, v in SERVICES[service].get("environment", {}).items()}


def named_volumes(service: Mapping[str, Any]) -> set[str]:
    sources = [
        row.partition(":")[0] if isinstance(row, str) else row["source"]
        for row in service.get("volumes", [])
    ]
    return {source for source in sources if not source.startswith(("./", "/"))}


def seconds(duration: str) -> int:
    match = re.fullmatch(r"(\d+)(s|m)", duration)
    assert match, duration
    return int(match[1]) * {"s": 1, "m": 60}[match[2]]


def key_value_rows(text: str, separator: str) -> dict[str, str]:
    rows = (line.partition(separator) for line in text.splitlines())
    return {key.strip(): value.strip().strip('"') for key, _, value in rows}


def test_file_follows_the_compose_specification() -> None:
    # check-jsonschema's own command needs a newer click than Faust allows: its schema is read.
    spec = importlib.util.find_spec("check_jsonschema")
    assert spec is not None
    assert spec.origin is not None
    path = Path(spec.origin).parent / "builtin_schemas" / "vendor" / "compose-spec.json"
    schema = json.loads(path.read_text(encoding="utf-8"))

    validator = jsonschema.validators.validator_for(schema)(schema)

    assert [f"{e.json_path}: {e.message}" for e in validator.iter_errors(COMPOSE)] == []


@pytest.mark.parametrize("name", SERVICES)
def test_image_is_pinned_and_names_no_registry(name: str) -> None:
    image = SERVICES[name]["image"]
    repository, _, tag = image.partition(":")
    assert re.fullmatch(r"\d+\.\d+\.\d+", tag), image
    assert "." not in repository, image


def test_versions_are_those_of_the_embedded_servers() -> None:
    pins = load_pins()
    assert SERVICES["kafka"]["image"] == f"apache/kafka:{pins.kafka_version}"
    assert {
        service["image"] for service in SERVICES.values() if "elasticsearch" in service["image"]
    } == {f"elasticsearch:{pins.elasticsearch_version}"}
    assert SERVICES["kibana"]["image"] == f"kibana:{pins.elasticsearch_version}"


def test_own_image_has_the_version_of_the_project_and_is_built_once() -> None:
    assert {SERVICES[name]["image"] for name in OWN} == {f"dateline:{PROJECT['version']}"}
    assert [name for name in SERVICES if "build" in SERVICES[name]] == ["setup-topics"]
    policies = {name: SERVICES[name]["pull_policy"] for name in OWN}
    assert policies.pop("setup-topics") == "build"
    assert set(policies.values()) == {"never"}


def test_ports_are_published_on_loopback_and_are_those_of_the_settings() -> None:
    published = {name: s["ports"] for name, s in SERVICES.items() if "ports" in s}
    settings = Settings()
    assert published == {
        "kafka": [f"127.0.0.1:{settings.servers.kafka_port}:9092"],
        "elasticsearch": [f"127.0.0.1:{settings.servers.elasticsearch_port}:9200"],
        "kibana": ["127.0.0.1:5601:5601"],
    }
    assert "127.0.0.1:8080 is reserved for the web page" in COMPOSE_TEXT


@pytest.mark.parametrize("name", sorted(LONG_RUNNING))
def test_long_running_service_has_a_healthcheck_or_is_a_known_exception(name: str) -> None:
    healthcheck = SERVICES[name]["healthcheck"]
    if name in WITHOUT_HEALTHCHECK:
        assert healthcheck == {"disable": True}
    else:
        assert healthcheck["test"][0] == "CMD-SHELL"
        assert seconds(healthcheck["timeout"]) < seconds(healthcheck["interval"])
        assert seconds(healthcheck["start_period"]) >= 60


def test_one_shot_services_are_not_started_again() -> None:
    assert {SERVICES[name]["restart"] for name in ONE_SHOT} == {"no"}
    setups = {"setup-security", "setup-topics", "setup-index", "setup-kibana"}
    assert {"certificates", *setups} == ONE_SHOT


@pytest.mark.parametrize("name", SERVICES)
def test_dependencies_wait_for_the_right_condition(name: str) -> None:
    for target, how in SERVICES[name].get("depends_on", {}).items():
        wanted = "service_completed_successfully" if target in ONE_SHOT else "service_healthy"
        assert how == {"condition": wanted}, (name, target)
        assert target not in WITHOUT_HEALTHCHECK


def everything_before(name: str) -> set[str]:
    direct = set(SERVICES[name].get("depends_on", {}))
    return direct.union(*(everything_before(other) for other in direct)) if direct else set()


@pytest.mark.parametrize("stage", STAGES)
def test_stage_starts_after_topics_index_and_user(stage: str) -> None:
    assert everything_before(stage) >= {"setup-topics", "setup-index", "setup-security"}


def test_named_volumes_are_the_declared_ones() -> None:
    used = set().union(*(named_volumes(service) for service in SERVICES.values()))
    assert used == set(COMPOSE["volumes"])


def test_data_of_the_servers_is_in_named_volumes() -> None:
    kafka_folder = environment("kafka")["KAFKA_LOG_DIRS"]
    assert f"kafka_data:{kafka_folder}" in SERVICES["kafka"]["volumes"]
    elasticsearch = SERVICES["elasticsearch"]["volumes"]
    assert "elasticsearch_data:/usr/share/elasticsearch/data" in elasticsearch
    for name in ("producer", "feeds"):
        state_folder = environment(name)["DATELINE_PROJECT_STATE_DIR"]
        assert f"producer_state:{state_folder}" in SERVICES[name]["volumes"]


def test_bind_mounts_exist_and_are_read_only() -> None:
    for name, service in SERVICES.items():
        for row in service.get("volumes", []):
            if isinstance(row, str) and row.startswith("./"):
                source, _, mode = row.split(":")
                assert mode == "ro", (name, row)
                assert (ROOT / source).is_dir()
            elif isinstance(row, dict):
                assert row["read_only"] is True, (name, row)
                assert row["bind"] == {"create_host_path": False}


@pytest.mark.parametrize("name", SERVICES)
def test_tmpfs_rows_are_paths(name: str) -> None:
    # Unquoted in a YAML flow list, the options after a comma would become a second mount.
    for row in SERVICES[name].get("tmpfs", []):
        assert row.startswith("/"), row


@pytest.mark.parametrize("name", SERVICES)
def test_secrets_come_from_the_environment_only(name: str) -> None:
    secret = re.compile(r"PASSWORD$|_?KEY$|SECRET|TOKEN")
    for variable, value in environment(name).items():
        if secret.search(variable):
            assert re.fullmatch(r"\$\{[A-Z_]+:\?run make env\}", value), (variable, value)


def test_variables_of_the_file_are_those_of_the_example() -> None:
    example = (ROOT / ".env.example").read_text(encoding="utf-8")
    names = [line for line in example.splitlines() if line and not line.startswith("#")]
    assert {f"{name}=" for name, _ in VARIABLE.findall(COMPOSE_TEXT)} == set(names)
    # Without a value each one stops the start; none has a default.
    assert {rest for _, rest in VARIABLE.findall(COMPOSE_TEXT)} == {":?run make env"}


def test_pipeline_logs_in_as_the_user_that_is_set_up() -> None:
    setup = environment("setup-security")
    for name in OWN:
        own = environment(name)
        assert own["DATELINE_ELASTICSEARCH_USER"] == setup["PIPELINE_USER"]
        assert own["DATELINE_ELASTICSEARCH_PASSWORD"] == setup["PIPELINE_PASSWORD"]
    superusers = {n for n in SERVICES if "ELASTIC_PASSWORD" in environment(n)}
    assert superusers == {"elasticsearch", "setup-security"}
    kibana = environment("kibana")
    assert kibana["ELASTICSEARCH_USERNAME"] == "kibana_system"
    assert kibana["ELASTICSEARCH_PASSWORD"] == setup["KIBANA_PASSWORD"]


def test_elasticsearch_has_security_and_tls_on() -> None:
    server = environment("elasticsearch")
    assert server["xpack.security.enabled"] == "true"
    assert server["xpack.security.http.ssl.enabled"] == "true"
    for name in OWN:
        assert environment(name)["DATELINE_ELASTICSEARCH_URL"] == "https://elasticsearch:9200"
        folder = Path(environment(name)["DATELINE_ELASTICSEARCH_CA_FILE"]).parent
        assert f"ca:{folder}:ro" in SERVICES[name]["volumes"]
    # The server's key: where it is made and where it is used.
    assert {n for n in SERVICES if "certificates" in named_volumes(SERVICES[n])} == {
        "certificates",
        "elasticsearch",
    }


def test_pipeline_role_reaches_its_own_indices_only() -> None:
    path = ROOT / "config" / "compose" / "pipeline_role.json"
    role = json.loads(path.read_text(encoding="utf-8"))
    assert [row["names"] for row in role["indices"]] == [["news-*"]]
    assert all(fnmatch(name, "news-*") for name in (ARTICLES, STORIES, ENTITIES))
    privileges = {p for row in role["indices"] for p in row["privileges"]}
    assert not privileges & {"all", "manage", "delete_index", "delete", "write"}
    assert set(role["cluster"]) == {"monitor", "manage_index_templates", "cluster:admin/analyze"}


@pytest.mark.parametrize("name", sorted(OWN))
def test_variables_of_ours_are_settings_with_valid_values(name: str) -> None:
    given = {key: v for key, v in environment(name).items() if key.startswith("DATELINE_")}
    known = {spec.variable for spec in key_specs()}
    assert set(given) <= known
    settings = load_settings(environ=given)
    host, _, port = settings.kafka.bootstrap_servers.partition(":")
    assert host in SERVICES
    assert f"INSIDE://:{port}" in environment("kafka")["KAFKA_LISTENERS"]
    assert not set(environment("kafka")) & known


@pytest.mark.parametrize("name", sorted(OWN))
def test_command_is_one_that_dateline_has(name: str) -> None:
    words = SERVICES[name]["command"]
    command: click.Command | None = LazyGroup()
    context = click.Context(LazyGroup())
    while isinstance(command, click.Group):
        command = command.get_command(context, words[0])
        assert command is not None, words
        words = words[1:]
    assert command is not None
    command.make_context("dateline", list(words))  # raises on an unknown option or argument


def test_stages_are_those_of_the_registry() -> None:
    commands = {name: SERVICES[name]["command"] for name in OWN}
    workers = {name: words[1] for name, words in commands.items() if words[0] == "worker"}
    assert workers == {stage: stage for stage in STAGES}
    assert commands["producer"] == ["ingest", "/inbox", "--watch"]
    assert commands["feeds"] == ["feeds"]
    assert commands["setup-topics"] == ["topics", "apply"]
    assert commands["setup-index"] == ["index", "apply"]
    assert commands["setup-kibana"] == ["kibana", "apply"]


@pytest.mark.parametrize("name", SERVICES)
def test_service_can_be_scaled(name: str) -> None:
    assert "container_name" not in SERVICES[name]
    if name in OWN:
        assert "ports" not in SERVICES[name]


@pytest.mark.parametrize("name", SERVICES)
def test_service_is_hardened_and_limited(name: str) -> None:
    service = SERVICES[name]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert service["cap_drop"] == ["ALL"]
    assert "cap_add" not in service
    assert "privileged" not in service
    assert re.fullmatch(r"\d+[mg]", service["mem_limit"])
    assert service["logging"]["options"].keys() == {"max-size", "max-file"}
    if name in OWN:
        assert service["read_only"] is True
        assert "user" not in service  # the image's own, which is not root


@pytest.mark.parametrize("stage", STAGES)
def test_stop_waits_longer_than_a_stage_takes(stage: str) -> None:
    deadline_seconds = Settings().stages.stop_deadline_seconds
    assert seconds(SERVICES[stage]["stop_grace_period"]) >= deadline_seconds + 5


def test_broker_has_the_properties_of_the_embedded_one() -> None:
    ports: Any = types.SimpleNamespace(port=9092, controller_port=9093)
    embedded = key_value_rows(broker_properties(ports, Path("data")), "=")
    ours = {
        name.removeprefix("KAFKA_").lower().replace("_", "."): value
        for name, value in environment("kafka").items()
        if name.startswith("KAFKA_")
    }
    differing = {
        key: (ours.get(key), value)
        for key, value in embedded.items()
        if key not in PLACES and ours.get(key) != value
    }
    assert differing == {}


def test_broker_takes_the_largest_record_of_every_topic() -> None:
    limits = [
        int(topic.config.get("max.message.bytes", 0)) for topic in load_topics(Settings()).values()
    ]
    limit = int(environment("kafka")["KAFKA_MESSAGE_MAX_BYTES"])
    assert limit >= max(limits)
    assert limit == MESSAGE_MAX_BYTES


def test_broker_creates_no_topics_and_listens_apart_for_inside_and_outside() -> None:
    broker = environment("kafka")
    assert broker["KAFKA_AUTO_CREATE_TOPICS_ENABLE"] == "false"
    advertised = broker["KAFKA_ADVERTISED_LISTENERS"].split(",")
    published = SERVICES["kafka"]["ports"][0].rpartition(":")[0]
    assert advertised == ["INSIDE://kafka:19092", f"OUTSIDE://{published}"]
    assert broker["KAFKA_INTER_BROKER_LISTENER_NAME"] == "INSIDE"


def test_elasticsearch_has_the_settings_of_the_embedded_one() -> None:
    plan: Any = types.SimpleNamespace(port=9200, transport_port=9300, folder=Path("folder"))
    embedded = key_value_rows(elasticsearch_yml(plan), ":")
    ours = environment("elasticsearch")
    for key in ("cluster.name", "node.name", "discovery.type", "action.auto_create_index"):
        assert ours[key] == embedded[key], key


def test_shell_variables_are_escaped_from_compose() -> None:
    without_escaped = COMPOSE_TEXT.replace("$$", "")
    assert "$" not in VARIABLE.sub("", without_escaped)


def final_stage() -> list[str]:
    joined = re.sub(r"\\\n\s*", "", DOCKERFILE)
    lines = [line for line in joined.splitlines() if line and not line.startswith("#")]
    last = max(i for i, line in enumerate(lines) if line.startswith("FROM "))
    return lines[last:]


def test_dockerfile_runs_as_a_fixed_user_that_is_not_root() -> None:
    users = [line.split()[1] for line in final_stage() if line.startswith("USER ")]
    assert users == ["10001:10001"]
    assert final_stage().index("USER 10001:10001") > max(
        i for i, line in enumerate(final_stage()) if line.startswith(("RUN", "COPY"))
    )
    owner = "--owner=10001 --group=10001"
    state_folder = environment("producer")["DATELINE_PROJECT_STATE_DIR"]
    assert re.search(rf"{owner} --mode=0750 {state_folder}$", "\n".join(final_stage()), re.M)


def test_dockerfile_lets_its_user_read_and_not_write_the_code() -> None:
    assert "chmod -R a+rX,go-w /opt/dateline" in DOCKERFILE
    copies = [line for line in final_stage() if line.startswith("COPY")]
    assert len(copies) == 2
    assert not [line for line in copies if "--chown" in line]


def test_dockerfile_starts_dateline_with_one_thread_for_linear_algebra() -> None:
    lines = final_stage()
    assert 'ENTRYPOINT ["dateline"]' in lines
    assert "HEALTHCHECK NONE" in lines
    assert any("OMP_NUM_THREADS=1" in line for line in lines if line.startswith("ENV"))


def test_dockerfile_installs_by_hash_and_leaves_the_tools_behind() -> None:
    joined = re.sub(r"\\\n\s*", "", DOCKERFILE)
    installs = re.findall(r"pip --python .*", joined)
    assert len(installs) == 2
    assert "--require-hashes" in installs[0]
    assert "-r requirements.lock" in installs[0]
    assert "--no-deps --no-build-isolation" in installs[1]
    assert not [line for line in final_stage() if re.search(r"\b(pip|apt-get|gcc)\b", line)]


def test_dockerfile_has_a_pinned_python_that_the_project_supports() -> None:
    images = re.findall(r"^FROM (\S+)", DOCKERFILE, re.M)
    assert len(images) == 2
    for image in images:
        match = re.fullmatch(r"python:(\d+\.\d+)-slim", image)
        assert match, image
        assert Version(match[1]) in SpecifierSet(PROJECT["requires-python"])


def test_dockerfile_copies_what_exists_and_the_ignore_file_lets_through() -> None:
    sources = {
        word
        for line in re.findall(r"^COPY (?!--from)(.*)$", DOCKERFILE, re.M)
        for word in line.split()[:-1]
    }
    ignore = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert [source for source in sources if not (ROOT / source).exists()] == []
    assert {line[1:] for line in ignore if line.startswith("!")} == sources
    assert ignore[1] == "*"
    packages = {name.partition(".")[0] + "/" for name in _packages()}
    assert packages <= sources


def _packages() -> list[str]:
    tool = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]
    packages: list[str] = tool["setuptools"]["packages"]
    return packages


def test_secrets_of_channels_reach_the_stage_that_tells_and_no_repository() -> None:
    given = {name: row["env_file"] for name, row in SERVICES.items() if "env_file" in row}

    assert given == {"deliver": [{"path": "channels.env", "required": False}]}
    ignored = (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert "channels.env" in ignored
    # What the file may set beside secrets, under the names that it has there.
    mail = {spec.variable for spec in key_specs() if spec.section == "channels"}
    assert {"DATELINE_CHANNELS_SMTP_HOST", "DATELINE_CHANNELS_SMTP_PASSWORD"} <= mail
