"""``dateline license explain``: why an indexed article has the rights and decisions it has."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

import click

from dateline.cli.context import current
from dateline.cli.find_document import find_document
from dateline.cli.license_view import print_rights, rights_value
from dateline.cli.terminal import json_text, one_line, print_field, print_text
from dateline.records import PreferenceFields, RightsFields, SearchDocument
from dateline.rights.policy import load_policy
from dateline.rights.record import Preferences, Rights
from dateline.settings import PROJECT_DIR

POLICIES_PATH = PROJECT_DIR / "config" / "policies.toml"
_RIGHTS_NAMES = {field.name for field in fields(Rights)} & {
    field.name for field in fields(RightsFields)
} - {"preferences"}
_PREFERENCE_NAMES = {field.name for field in fields(Preferences)} & {
    field.name for field in fields(PreferenceFields)
}


@click.command()
@click.argument("article", metavar="ID")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def explain(*, article: str, as_json: bool) -> None:
    """Say why an indexed article has its licence and its decisions.

    ID is an article id, its first 6 or more characters, or the article's address. Shown is what
    the index holds, and what it does not hold is said; `dateline license check` reads the source
    again. Exit code 1: no indexed article has this id.

    \b
    Examples:
      dateline license explain 3f9ac01b22d4
      dateline license explain https://news.example/2026/11/opening --json
    """
    context = current()
    document = find_document(context.settings, article)
    missing = not_held(document, policy_id=load_policy(POLICIES_PATH).stamp)
    if as_json:
        click.echo(json_text(_as_json(document, missing)))
        return
    print_text(context.console, one_line(document.title or document.key), "bold")
    print_field(context.console, "article", document.article_id)
    print_field(context.console, "address", document.url or "")
    if document.rights is None:
        print_text(context.console, "no rights are indexed of this article", "yellow")
    else:
        print_rights(context.console, rights_of(document.rights), document.decisions, texts={})
    print_field(context.console, "not shown", missing)


def rights_of(indexed: RightsFields) -> Rights:
    """Return the rights that the index holds; passages that may not be quoted are not among it."""
    stated = indexed.preferences
    return Rights(
        **{name: getattr(indexed, name) for name in _RIGHTS_NAMES},
        preferences=Preferences(**{name: getattr(stated, name) for name in _PREFERENCE_NAMES}),
    )


def not_held(document: SearchDocument, *, policy_id: str) -> tuple[str, ...]:
    """Return in sentences what the document does not say, or no longer says."""
    told: list[str] = []
    rights = document.rights
    if document.pub_status != "usable":
        told.append(f"the article is {document.pub_status}: its text is not in the index")
    if document.kill_reason:
        told.append(f"why it was withdrawn: {document.kill_reason}")
    if document.origin_article_id:
        told.append(
            "it is a copy, held to its origin's rights as well: `dateline license explain"
            f" {document.origin_article_id}`"
        )
    decided_by = {decision.policy_id for decision in document.decisions} - {policy_id}
    if decided_by:
        told.append(
            f"decided by {', '.join(sorted(decided_by))}, in force is {policy_id}: `dateline"
            " license re-decide` brings it up to date"
        )
    if rights is not None:
        told.append("offsets refer to the text and signals as they came, which the index lacks")
        if any(len(each.quote) < each.end - each.start for each in rights.evidence):
            told.append("quotes are cut to what may be shown of the text")
        if rights.preferences.has_nosnippet:
            told.append("passages that may not be quoted are not kept")
    return tuple(told)


def _as_json(document: SearchDocument, missing: tuple[str, ...]) -> dict[str, Any]:
    known = (
        rights_value(rights_of(document.rights), document.decisions)
        if document.rights is not None
        else {"rights": None, "explanation": None, "decisions": []}
    )
    return {
        "article_id": document.article_id,
        "title": document.title,
        "url": document.url,
        "source_id": document.source_id,
        "revision": document.revision,
        "pub_status": document.pub_status,
        "origin_article_id": document.origin_article_id,
        **known,
        "not_held": list(missing),
    }
