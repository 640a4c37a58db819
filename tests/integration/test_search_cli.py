"""Search, show, trace, dead letters and index set-up against the real servers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from cli_on_servers import index_documents, run_command
from click.testing import Result
from kafka import KafkaAdminClient, KafkaProducer
from kafka.structs import OffsetAndMetadata, TopicPartition
from sample_documents import document, snippet_document, tombstone
from sample_records import enriched_article, raw_article

from dateline.cli.dead_letters import dead_letters
from dateline.cli.index import index
from dateline.cli.search import search
from dateline.cli.show import show
from dateline.cli.trace import trace
from dateline.dead_letter_store import open_sender
from dateline.dead_letters import dead_letter_key, to_headers
from dateline.endpoints import kafka_bootstrap
from dateline.records import DeadLetter, EntityFields, GroupedArticle
from dateline.search.article_queries import ArticleSearch
from dateline.search.find_articles import find_articles
from dateline.search.templates import articles_index
from dateline.settings import Settings
from dateline.topic_reader import open_reader, partition_of
from dateline.topics import load_topics
from dateline.wire import to_wire

pytestmark = pytest.mark.integration

AT = datetime(2026, 11, 20, 8, 30, tzinfo=UTC)
HOSTILE = "\x1b[31mRed [red]alert[/red]"


def _ids(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return [hit["article_id"] for hit in json.loads(result.stdout)["hits"]]


NAMES = ("Marta Oliveira", "Oliveira", "Harbour Trust", "Lisbon")
FULL = document(entity_names=NAMES)
SNIPPET = snippet_document(first_seen_at=datetime(2026, 11, 21, 9, tzinfo=UTC), entity_names=NAMES)
KILLED = tombstone()
EVIL = document(
    "evil.txt", title=HOSTILE, dateline_place="New York",
    entities=EntityFields(person=("Anna Smith", "John Miller"), place=("Duran Duran",)),
)  # fmt: skip


@pytest.fixture
def articles(pipeline_settings: Settings) -> Settings:
    index_documents(pipeline_settings, [FULL, SNIPPET, KILLED, EVIL])
    return pipeline_settings


def test_before_the_first_article_search_says_so(pipeline_settings: Settings) -> None:
    result = run_command(pipeline_settings, search, "pier")

    assert result.exit_code == 0
    assert result.stdout.startswith("Nothing is indexed yet")
    assert run_command(pipeline_settings, show, FULL.article_id).exit_code == 1


def test_search_finds_by_words_and_by_each_filter(articles: Settings) -> None:
    full, snippet, evil = FULL.article_id, SNIPPET.article_id, EVIL.article_id
    cases: list[tuple[list[str], set[str]]] = [
        (["pier"], {full, snippet, evil}),
        (["new", "pier", "lisbon"], {full, snippet, evil}),
        (['"opened the new pier"'], {full, snippet, evil}),
        (["pier", "nowhere"], set()),
        (["new", "pier", "lisbon", "nowhere"], {full, snippet, evil}),
        (["new", "pier", "lisbon", "nowhere", "--sort", "newest"], set()),
        (["new", "AND", "pier", "AND", "nowhere"], set()),
        (["pier", "OR", "nowhere"], {full, snippet, evil}),
        (["dock", "NOT", "lisbon"], set()),
        (["lis*"], {full, snippet, evil}),
        (["title:lisbon"], {full, snippet}),
        (["entity:oliveira"], {full, snippet}),
        (["oliveria"], {full, snippet}),
        (['"oliveria"'], set()),
        (["pires"], set()),
        (["--person", "oliveira"], {full, snippet}),
        (["--person", "smith anna"], {evil}),
        (["--person", "anna miller"], set()),
        (["--org", "harbour trust"], {full, snippet}),
        (["--place", "duran duran"], {evil}),
        (["--place", "new york"], {evil}),
        (["--license", "cc-by-4.0"], {full, evil}),
        (["--license", "CC BY 4.0"], {full, evil}),
        (["--license", "unknown"], {snippet}),
        (["--license", "unknown", "--license", "granted"], {full, snippet, evil}),
        (["--source", "coast-wire", "--lang", "EN"], {full, snippet, evil}),
        (["--source", "nobody"], set()),
        (["--since", "2026-11-21"], {snippet}),
        (["--until", "2026-11-20"], {full, evil}),
        (["--since", "30m", "--until", "2026-11-01"], set()),
    ]
    for arguments, expected in cases:
        assert set(_ids(run_command(articles, search, "--json", *arguments))) == expected, arguments


def test_search_never_shows_withheld_text(articles: Settings) -> None:
    result = run_command(articles, search, "dock", "workers", "--license", "unknown")

    assert result.exit_code == 0
    assert SNIPPET.article_id[:12] in result.stdout
    assert "dock workers" not in result.stdout
    as_json = run_command(articles, search, "dock", "--license", "unknown", "--json").stdout
    assert "dock" not in as_json


def test_search_highlights_and_is_harmless(articles: Settings) -> None:
    result = run_command(articles, search, "alert")

    assert "␛[31mRed [red]alert[/red]" in result.stdout
    assert "\x1b" not in result.stdout


LETTERS = [f"{a}{b}" for a in "aeiouäöü" for b in "bcdfghkl"]


@pytest.mark.parametrize(
    "words",
    [
        pytest.param(" ".join(f"{each}ngze" for each in LETTERS), id="many-words"),
        pytest.param(" ".join(f"pi-e{each}" for each in LETTERS[:60]), id="many-pairs"),
        pytest.param(" OR ".join(f"l{each}*" for each in LETTERS[:20]), id="many-beginnings"),
        pytest.param(" ".join(f"entity:li{each}on" for each in LETTERS[:30]), id="many-names"),
        pytest.param("(" * 20 + "pier" + ")" * 20, id="deep"),
        pytest.param("核協議 ประเทศไทย Ærø 3.5 U.S. گفت‌وگوهای", id="scripts"),
        pytest.param("a " * 64, id="short"),
    ],
)
def test_largest_questions_are_answered(articles: Settings, words: str) -> None:
    result = run_command(articles, search, "--json", "--", words)

    assert result.exit_code == 0, result.output
    assert not json.loads(result.stdout)["is_partial"]


@pytest.mark.parametrize(
    "words", ["(" * 490, "a|" * 240, '"', "-", "+|-*~()\\", "\x00", "🙂", "*", "*a", "NOT a", "a*"]
)
def test_what_is_no_question_is_refused_at_the_place(articles: Settings, words: str) -> None:
    result = run_command(articles, search, "--json", "--", words)

    assert result.exit_code == 2, result.output
    assert "^" in result.stderr


def test_newest_article_comes_first_among_equals_and_when_asked_for(
    pipeline_settings: Settings,
) -> None:
    today = datetime.now(UTC)
    old = document("old.txt", first_seen_at=today - timedelta(days=60))
    new = document("new.txt", first_seen_at=today, title="Lisbon")
    better = document(
        "best.txt", first_seen_at=today - timedelta(days=90), title="Pier", body="Pier. " * 3
    )
    # Where every article has a word, it says nothing.
    others = [
        document(f"{number}.txt", title="Budget", summary="Budget.", body="The budget passed.")
        for number in range(8)
    ]
    index_documents(pipeline_settings, [old, new, better, *others])
    best, *_ = _ids(run_command(pipeline_settings, search, "--json", "pier"))
    twins = _ids(run_command(pipeline_settings, search, "--json", "dock workers"))
    newest = _ids(run_command(pipeline_settings, search, "--json", "pier", "--sort", "newest"))

    assert best == better.article_id
    assert twins == [new.article_id, old.article_id]
    assert newest == [new.article_id, old.article_id, better.article_id]


def test_name_in_the_title_and_in_one_name_comes_before_its_words_apart(
    pipeline_settings: Settings,
) -> None:
    about = document("about.txt", title="Anna Miller resigns")
    other = document(
        "other.txt", title="Anna Smith resigns, Paul Miller stays",
        entities=EntityFields(person=("Anna Smith", "Paul Miller")),
        entity_names=("Anna Smith", "Paul Miller"),
    )  # fmt: skip
    index_documents(pipeline_settings, [other, about])

    found = _ids(run_command(pipeline_settings, search, "--json", "Miller Anna"))

    assert found == [about.article_id, other.article_id]


def test_find_articles_marks_the_words(articles: Settings) -> None:
    from dateline.endpoints import search_client

    with search_client(articles) as client:
        answer = find_articles(
            client, articles_index(articles), ArticleSearch(words="dock", licenses=("granted",))
        )

    assert answer.hits[0].fragments[0].count("\ue000dock\ue001") == 1
    assert answer.total_count == 2


def test_show_by_id_prefix_and_address(articles: Settings) -> None:
    for given in (FULL.article_id, FULL.article_id[:6], FULL.url or ""):
        shown = run_command(articles, show, given).stdout
        assert "[Marta Oliveira](person), chair of the [Harbour Trust](organization)" in shown
    withheld = run_command(articles, show, SNIPPET.article_id).stdout
    assert "58 of 177 characters shown" in withheld
    assert "was withdrawn by its source" in run_command(articles, show, KILLED.article_id).stdout
    assert (
        json.loads(run_command(articles, show, FULL.article_id, "--json").stdout)["revision"] == 1
    )
    assert run_command(articles, show, "0" * 64).exit_code == 1


def test_index_apply_is_idempotent(pipeline_settings: Settings) -> None:
    first = json.loads(run_command(pipeline_settings, index, "apply", "--json").stdout)
    index_documents(pipeline_settings, [FULL])
    second = json.loads(run_command(pipeline_settings, index, "apply", "--json").stdout)

    assert (first["change"], first["indices"]) == ("unchanged", [])
    assert second["change"] == "unchanged"
    assert len(second["indices"]) == 1
    assert second["analyzer"] in ("english", "standard")


class Kafka:
    """Writes records and acknowledgements as the stages do."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self.topics = {role: topic.name for role, topic in load_topics(settings).items()}
        servers = kafka_bootstrap(settings)
        self._producer = KafkaProducer(bootstrap_servers=servers, acks="all")
        self._admin = KafkaAdminClient(bootstrap_servers=servers)

    def send(self, role: str, key: str, value: bytes, **fields: object) -> tuple[int, int]:
        sent = self._producer.send(self.topics[role], key=key.encode(), value=value, **fields)
        written = sent.get(timeout=30)
        return written.partition, written.offset

    def acknowledge(self, stage: str, role: str, partition: int, offset: int) -> None:
        place = TopicPartition(self.topics[role], partition)
        group = self._settings.scoped(f"dateline-{stage}")
        self._admin.alter_group_offsets(group, {place: OffsetAndMetadata(offset, "", -1)})

    def bury(self, partition: int, offset: int, *, key: str, payload: bytes) -> None:
        letter = DeadLetter(
            payload=payload, code="E201", stage="enrich", topic=self.topics["raw"],
            partition=partition, offset=offset, attempts=1, first_failed_at=AT, error="not JSON",
            key=key.encode(), headers=(("trace", b"\x00"),),
        )  # fmt: skip
        self.send(
            "dead_letter",
            dead_letter_key(letter.topic, partition, offset).decode(),
            payload,
            headers=to_headers(letter),
        )

    def close(self) -> None:
        self._producer.close()
        self._admin.close()


@pytest.fixture
def kafka(pipeline_settings: Settings) -> Iterator[Kafka]:
    opened = Kafka(pipeline_settings)
    yield opened
    opened.close()


def _trace(settings: Settings, *arguments: str) -> tuple[int, dict[str, str], str]:
    result = run_command(settings, trace, "--json", *arguments)
    answer = json.loads(result.stdout)
    namespace = settings.project.namespace
    states = {step["name"].removeprefix(f"{namespace}-"): step for step in answer["steps"]}
    return (
        result.exit_code,
        {name: step["state"] for name, step in states.items()},
        answer["verdict"],
    )


def test_trace_follows_an_article_through_the_stages(
    pipeline_settings: Settings, kafka: Kafka
) -> None:
    article = raw_article("A", key="https://coast.example/a", url="https://coast.example/a")
    key = article.article_id
    code, _, verdict = _trace(pipeline_settings, key)
    assert (code, verdict) == (1, "not found")

    partition, offset = kafka.send("raw", key, to_wire(article))
    assert partition == partition_of(key.encode(), 6)
    _, states, verdict = _trace(pipeline_settings, key)
    assert states["enrich"] == "waiting"
    assert verdict.startswith("waiting for enrich: lag 0")

    kafka.acknowledge("enrich", "raw", partition, offset + 1)
    enriched = enriched_article("A", key=article.key)
    _, enriched_offset = kafka.send("enriched", key, to_wire(enriched))
    kafka.acknowledge("stories", "enriched", 0, enriched_offset + 1)
    grouped = GroupedArticle(
        article_id=key, source_id=article.source_id, revision=1, change="new", first_seen_at=AT,
        observed_at=AT, origin="live", pub_status="usable", story_id="s", versions=(),
        enriched=enriched,
    )  # fmt: skip
    kafka.send("grouped", key, to_wire(grouped))
    _, states, verdict = _trace(pipeline_settings, key)
    assert (states["news.enriched.v1"], states["stories"], states["index"]) == (
        "done", "done", "waiting",
    )  # fmt: skip

    kafka.acknowledge("index", "grouped", partition, 1)
    index_documents(
        pipeline_settings,
        [document(article.key, source_id=article.source_id, url=article.url)],
    )
    for given in (key, key[:8], "http://coast.example/a?utm_source=x"):
        code, states, verdict = _trace(pipeline_settings, given)
        assert code == 0
        assert verdict.startswith("indexed (searchable, revision 1")
    place = f"{kafka.topics['raw']}/{partition}/{offset}"
    assert _trace(pipeline_settings, place)[2].startswith("indexed")


def test_trace_by_source_and_key_needs_no_index(pipeline_settings: Settings, kafka: Kafka) -> None:
    article = raw_article("A", key="notes/a.txt")
    kafka.send("raw_backfill", article.article_id, to_wire(article))

    _, states, _ = _trace(pipeline_settings, "notes/a.txt", "--source", article.source_id)

    assert states["news.raw_backfill.v1"] == "done"
    assert states["enrich-backfill"] == "waiting"


def test_trace_of_an_unknown_address_says_where_it_looked(pipeline_settings: Settings) -> None:
    result = run_command(pipeline_settings, trace, "https://coast.example/none")

    assert result.exit_code == 1
    assert "Looked in: the producer's state" in result.stderr
    assert "With --source ID" in result.stderr


def test_dead_letters_go_back_and_are_marked(pipeline_settings: Settings, kafka: Kafka) -> None:
    article = raw_article("A")
    key, payload = article.article_id, b"\x00\x01 broken \x1b[2J"
    partition, offset = kafka.send("raw", key, payload)
    for _ in range(2):
        kafka.bury(partition, offset, key=key, payload=payload)
    place = f"{kafka.topics['raw']}/{partition}/{offset}"

    listed = json.loads(run_command(pipeline_settings, dead_letters, "list", "--json").stdout)
    assert [(one["key"], one["times"], one["requeued_at"]) for one in listed] == [(place, 2, None)]
    shown = run_command(pipeline_settings, dead_letters, "show", place)
    assert "00000000  00 01 20 62" in shown.stdout
    assert "\x1b" not in shown.stdout
    raw = run_command(pipeline_settings, dead_letters, "show", "0", "--raw")
    assert raw.stdout_bytes == payload
    for given in (key, place):
        verdict = _trace(pipeline_settings, given)[2]
        assert verdict.startswith("dead letter of enrich: E201 not JSON")

    sent = run_command(pipeline_settings, dead_letters, "requeue", "--all")
    assert sent.stdout.endswith("1 record sent back.\n")
    with open_reader(pipeline_settings) as reader:
        again = reader.read(kafka.topics["raw"], partition, offset + 1)
    assert again is not None
    assert (again.key, again.value, again.headers) == (
        key.encode(), payload, (("trace", b"\x00"),),
    )  # fmt: skip
    listed = json.loads(run_command(pipeline_settings, dead_letters, "list", "--json").stdout)
    assert [one["key"] for one in listed] == [place]
    assert listed[0]["requeued_at"]
    assert run_command(pipeline_settings, dead_letters, "requeue", place).exit_code == 1
    assert run_command(pipeline_settings, dead_letters, "requeue", "--all").stdout == (
        "Nothing to send back.\n"
    )
    assert _trace(pipeline_settings, key)[2].startswith("waiting for enrich")


def test_a_sixteen_megabyte_letter_goes_back(pipeline_settings: Settings, kafka: Kafka) -> None:
    payload = bytes(range(256)) * 62_500
    with open_sender(pipeline_settings) as send:
        send(
            kafka.topics["dead_letter"],
            key=dead_letter_key(kafka.topics["grouped"], 2, 5),
            value=payload,
            headers=to_headers(
                DeadLetter(
                    payload=b"", code="E204", stage="index", topic=kafka.topics["grouped"],
                    partition=2, offset=5, attempts=1, first_failed_at=AT, error="refused",
                    key=b"k",
                )
            ),
        )  # fmt: skip

    result = run_command(pipeline_settings, dead_letters, "requeue", "0")

    assert result.exit_code == 0, result.output
    with open_reader(pipeline_settings) as reader:
        again = reader.read(kafka.topics["grouped"], 2, 0)
    assert again is not None
    assert again.value == payload
