"""Return the indices as ``config/elasticsearch/`` describes them, and set them up on a server.

Of articles one index a month, ``news-articles-v2-2026.11``, behind a write alias of its own
(``news-articles-2026.11``) and the read alias ``news-articles``. The month is that of
``first_seen_at`` for ever (contract point 11): a later revision finds its document again.

Beside them small ones for ever, ``news-stories-v1`` and the like, each behind its alias: a document
is the record of a story, an entity, an alert, a delivery, a claim or a channel's state.
"""

from __future__ import annotations

import copy
import hashlib
import json
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from elastic_transport import TransportError
from elasticsearch import ApiError, AsyncElasticsearch, BadRequestError

from dateline.errors import (
    ConfigError,
    DatelineError,
    DependencyUnavailable,
    InvariantBroken,
    SearchUnavailable,
)
from dateline.search.failures import translated
from dateline.settings import PROJECT_DIR, Settings

MAPPINGS = PROJECT_DIR / "config" / "elasticsearch"
MAPPING_PATH = MAPPINGS / "articles.json"
MAPPING_VERSION = 2  # part of the index name; raise it when a field changes its type
PREFERRED_ANALYZER = "english"
DIGEST = "sha256"  # in the template's _meta: of the template as it was put
FALLBACK_ANALYZER = "standard"  # the server's core has no other
ARTICLES, STORIES, ENTITIES = "news-articles", "news-stories", "news-entities"
ALERTS, DELIVERIES, CLAIMS = "news-alerts", "news-deliveries", "news-claims"
CHANNEL_STATES = "news-channel-states"


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordIndex:
    """The names of an index that holds the latest record of each id."""

    alias: str
    mapping_path: Path
    version: int = 1  # raise it when a field changes its type

    @property
    def index_name(self) -> str:
        """Return the index behind the alias."""
        return f"{self.alias}-v{self.version}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ArticlesIndex:
    """The names of the articles index, and of those beside it, inside one namespace."""

    read_alias: str

    @property
    def stories(self) -> RecordIndex:
        """Return the index of stories."""
        return self._small(STORIES, "stories.json")

    @property
    def entities(self) -> RecordIndex:
        """Return the index of entities."""
        return self._small(ENTITIES, "entities.json")

    @property
    def alerts(self) -> RecordIndex:
        """Return the ledger of alerts."""
        return self._small(ALERTS, "alerts.json")

    @property
    def deliveries(self) -> RecordIndex:
        """Return the index of deliveries: one an alert and channel."""
        return self._small(DELIVERIES, "deliveries.json")

    @property
    def claims(self) -> RecordIndex:
        """Return the index of first mentions."""
        return self._small(CLAIMS, "claims.json")

    @property
    def channel_states(self) -> RecordIndex:
        """Return the index of what is known of channels: failures, what is held back."""
        return self._small(CHANNEL_STATES, "channel_states.json")

    @property
    def record_indices(self) -> tuple[RecordIndex, ...]:
        """Return all indices beside that of articles."""
        return (
            self.stories, self.entities, self.alerts, self.deliveries, self.claims,
            self.channel_states,
        )  # fmt: skip

    def _small(self, alias: str, file_name: str) -> RecordIndex:
        return RecordIndex(alias=self._beside(alias), mapping_path=MAPPINGS / file_name)

    def _beside(self, name: str) -> str:
        return self.read_alias.removesuffix(ARTICLES) + name

    @property
    def index_prefix(self) -> str:
        """Return what every index name begins with."""
        return f"{self.read_alias}-v{MAPPING_VERSION}-"

    def write_alias(self, first_seen_at: datetime) -> str:
        """Return the alias through which an article of that month is written."""
        return f"{self.read_alias}-{first_seen_at:%Y.%m}"

    def index_name(self, write_alias: str) -> str:
        """Return the index behind a write alias."""
        return self.index_prefix + write_alias.removeprefix(f"{self.read_alias}-")


def articles_index(settings: Settings) -> ArticlesIndex:
    """Return the names of the articles index."""
    return ArticlesIndex(read_alias=settings.scoped(ARTICLES))


def load_mapping(path: Path = MAPPING_PATH) -> dict[str, Any]:
    """Return settings and mappings as in the file.

    Raises:
        ConfigError: the file cannot be read or is no JSON.
    """
    try:
        loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, json.JSONDecodeError) as error:
        raise ConfigError(f"index mapping {path}: {error}.") from error
    return loaded


def index_template(
    index: ArticlesIndex, mapping: dict[str, Any], *, analyzer: str, refresh_interval_ms: int
) -> dict[str, Any]:
    """Return the composable index template with the analyzer that the server has."""
    body = copy.deepcopy(mapping)
    body["settings"]["refresh_interval"] = f"{refresh_interval_ms}ms"
    body["settings"]["analysis"]["analyzer"] = {"dateline_text": {"type": analyzer}}
    body["mappings"]["_meta"] = {"mapping_version": MAPPING_VERSION, "analyzer": analyzer}
    return {
        "index_patterns": [f"{index.index_prefix}*"],
        # Two namespaces may share a prefix of their names: the exact pattern wins.
        "priority": 500,
        "template": {**body, "aliases": {index.read_alias: {}}},
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What ``apply_templates`` found and did; ``indices`` are those that exist."""

    template: str
    analyzer: str
    change: str
    indices: tuple[str, ...]
    record_indices: tuple[str, ...] = ()


async def apply_templates(client: AsyncElasticsearch, settings: Settings) -> Applied:
    """Put the index template, and the mapping of new fields on existing indices; safe to repeat.

    The analyzer is decided once: a template that exists keeps its own.

    Raises:
        SearchUnavailable, SearchThrottled: try again.
        ConfigError: an existing index has a field of another type, or the server refuses the
            template.
    """
    index = articles_index(settings)
    try:
        existing = await _existing_template(client, index.read_alias)
        analyzer = _analyzer_of(existing) or await _probe_analyzer(client)
        wanted = index_template(
            index,
            load_mapping(),
            analyzer=analyzer,
            refresh_interval_ms=settings.index.refresh_interval_ms,
        )
        digest = hashlib.sha256(json.dumps(wanted, sort_keys=True).encode()).hexdigest()
        change = _change(existing, digest)
        if change != "unchanged":
            await client.indices.put_index_template(
                name=index.read_alias, meta={DIGEST: digest}, **wanted
            )
        names = await _update_mappings(
            client, f"{index.index_prefix}*", wanted["template"]["mappings"]
        )
        small = [
            name
            for each in index.record_indices
            for name in await _update_mappings(
                client, f"{each.index_name}*", load_mapping(each.mapping_path)["mappings"]
            )
        ]
    except (TransportError, ApiError) as error:
        raise _setup_failure(error) from error
    return Applied(
        template=index.read_alias, analyzer=analyzer, change=change, indices=names,
        record_indices=tuple(small),
    )  # fmt: skip


def _setup_failure(error: TransportError | ApiError) -> DatelineError:
    meaning = translated(error)
    if isinstance(meaning, DependencyUnavailable):
        return meaning
    return ConfigError(f"Elasticsearch refuses the index template: {str(error)[:500]}.")


async def _existing_template(client: AsyncElasticsearch, name: str) -> dict[str, Any] | None:
    found = await client.options(ignore_status=404).indices.get_index_template(name=name)
    if found.meta.status == 404:  # noqa: PLR2004 (HTTP)
        return None
    template: dict[str, Any] = found["index_templates"][0]["index_template"]
    return template


def _analyzer_of(template: dict[str, Any] | None) -> str | None:
    if template is None:
        return None
    meta: dict[str, str] = template["template"]["mappings"].get("_meta", {})
    return meta.get("analyzer")


def _change(existing: dict[str, Any] | None, digest: str) -> str:
    if existing is None:
        return "created"
    # The server writes settings in a form of its own, so they cannot be compared as they are.
    same = (existing.get("_meta") or {}).get(DIGEST) == digest
    return "unchanged" if same else "updated"


async def _probe_analyzer(client: AsyncElasticsearch) -> str:
    try:
        await client.indices.analyze(analyzer=PREFERRED_ANALYZER, text="probe")
    except BadRequestError:
        return FALLBACK_ANALYZER
    return PREFERRED_ANALYZER


async def _update_mappings(
    client: AsyncElasticsearch, pattern: str, mappings: dict[str, Any]
) -> tuple[str, ...]:
    found = await client.indices.get(index=pattern, features=["aliases"])
    names = tuple(sorted(found))
    for name in names:
        try:
            await client.indices.put_mapping(
                index=name, properties=mappings["properties"], meta=mappings.get("_meta")
            )
        except BadRequestError as error:
            raise ConfigError(
                f"index {name} has another mapping than config/elasticsearch/: {error.message}.",
                hint="Raise MAPPING_VERSION and replay into a new index.",
            ) from error
    return names


async def ensure_index(client: AsyncElasticsearch, index: ArticlesIndex, write_alias: str) -> None:
    """Create the index behind ``write_alias``; safe to repeat and from two processes.

    Raises:
        SearchUnavailable, SearchThrottled: try again; also when the server refuses the index (its
            limit of shards is reached, say), because that is no fault of a document.
        InvariantBroken: the template is gone, and the index would guess the types of our fields; a
            stage puts the template when it starts.
    """
    small = {each.alias: each for each in index.record_indices}.get(write_alias)
    try:
        if small is not None:
            body = load_mapping(small.mapping_path)
            await _create_index(client, small.index_name, write_alias, body)
            return
        if not await client.indices.exists_index_template(name=index.read_alias):
            raise InvariantBroken(
                f"The index template {index.read_alias} is gone: was the server wiped?"
            )
        await _create_index(client, index.index_name(write_alias), write_alias, {})
    except (TransportError, ApiError) as error:
        meaning = translated(error)
        if isinstance(meaning, DependencyUnavailable):
            raise meaning from error
        raise SearchUnavailable(
            f"Elasticsearch refuses to create the index: {str(error)[:500]}."
        ) from error


async def _create_index(
    client: AsyncElasticsearch, name: str, write_alias: str, body: dict[str, Any]
) -> None:
    try:
        await client.indices.create(
            index=name, aliases={write_alias: {"is_write_index": True}}, **body
        )
    except BadRequestError as error:
        if error.error != "resource_already_exists_exception":
            raise
        await client.indices.put_alias(index=name, name=write_alias, is_write_index=True)
