"""Children that die, hang or raise cost their own article and nothing else."""

from __future__ import annotations

import asyncio
import itertools
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import psutil
import pytest

from dateline import ids
from dateline.errors import ArticleCrashed, ArticleInvalid, PayloadUndecodable
from dateline.records import EnrichedArticle, RawArticle
from dateline.settings import PROJECT_DIR, EnrichSettings
from dateline.wire import MAX_RECORD_BYTES, from_wire, to_wire
from processors.enrich.document_entities.find_entities import MAX_ENTITIES
from processors.enrich.entry import ChildOptions, Enriched
from processors.enrich.find_names import MAX_MENTIONS
from processors.enrich.pool import ChunkResult, EnrichPool

OPTIONS = ChildOptions(
    models=EnrichSettings().models,
    config_dir=PROJECT_DIR / "config",
    max_text_chars=EnrichSettings().max_text_chars,
)
LIMIT_SECONDS = 2.0
# The machine may be busy: this bounds what must not hang, it is no measurement.
PATIENCE_SECONDS = 120.0


def do_nothing(options: ChildOptions) -> None:
    """Stand in for loading models."""


def fail_to_load(options: ChildOptions) -> None:
    """Stand in for a model that cannot be loaded."""
    raise OSError("no such model")


def misbehave(payloads: Sequence[bytes]) -> list[ChunkResult]:
    """Do what the payload says, inside the child."""
    for payload in payloads:
        if payload == b"kill":
            os.kill(os.getpid(), signal.SIGKILL)
        elif payload == b"crash":
            os.abort()
        elif payload == b"hang":
            time.sleep(3600)
        elif payload == b"exit":
            os._exit(3)
        elif payload == b"raise":
            raise ZeroDivisionError("unforeseen")
    return [Enriched(key=payload, payload=payload) for payload in payloads]


def _pool(*, processes: int = 2, chunk_articles: int = 4, **given: object) -> EnrichPool:
    arguments: dict[str, object] = {"task": misbehave, "initializer": do_nothing} | given
    return EnrichPool(
        options=OPTIONS,
        processes=processes,
        chunk_articles=chunk_articles,
        chunk_timeout_seconds=LIMIT_SECONDS,
        max_tasks_per_process=0,
        **arguments,  # type: ignore[arg-type]
    )


@pytest.fixture
def pool() -> Iterator[EnrichPool]:
    pool = _pool()
    yield pool
    pool.close()
    _wait_for_no_children()


def _wait_for_no_children() -> None:
    deadline = time.monotonic() + 20
    while _pool_children():
        assert time.monotonic() < deadline, _pool_children()
        time.sleep(0.05)


def _pool_children() -> list[psutil.Process]:
    """Return living children made by multiprocessing, without its resource tracker."""
    found = []
    for child in psutil.Process().children(recursive=True):
        try:
            is_pool = any("spawn_main" in word for word in child.cmdline())
            if is_pool and child.status() != psutil.STATUS_ZOMBIE:
                found.append(child)
        except psutil.Error:
            continue
    return found


def _enrich(pool: EnrichPool, payloads: Sequence[bytes]) -> list[ChunkResult]:
    return asyncio.run(asyncio.wait_for(pool.enrich(payloads), PATIENCE_SECONDS))


def _keys(results: Sequence[ChunkResult]) -> list[bytes | str]:
    return [r.key if isinstance(r, Enriched) else r.code for r in results]


@pytest.mark.parametrize(
    ("word", "reason"),
    [
        (b"kill", "killed its worker process (exit code -9)"),
        (b"crash", "killed its worker process (exit code -6)"),
        (b"exit", "killed its worker process (exit code 3)"),
        (b"hang", "ran past its limit of 2 s"),
    ],
)
def test_enrich_blames_one_article(pool: EnrichPool, word: bytes, reason: str) -> None:
    good = [f"good-{number}".encode() for number in range(9)]
    payloads = [*good[:5], word, *good[5:]]
    results = _enrich(pool, payloads)
    assert _keys(results) == [*good[:5], "E205", *good[5:]]
    blamed = results[5]
    assert isinstance(blamed, ArticleCrashed)
    assert blamed.message == f"the article {reason}, 2 times alone"
    assert _keys(_enrich(pool, good)) == good


def test_enrich_two_bad_articles_in_one_chunk(pool: EnrichPool) -> None:
    results = _enrich(pool, [b"a", b"kill", b"hang", b"b"])
    assert _keys(results) == [b"a", "E205", "E205", b"b"]


def test_enrich_raises_what_is_our_bug(pool: EnrichPool) -> None:
    with pytest.raises(ZeroDivisionError, match="unforeseen"):
        _enrich(pool, [b"a", b"raise", b"b"])
    assert _keys(_enrich(pool, [b"a", b"b"])) == [b"a", b"b"]


def test_enrich_tells_progress_while_it_looks_for_the_one() -> None:
    moments: list[float] = []
    pool = _pool(
        processes=1, chunk_articles=8, on_progress=lambda: moments.append(time.monotonic())
    )
    started = time.monotonic()
    try:
        _enrich(pool, [*(f"{number}".encode() for number in range(7)), b"hang"])
    finally:
        pool.close()
    steps = [started, *moments]
    assert len(moments) >= 5
    # Between two signs of life lies one limit, not all of them (and the start of a child).
    assert max(b - a for a, b in itertools.pairwise(steps)) < 4 * LIMIT_SECONDS + 10


def test_enrich_without_payloads(pool: EnrichPool) -> None:
    assert _enrich(pool, []) == []


def test_close_ends_a_hanging_child() -> None:
    pool = _pool()

    async def start_and_close() -> None:
        task = asyncio.ensure_future(pool.enrich([b"hang"] * 8))
        while not _pool_children():
            await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        pool.close()

    asyncio.run(asyncio.wait_for(start_and_close(), PATIENCE_SECONDS))
    _wait_for_no_children()


def test_close_twice_and_before_the_first_chunk() -> None:
    pool = _pool()
    pool.close()
    pool.close()
    assert _keys(_enrich(pool, [b"a"])) == [b"a"]
    pool.close()
    _wait_for_no_children()


def test_enrich_with_a_model_that_cannot_be_loaded_does_not_hang() -> None:
    pool = _pool(initializer=fail_to_load)
    try:
        with pytest.raises(Exception):  # noqa: B017, PT011 (any, but at once)
            _enrich(pool, [b"a"])
    finally:
        pool.close()
    _wait_for_no_children()


PARENT = """
import asyncio, sys
sys.path.insert(0, {here!r})
from test_enrich_pool import OPTIONS, article
from processors.enrich.pool import EnrichPool

async def main():
    pool = EnrichPool(options=OPTIONS, processes=2, chunk_articles=1,
                      chunk_timeout_seconds=60, max_tasks_per_process=0)
    await pool.enrich([article("A text."), article("Another text.")])
    print("ready", flush=True)
    await asyncio.sleep(3600)

if __name__ == "__main__":
    asyncio.run(main())
"""


def test_no_child_outlives_a_killed_parent(tmp_path: Path) -> None:
    script = tmp_path / "parent.py"
    script.write_text(PARENT.format(here=str(Path(__file__).parent)), encoding="utf-8")
    parent = subprocess.Popen([sys.executable, str(script)], stdout=subprocess.PIPE)
    assert parent.stdout is not None
    try:
        assert parent.stdout.readline() == b"ready\n"
        children = psutil.Process(parent.pid).children(recursive=True)
        assert len(children) >= 2
    finally:
        parent.kill()
        parent.wait()
        parent.stdout.close()
    _, alive = psutil.wait_procs(children, timeout=20)
    assert not [child for child in alive if child.status() != psutil.STATUS_ZOMBIE]


def article(body: str) -> bytes:
    """Return a raw article on the wire."""
    moment = datetime(2026, 11, 20, tzinfo=UTC)
    return to_wire(
        RawArticle(
            article_id=ids.article_id("pool", body[:50]),
            source_id="pool",
            key=body[:50],
            content_sha256=ids.content_sha256(title=None, summary=None, body=body),
            body=body,
            media_type="text/plain",
            origin="live",
            observed_at=moment,
            updated_at=moment,
        )
    )


@pytest.fixture(scope="module")
def real_pool() -> Iterator[EnrichPool]:
    pool = EnrichPool(
        options=OPTIONS,
        processes=1,
        chunk_articles=4,
        chunk_timeout_seconds=EnrichSettings().chunk_timeout_seconds,
        max_tasks_per_process=0,
    )
    yield pool
    pool.close()


NAMES = [f"Ada{chr(97 + n % 26)} Lovel{chr(97 + n // 26 % 26)}ce{n}" for n in range(5000)]
# The language is told by the opening of a text.
OPENING = "The minister said on Monday that the talks with the chancellor had been good. " * 20
LONGEST = EnrichSettings().max_text_chars


def _people(count: int) -> list[str]:
    return [f"Ada{_letters(n)} Brook{_letters(7 * n)}" for n in range(count)]


def _letters(number: int) -> str:
    return "".join("abcdefghij"[int(digit)] for digit in str(number))


def _longest(words: str) -> str:
    """Return an English text of the most characters that are read, full of ``words``."""
    return (OPENING + words * (LONGEST // len(words)))[: LONGEST - 1]


@pytest.mark.parametrize(
    ("body", "has_mentions"),
    [
        ("The minister met John Smith in Paris. " * 26_500, False),
        ("a" * 1_000_000, False),
        ("a" * 390_000, None),
        ("\U0001f600\U0001f1eb\U0001f1f7" * 60_000, None),
        ("\u202eقال الوزير في باريس" * 5_000, None),
        ("The minister John\0 Smith met\0 the chancellor of the country in Berlin.", True),
        (", ".join(NAMES) + " met in Berlin.", None),
        ("\u200b" * 300_000 + "John Smith met Angela Merkel in Berlin.", None),
        ("(" * 100_000, None),
        ("Berlin\n" * 50_000, None),
        (OPENING + ", ".join(NAMES) + " met in Berlin.", True),
        (OPENING + ". ".join(f"{name} came" for name in _people(14_000)), True),
        (_longest("Qatar, Iran, Oman, Doha, "), True),
        (_longest("Qatar/"), True),
        (_longest("the Qatari foreign ministry "), True),
        (_longest('and John Smith said "no, '), True),
        (_longest('"Yes," said Ada Brook. '), True),
        (_longest("Ada Brook, known as Jane Roe, met Jane Roe, known as Ada Brook. "), True),
        (_longest("Foreign Minister of Qatar and Chairman of Orchard Ada Brook said. "), True),
        ("قال الوزير \u202e إن قطر \" " * 16_000, True),
    ],
    ids=[
        "1,000,000 characters", "no spaces, over the limit", "no spaces", "emoji",
        "right to left", "NUL", "5,000 names", "invisible", "brackets", "lines",
        "5,000 English names", "400,000 characters of names", "countries", "countries, no spaces",
        "bodies", "quotes without end", "quotations", "alias loop", "roles",
        "right to left with names",
    ],
)  # fmt: skip
def test_enrich_odd_texts_in_bounded_time(
    real_pool: EnrichPool, body: str, has_mentions: bool | None
) -> None:
    (result,) = _enrich(real_pool, [article(body)])
    assert isinstance(result, Enriched), result
    enriched = from_wire(result.payload, EnrichedArticle)
    if has_mentions is not None:
        assert bool(enriched.mentions) is has_mentions
    if not enriched.mentions and has_mentions is False:
        assert enriched.mentions_absent_reason
    # A story record and a revision travel beside it: half of what a record may have.
    assert len(result.payload) < MAX_RECORD_BYTES / 2
    assert len(enriched.mentions) <= MAX_MENTIONS
    assert len(enriched.entities) <= MAX_ENTITIES
    assert len(enriched.quotations) <= 1_000
    assert len(enriched.key_phrases) <= 12
    if len(enriched.mentions) == MAX_MENTIONS or len(enriched.entities) == MAX_ENTITIES:
        assert "only the first" in (enriched.mentions_absent_reason or "")
    _check_places(enriched)


def _check_places(enriched: EnrichedArticle) -> None:
    """Fail where an offset lies outside the text or a number names no mention or entity."""
    places = [*enriched.mentions, *enriched.quotations, *enriched.key_phrases]
    assert all(0 <= each.start < each.end <= len(enriched.text) for each in places)
    assert all(m.text == enriched.text[m.start : m.end] for m in enriched.mentions)
    named = [index for each in enriched.entities for index in each.mention_indices]
    assert len(named) == len(set(named))
    assert all(index < len(enriched.mentions) for index in named)
    numbers = [each.entity for each in (*enriched.quotations, *enriched.key_phrases)]
    assert all(number is None or number < len(enriched.entities) for number in numbers)


def test_enrich_refuses_half_a_surrogate_pair_and_goes_on(real_pool: EnrichPool) -> None:
    whole = article("John Smith met Angela Merkel in Berlin.")
    broken = whole.replace(b"John Smith", b"John \\ud800Smith")

    refused, passed = _enrich(real_pool, [broken, whole])

    assert isinstance(refused, PayloadUndecodable)
    assert isinstance(passed, Enriched)


@pytest.mark.parametrize("body", ["", " \n\t\u200b\u00a0", "\0\0\0"])
def test_enrich_refuses_empty_texts(real_pool: EnrichPool, body: str) -> None:
    (result,) = _enrich(real_pool, [article(body)])
    assert isinstance(result, ArticleInvalid)
