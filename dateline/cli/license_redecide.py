"""``dateline license re-decide``: bring decisions of an earlier policy up to date."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

import click
from elasticsearch import Elasticsearch

from dateline.cli.ask_stories import ask_stories
from dateline.cli.context import CliContext, current
from dateline.cli.export import progress
from dateline.cli.license_explain import POLICIES_PATH, rights_of
from dateline.cli.terminal import json_text, one_line, print_table, print_text, short_id
from dateline.cli.wait_for_stages import wait_for_stories_and_index
from dateline.clock import SystemClock
from dateline.endpoints import search_client
from dateline.export.read_index import all_states_query, count_documents, scan_documents
from dateline.records import Redecide, SearchDocument
from dateline.rights.decide import decide_all
from dateline.rights.policy import Policy, load_policy
from dateline.rights.record import Decision
from dateline.rights.transitions import TransitionCounts
from dateline.search.article_queries import ArticleSearch, QueryInvalid
from dateline.search.templates import ArticlesIndex, articles_index

NOT_DECIDED_EXIT_CODE = 1
SHOWN_ARTICLES = 20


@click.command("re-decide")
@click.option("--dry-run", is_flag=True, help="Show what would change; send nothing.")
@click.option("--source", "sources", multiple=True, metavar="ID", help="Of this publisher only.")
@click.option("--query", "words", default="", metavar="WORDS", help="As for `dateline search`.")
@click.option("--no-wait", is_flag=True, help="Return when the requests are in Kafka.")
@click.option(
    "--patience", "patience_seconds", default=60.0, type=click.FloatRange(1), show_default=True,
    metavar="SECONDS", help="How long the stages may make no progress before waiting ends.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def redecide(
    *,
    dry_run: bool,
    sources: tuple[str, ...],
    words: str,
    no_wait: bool,
    patience_seconds: float,
    as_json: bool,
) -> None:
    """Decide again about the articles that another policy than config/policies.toml decided about.

    First shows what changes: per purpose and column, from what to what, how often. Then asks the
    stories stage, article by article, and waits until all are indexed. The stages have to run, and
    with the new policy: restart them after a change of the file. Withdrawn articles stay as they
    are. Articles whose text is no longer in Kafka keep their decisions and are listed.

    Exit code: 0 all are up to date, 1 some are not.

    \b
    Examples:
      dateline license re-decide --dry-run
      dateline license re-decide
      dateline license re-decide --source coast.example --json
    """
    context = current()
    policy = load_policy(POLICIES_PATH)
    index = articles_index(context.settings)
    query = outdated_query(words, sources, policy.stamp)
    now = SystemClock().now()
    with search_client(context.settings) as client:
        counts, ids = _predicted(context, client, index, query, policy, now)
        answer: dict[str, Any] = {"policy_id": policy.stamp, **report_value(counts)}
        if not as_json:
            print_report(context, counts, policy.stamp)
        if not dry_run and ids:
            sent = ask_stories(
                context,
                (
                    Redecide(article_id=each, requested_at=now, policy_id=policy.stamp)
                    for each in ids
                ),
                total=len(ids),
            )
            answer["requested"] = len(ids)
            if not no_wait:
                wait_for_stories_and_index(context, sent, patience_seconds=patience_seconds)
                client.indices.refresh(index=index.read_alias)
                left = _left(client, index, query)
                answer |= {"decided": len(ids) - len(left), "not_decided": left}
    if as_json:
        click.echo(json_text(answer))
    elif "requested" in answer:
        _print_outcome(context, answer)
    if answer.get("not_decided"):
        sys.exit(NOT_DECIDED_EXIT_CODE)


def outdated_query(words: str, sources: tuple[str, ...], stamp: str) -> dict[str, Any]:
    """Return the query for living articles that were decided about by another policy.

    Raises:
        click.UsageError: the words are too long.
    """
    try:
        query = all_states_query(ArticleSearch(words=words, sources=sources))
    except QueryInvalid as error:
        raise click.UsageError(f"{error}.") from error
    query["bool"]["must_not"] = [
        {"term": {"pub_status": "canceled"}},
        {"term": {"decision.public_search.policy_id": stamp}},
    ]
    return query


def _predicted(
    context: CliContext,
    client: Elasticsearch,
    index: ArticlesIndex,
    query: Mapping[str, Any],
    policy: Policy,
    now: datetime,
) -> tuple[TransitionCounts, list[str]]:
    """Return what the policy would change, and the ids of all that it has not decided about."""
    counts = TransitionCounts()
    ids: list[str] = []
    total = count_documents(client, index, query)
    with progress(context, "looking", total) as advance:
        for document in scan_documents(client, index, query):
            ids.append(document.article_id)
            counts.add(document.article_id, document.decisions, predicted(document, policy, now))
            advance(1)
    return counts, ids


def predicted(document: SearchDocument, policy: Policy, now: datetime) -> tuple[Decision, ...]:
    """Return what the policy decides about the rights that the index holds."""
    rights = rights_of(document.rights) if document.rights is not None else None
    if rights is not None and document.rights and document.rights.preferences.has_nosnippet:
        # Which passages is not in the index; that there are some is what counts.
        stated = replace(rights.preferences, nosnippet_texts=("",))
        rights = replace(rights, preferences=stated)
    return decide_all(rights, policy=policy, at=now, pub_status=document.pub_status)


def _left(
    client: Elasticsearch, index: ArticlesIndex, query: Mapping[str, Any]
) -> list[dict[str, Any]]:
    return [
        {
            "article_id": document.article_id,
            "source_id": document.source_id,
            "title": document.title,
            "policy_id": next((each.policy_id for each in document.decisions), None),
        }
        for document in scan_documents(client, index, query)
    ]


def report_value(counts: TransitionCounts) -> dict[str, Any]:
    """Return the report as plain values, the most frequent transition first."""
    return {
        "articles": counts.article_count,
        "changed": counts.changed_count,
        "transitions": [
            {
                "purpose": each.purpose,
                "column": each.column,
                "from": each.before,
                "to": each.after,
                "count": count,
                "examples": counts.examples[each],
            }
            for each, count in counts.counts.most_common()
        ],
    }


def print_report(context: CliContext, counts: TransitionCounts, stamp: str) -> None:
    """Print how many articles another policy decided about, and what changes for them."""
    console = context.console
    if not counts.article_count:
        print_text(console, one_line(f"All decisions are by {stamp}."), "green")
        return
    noun = "article is" if counts.article_count == 1 else "articles are"
    line = f"{counts.article_count:,} {noun} decided by another policy than {stamp};"
    print_text(console, one_line(f"{line} for {counts.changed_count:,} something changes."), "bold")
    rows = list(_rows(counts))
    if rows:
        print_table(console, ("purpose", "what", "from", "to", "articles", "such as"), rows)


def _rows(counts: TransitionCounts) -> Iterator[tuple[str, ...]]:
    for each, count in counts.counts.most_common():
        examples = ", ".join(map(short_id, counts.examples[each]))
        yield each.purpose, each.column, each.before, each.after, f"{count:,}", examples


def _print_outcome(context: CliContext, answer: Mapping[str, Any]) -> None:
    console = context.console
    if "decided" not in answer:
        print_text(console, f"{answer['requested']:,} requests are in Kafka.")
        return
    left = answer["not_decided"]
    style = "yellow" if left else "green"
    print_text(console, f"{answer['decided']:,} of {answer['requested']:,} decided again.", style)
    if not left:
        return
    print_text(
        console,
        f"{len(left):,} kept their decisions: their text is no longer in Kafka, or the stories"
        " stage runs with another policy (restart it).",
        "yellow",
    )
    rows = [
        (short_id(row["article_id"]), row["source_id"], row["policy_id"] or "", row["title"] or "")
        for row in left[:SHOWN_ARTICLES]
    ]
    print_table(console, ("article", "source", "decided by", "title"), rows)
    if len(left) > SHOWN_ARTICLES:
        print_text(console, f"... and {len(left) - SHOWN_ARTICLES:,} more (--json lists all).")
