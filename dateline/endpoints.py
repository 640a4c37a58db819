"""Return the addresses of Kafka and Elasticsearch: as set, or those of the embedded servers."""

from __future__ import annotations

from elasticsearch import AsyncElasticsearch, Elasticsearch

from dateline.errors import ConfigError
from dateline.local import Endpoints, read_endpoints
from dateline.settings import Settings

AUTO = "auto"


def _embedded(settings: Settings, key: str) -> Endpoints:
    endpoints = read_endpoints(settings.state_dir)
    if endpoints is None:
        raise ConfigError(
            f"{key} is 'auto' and no embedded server runs for {settings.state_dir}.",
            hint=f"Start it with `dateline up`, or set {key}.",
        )
    return endpoints


def kafka_bootstrap(settings: Settings) -> str:
    """Return the ``host:port`` list of the Kafka brokers.

    Raises:
        ConfigError: the setting is ``auto`` and no embedded server runs.
    """
    if settings.kafka.bootstrap_servers != AUTO:
        return settings.kafka.bootstrap_servers
    return _embedded(settings, "kafka.bootstrap_servers").kafka_bootstrap


def elasticsearch_url(settings: Settings) -> str:
    """Return the address of Elasticsearch.

    Raises:
        ConfigError: the setting is ``auto`` and no embedded server runs.
    """
    if settings.elasticsearch.url != AUTO:
        return settings.elasticsearch.url
    return _embedded(settings, "elasticsearch.url").elasticsearch_url


def _client_options(settings: Settings) -> dict[str, object]:
    options: dict[str, object] = {
        "hosts": [elasticsearch_url(settings)],
        "request_timeout": settings.elasticsearch.request_timeout_seconds,
        # The client's own retries are immediate and without jitter; ours wait (reliability 3.7).
        "max_retries": 0,
        "retry_on_timeout": False,
        # A node that failed once is asked again at once: there may be only one.
        "dead_node_backoff_factor": 0,
        "http_compress": False,
    }
    if settings.elasticsearch.user:
        options["basic_auth"] = (settings.elasticsearch.user, settings.elasticsearch.password)
    if settings.elasticsearch.ca_file:
        options["ca_certs"] = settings.elasticsearch.ca_file
    return options


def search_client(settings: Settings) -> Elasticsearch:
    """Return a client for one command; the caller closes it."""
    return Elasticsearch(**_client_options(settings))  # type: ignore[arg-type]  # options by name


def async_search_client(settings: Settings) -> AsyncElasticsearch:
    """Return a client for a stage; the caller closes it."""
    return AsyncElasticsearch(**_client_options(settings))  # type: ignore[arg-type]
