"""``dateline search WORDS``: find articles and show what may be done with them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import Any

import click
import msgspec
from elasticsearch import Elasticsearch
from rich.console import Console
from rich.text import Text

from dateline.cli.context import current
from dateline.cli.terminal import (
    highlighted,
    json_text,
    one_line,
    print_text,
    short_id,
    without_marks,
)
from dateline.clock import SystemClock
from dateline.endpoints import search_client
from dateline.errors import ConfigError
from dateline.errors import QueryInvalid as WordsInvalid
from dateline.moments import parse_moment
from dateline.records import EntityFields, RightsFields, SearchDocument
from dateline.search.article_queries import MAX_SIZE, NOT_IN_HITS, ArticleSearch, QueryInvalid
from dateline.search.find_articles import (
    ArticleHit,
    SearchAnswer,
    StorySize,
    count_stories,
    find_articles,
)
from dateline.search.find_entities import find_entities, one_of
from dateline.search.find_stories import find_story_ids
from dateline.search.templates import ArticlesIndex, articles_index

MATCH_STYLE = "bold yellow"
INDENT = "   "
# A line of names, not the whole list: `dateline show` has all of them.
MAX_NAMES_OF_A_TYPE = 4
# A null would look as if the article had none.
NOT_FETCHED = frozenset({*NOT_IN_HITS, "body_internal", "versions"})
NO_SIZES: Mapping[str, StorySize] = {}
NOTHING_INDEXED = (
    "Nothing is indexed yet: no article has reached the index.\n"
    "Start the stages with `dateline run`, and send articles with `dateline ingest seeds/`."
)


@click.command()
@click.argument("words", nargs=-1)
@click.option("--person", "persons", multiple=True, metavar="NAME", help="Names this person.")
@click.option("--org", "organizations", multiple=True, metavar="NAME", help="Names this body.")
@click.option("--place", "places", multiple=True, metavar="NAME", help="Names, or is from, it.")
@click.option(
    "--license", "licenses", multiple=True, metavar="SPDX",
    help="SPDX expression, or granted, public_domain, reserved, unknown, conflict.",
)  # fmt: skip
@click.option("--source", "sources", multiple=True, metavar="ID", help="From this publisher.")
@click.option("--lang", "languages", multiple=True, metavar="CODE", help="ISO 639-1 language.")
@click.option(
    "--entity", "entities", multiple=True, metavar="NAME_OR_ID",
    help="Names this person, body or place, in whatever spelling.",
)  # fmt: skip
@click.option("--country", "countries", multiple=True, metavar="CODE", help="Tied to it: qa, ir.")
@click.option("--story", metavar="ID", help="Of this story; the first 6 characters suffice.")
@click.option("--collapse", "is_collapsed", is_flag=True, help="One article a story: the first.")
@click.option(
    "--sort", "order", type=click.Choice(("relevance", "newest")), default="relevance",
    show_default=True, help="The best first, or the newest.",
)  # fmt: skip
@click.option("--since", metavar="WHEN", help="First seen since: 30m, 12h, 7d or 2026-11-20 (UTC).")
@click.option("--until", metavar="WHEN", help="First seen until; a date includes its whole day.")
@click.option("--size", default=10, type=click.IntRange(1, MAX_SIZE), show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def search(  # noqa: PLR0913 (one parameter an option)
    *,
    words: tuple[str, ...],
    persons: tuple[str, ...],
    organizations: tuple[str, ...],
    places: tuple[str, ...],
    licenses: tuple[str, ...],
    sources: tuple[str, ...],
    languages: tuple[str, ...],
    entities: tuple[str, ...],
    countries: tuple[str, ...],
    story: str | None,
    is_collapsed: bool,
    order: str,
    since: str | None,
    until: str | None,
    size: int,
    as_json: bool,
) -> None:
    """Find articles by words, names, place, licence, source, story and time.

    Words are understood as in watches: "a phrase" in quotes, AND, OR, NOT, NEAR/5, parentheses,
    sancti* for how a word begins, title:, body:, entity:, type:, country:, SENTENCE(...). One or
    two words must occur, of more at least two fifths, the articles with most of them first; with
    --sort newest all. A name is found in all its spellings, and with an error in a word of five
    letters or more. Options given twice: all persons, bodies, places and entities must be named;
    one of the licences, sources, languages, countries must match. --person looks for words of a
    name, --entity for one entity under all its names; a name that several have is refused with
    their ids.

    \b
    Examples:
      dateline search Khulaifi --license CC-BY-4.0
      dateline search '"chief executive" OR chairman' --org Qatar --since 7d
      dateline search --person 'Nasser Al-Khelaifi' --place Doha --json
      dateline search transfer NOT rumour --sort newest
      dateline search --entity Khulaifi --country qa --collapse
      dateline search --story 3f9ac01b22d4
      dateline search --license granted --lang en --since 2026-11-01 --until 2026-11-20
    """
    context = current()
    now = SystemClock().now()
    index = articles_index(context.settings)
    try:
        question = ArticleSearch(
            words=" ".join(words),
            persons=persons,
            organizations=organizations,
            places=places,
            licenses=licenses,
            sources=sources,
            languages=languages,
            countries=countries,
            since=parse_moment(since, now) if since else None,
            until=parse_moment(until, now, is_end=True) if until else None,
            size=size,
            is_collapsed=is_collapsed,
            is_newest_first=order == "newest",
            # Sorted by time, those with some of the words would stand before those with all.
            is_most_enough=order == "relevance",
        )
        with search_client(context.settings) as client:
            question = with_ids(client, index, question, entities=entities, story=story)
            answer = find_articles(client, index, question)
            story_ids = {hit.document.story_id for hit in answer.hits}
            sizes = count_stories(client, index, sorted(story_ids))
    except WordsInvalid as error:
        raise click.UsageError(str(error)) from error
    except QueryInvalid as error:
        raise click.UsageError(f"{error}.") from error
    except ValueError as error:  # a time that is none
        raise click.UsageError(f"{error}.") from error
    if as_json:
        click.echo(json_text(answer_as_json(answer, sizes)))
    else:
        print_answer(context.console, answer, sizes)


def with_ids(
    client: Elasticsearch,
    index: ArticlesIndex,
    question: ArticleSearch,
    *,
    entities: Sequence[str],
    story: str | None,
) -> ArticleSearch:
    """Return ``question`` for the entities and the story that the words given stand for.

    Raises:
        ConfigError: there is none, or several; the message lists them.
    """
    found = [one_of(each, find_entities(client, index, each)) for each in entities]
    question = replace(question, entities=tuple(each.member_ids for each in found))
    if story is None:
        return question
    ids = find_story_ids(client, index, story)
    if not ids:
        raise ConfigError(f"no story and no indexed article has the id {story!r}.")
    return replace(question, story_ids=ids)


def answer_as_json(answer: SearchAnswer, sizes: Mapping[str, StorySize] = NO_SIZES) -> Any:
    """Return the answer as plain values; marks of the highlights are left out."""
    return {
        "total": answer.total_count,
        "stories": answer.story_count,
        "took_ms": answer.took_ms,
        "is_partial": answer.is_partial,
        "is_empty_index": answer.is_empty_index,
        "hits": [_hit_as_json(hit, sizes.get(hit.document.story_id)) for hit in answer.hits],
    }


def _hit_as_json(hit: ArticleHit, size: StorySize | None) -> dict[str, Any]:
    fields_by_name = msgspec.to_builtins(hit.document)
    shown = {name: value for name, value in fields_by_name.items() if name not in NOT_FETCHED}
    shown["story_size"] = asdict(size) if size else None
    return {**shown, "fragments": [without_marks(fragment) for fragment in hit.fragments]}


def print_answer(
    console: Console, answer: SearchAnswer, sizes: Mapping[str, StorySize] = NO_SIZES
) -> None:
    """Print the hits, or why there are none and what to try."""
    for number, hit in enumerate(answer.hits, start=1):
        print_hit(console, number, hit, sizes.get(hit.document.story_id))
    if answer.is_empty_index:
        print_text(console, NOTHING_INDEXED)
        return
    noun = "hit" if answer.total_count == 1 else "hits"
    is_cut = len(answer.hits) < (answer.story_count or answer.total_count)
    shown = f", {len(answer.hits)} shown" if is_cut else ""
    of = "" if answer.story_count is None else f" of {_stories(answer.story_count)}"
    print_text(console, f"{answer.total_count} {noun}{of} in {answer.took_ms} ms{shown}", "dim")
    if answer.is_partial:
        print_text(console, "The search ran out of time: there may be more.", "yellow")
    if not answer.hits:
        print_text(
            console,
            "No article matches. Fewer words, a part of a name (--person Khelaifi) or a longer"
            " time (--since 30d) find more; `dateline trace URL` says where an article is.",
        )


def _stories(count: int) -> str:
    return f"{count} {'story' if count == 1 else 'stories'}"


def print_hit(
    console: Console, number: int, hit: ArticleHit, size: StorySize | None = None
) -> None:
    """Print one hit: title, origin, rights, story, names and the places that match."""
    document = hit.document
    heading = Text(f"{number}. ")
    title = highlighted(hit.title or "(no title)", MATCH_STYLE)
    title.stylize("bold")
    heading.append_text(title)
    if document.is_title_derived:
        heading.append(" (title derived)", "dim")
    heading.append(f"  {short_id(document.article_id)}", "cyan")
    print_text(console, heading)
    origin = [document.source_id, f"{document.first_seen_at:%Y-%m-%d %H:%M} UTC"]
    print_text(console, INDENT + one_line(" · ".join(origin)) + " · " + license_line(document))
    if document.rights and document.rights.attribution:
        print_text(console, INDENT + one_line(document.rights.attribution.text), "italic")
    if size and size.article_count > 1:
        print_text(console, INDENT + story_line(document, size))
    names = names_line(document.entities)
    if names:
        print_text(console, INDENT + names)
    for fragment in hit.fragments or ((hit.summary,) if hit.summary else ()):
        line = Text(f"{INDENT}… ", style="dim")
        line.append_text(Text("", style="not dim").append_text(highlighted(fragment, MATCH_STYLE)))
        print_text(console, line)
    print_text(console, "")


def story_line(document: SearchDocument, size: StorySize) -> str:
    """Return which story the article is part of, how large that is, and what the article is."""
    copies = f", {size.copy_count} copied" if size.copy_count else ""
    role = "" if document.role == "original" else f" · {document.role}"
    return one_line(
        f"story {short_id(document.story_id)}: {size.article_count} articles{copies}{role}"
    )


def license_line(document: SearchDocument) -> str:
    """Return status, licence and licensor in a few words; without a licence it says so."""
    rights: RightsFields | None = document.rights
    if rights is None:
        return "no rights known"
    licensor = f", {rights.licensor}" if rights.licensor else ""
    if rights.spdx_expression == "NOASSERTION":
        return one_line(f"licence {rights.status}{licensor}")
    return one_line(f"{rights.spdx_expression} ({rights.status}){licensor}")


def names_line(entities: EntityFields) -> str:
    """Return the first names of each type on one line: ``person A, B · place C``."""
    parts = []
    for field in fields(EntityFields):
        names: tuple[str, ...] = getattr(entities, field.name)
        if names:
            more = f" +{len(names) - MAX_NAMES_OF_A_TYPE}"
            shown = ", ".join(names[:MAX_NAMES_OF_A_TYPE])
            parts.append(f"{field.name} {shown}{more if len(names) > MAX_NAMES_OF_A_TYPE else ''}")
    return one_line(" · ".join(parts))
