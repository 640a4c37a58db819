"""``dateline entity NAME``: who somebody or something is, and how to correct it."""

from __future__ import annotations

import sys
from typing import get_args

import click

from dateline.cli.context import current
from dateline.cli.entity_corrections import corrections, merge, rename, split
from dateline.cli.entity_view import candidates_as_json, print_candidates, print_view, view_as_json
from dateline.cli.terminal import json_text
from dateline.document_records import EntityType
from dateline.endpoints import search_client
from dateline.search.find_entities import find_entities, one_of
from dateline.search.read_entity import read_entity
from dateline.search.templates import articles_index

SEVERAL_EXIT_CODE = 1
NAMED_TYPES = tuple(each for each in get_args(EntityType) if each not in ("quantity", "date"))


class NameOrCommand(click.Group):
    """A group whose first word may be a name: ``entity Oliveira`` is ``entity show Oliveira``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put ``show`` before what is no command of the group."""
        is_own = not args or args[0] in self.commands or args[0] in ctx.help_option_names
        return super().parse_args(ctx, args if is_own else ["show", *args])


@click.group(cls=NameOrCommand, context_settings={"help_option_names": ["-h", "--help"]})
def entity() -> None:
    """Show who an entity is, with every name, id, link and merge; correct what is wrong.

    A name that is also the name of a command goes behind `show`: dateline entity show merge.

    \b
    Examples:
      dateline entity Khulaifi
      dateline entity Q846 --json
      dateline entity 'Bagheri Kani' --type person
      dateline entity merge 'Nasser Al-Khulaifi' 'Nasser Al-Khelaifi' --note "same chairman"
      dateline entity split 3f9ac01b22d4 Q846
      dateline entity rename Q846 'State of Qatar' --wait
      dateline entity corrections
    """


@entity.command("show")
@click.argument("name", metavar="NAME_OR_ID")
@click.option("--type", "entity_type", type=click.Choice(NAMED_TYPES), help="Of this type only.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(*, name: str, entity_type: str | None, as_json: bool) -> None:
    """Show one entity, or those to choose from.

    NAME_OR_ID is a name, a part of one, a Wikidata id, or an id of ours or its first 6 or more
    characters. Counts are of articles that search may show; offices come from articles of which the
    whole text may be shown.

    Exit code: 0 one entity, 1 several: give the id of one, 2 none.

    \b
    Examples:
      dateline entity Khulaifi
      dateline entity 'Bagheri Kani' --type person
      dateline entity Q846 --json
    """
    context = current()
    index = articles_index(context.settings)
    with search_client(context.settings) as client:
        found = find_entities(client, index, name, entity_type=entity_type)
        view = read_entity(client, index, one_of(name, found)) if len(found) < 2 else None  # noqa: PLR2004 (several)
    if view is not None and as_json:
        click.echo(json_text(view_as_json(view)))
    elif view is not None:
        print_view(context.console, view)
    else:
        if as_json:
            click.echo(json_text(candidates_as_json(found)))
        else:
            print_candidates(context.console, name, found)
        sys.exit(SEVERAL_EXIT_CODE)


for command in (merge, split, rename, corrections):
    entity.add_command(command)
