"""Score the order of search results: `python -m tests.quality.search --help`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from dateline.search.article_queries import ArticleSearch, search_request

from .data import DATA_VARIABLE, Article, data_folder, load_articles
from .judge import KINDS, Judged, first_half, judged_queries
from .measures import DEPTH, SAMPLES, SEED, Scored, interval, mean, scored
from .stories_index import StoriesIndex, indexed

REPORT = Path(__file__).resolve().parents[3] / "docs" / "quality-search.md"
QUERIES_A_REQUEST = 100
Ask = Callable[[str], dict[str, Any]]


def main() -> int:
    """Print the report; return 1 where plain matching is as good, 0 also without data."""
    parser = argparse.ArgumentParser(prog="python -m tests.quality.search", description=__doc__)
    parser.add_argument("--write", action="store_true", help=f"write {REPORT.name}")
    arguments = parser.parse_args()
    folder = data_folder()
    if folder is None:
        sys.stdout.write(f"skipped: {DATA_VARIABLE} names no folder with stories/\n")
        return 0
    articles = load_articles(folder)
    with indexed(articles) as index:
        rows = {name: _ask_all(index, judged_queries(articles), ask) for name, ask in ASKED.items()}
    is_better, text = document(articles, rows)
    sys.stdout.write(text)
    if arguments.write:
        REPORT.write_text(text, encoding="utf-8")
    return 0 if is_better else 1


def _plain(words: str) -> dict[str, Any]:
    return {"query": {"match": {"body": words}}}


def _ours(words: str) -> dict[str, Any]:
    body = search_request(ArticleSearch(words=words, is_most_enough=True))
    return {key: value for key, value in body.items() if key not in ("highlight", "aggs")}


ASKED: Mapping[str, Ask] = {"`match` on body": _plain, "**Dateline**": _ours}


def _ask_all(index: StoriesIndex, queries: Sequence[Judged], ask: Ask) -> list[Scored]:
    rows: list[Scored] = []
    for first in range(0, len(queries), QUERIES_A_REQUEST):
        some = queries[first : first + QUERIES_A_REQUEST]
        searches: list[Mapping[str, Any]] = []
        for query in some:
            body = ask(query.text) | {"size": DEPTH + 1, "_source": False}
            searches += [{"index": index.index.read_alias}, body]
        answers = index.client.msearch(searches=searches, max_concurrent_searches=2)["responses"]
        for query, answer in zip(some, answers, strict=True):
            found = [index.article_ids[hit["_id"]] for hit in answer["hits"]["hits"]]
            rows.append(scored(query, found))
    return rows


def document(articles: Sequence[Article], rows: Mapping[str, Sequence[Scored]]) -> tuple[bool, str]:
    """Return whether search is better than the floor on both halves, and the report."""
    plain, ours = rows.values()
    tuned = first_half([row.judged for row in ours])
    is_better = all(
        interval(_of(ours, tuned, is_first))[0] > mean(_of(plain, tuned, is_first))
        for is_first in (True, False)
    )
    lines = [
        f"| {name} | {half} | {_cell(_of(found, tuned, is_first))} "
        + "".join(f"| {_mean(_of(found, tuned, is_first), kind)} " for kind in KINDS)
        + "|"
        for half, is_first in (("chosen on", True), ("not looked at", False))
        for name, found in rows.items()
    ]
    text = _REPORT.format(
        count=len(articles), queries=len(ours), depth=DEPTH, samples=SAMPLES, seed=SEED,
        kinds=" | ".join(KINDS), dashes="---|" * len(KINDS), lines="\n".join(lines),
        says="above" if is_better else "NOT above",
    )  # fmt: skip
    return is_better, text


def _of(rows: Sequence[Scored], tuned: frozenset[str], is_first: bool) -> list[Scored]:
    return [row for row in rows if (row.judged.topic in tuned) == is_first]


def _cell(rows: Sequence[Scored]) -> str:
    low, high = interval(rows)
    return f"{mean(rows):.3f} ({low:.3f} to {high:.3f}; n = {len(rows)})"


def _mean(rows: Sequence[Scored], kind: str) -> str:
    return f"{mean([row for row in rows if row.judged.kind == kind]):.3f}"


# One line is one row of a table.
# ruff: noqa: E501
_REPORT = """# How well search orders articles

Written by `make quality`; do not edit. {queries} questions about the stories of {count} development
articles, made and judged by code from labels (`tests/quality/search/judge.py`): an article of the
story is an answer, one that says what was asked for a better one; the look-alike story of the same
topic is none. Indexed by the real stages' code in a real Elasticsearch. nDCG@{depth}; intervals: 95 %,
bootstrap over topics, {samples:,} samples, seed {seed}. The weights were chosen on one half of the
topics.

| asked by | half | nDCG@{depth} | {kinds} |
|---|---|---|{dashes}
{lines}

Floor: plain `match` on the body. The interval of Dateline's mean is {says} it on both halves.

`name`: a name as articles write it; `variant`: surname first, or another form; `typo`: one error;
`phrase`: quoted words that the story alone has; `words`: three telling words; `title`: the first line
of an article that is left out of the answers.
"""


if __name__ == "__main__":
    raise SystemExit(main())
