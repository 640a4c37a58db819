"""``dateline show ID``: everything that is known of one article, with the names marked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import click
import msgspec
from rich.console import Console
from rich.text import Text

from dateline.cli.context import current
from dateline.cli.find_document import find_document
from dateline.cli.search import license_line
from dateline.cli.show_diff import show_diff
from dateline.cli.terminal import (
    json_text,
    lines,
    one_line,
    print_field,
    print_text,
    short_id,
    uses_colour,
)
from dateline.records import MentionField, RightsFields, SearchDocument
from dateline.rights.record import Decision, RightsEvidence

# Quantities and dates are left unmarked: in a news text every second line has one.
STYLES = {
    "person": "bold cyan",
    "organization": "bold magenta",
    "place": "bold green",
    "facility": "green",
    "group": "magenta",
    "event": "yellow",
    "work": "blue",
    "product": "blue",
    "law": "yellow",
    "language": "cyan",
}
ELLIPSIS = "…"
NO_TITLES = {
    "usable": "(no title)", "canceled": "(withdrawn article)", "withheld": "(withheld article)",
}  # fmt: skip


@click.command()
@click.argument("article", metavar="ID")
@click.option("--diff", "is_diff", is_flag=True, help="Show what changed between two versions.")
@click.option(
    "--from", "from_number", type=click.IntRange(1), metavar="N",
    help="With --diff: the older version; default: the one before the newer.",
)  # fmt: skip
@click.option(
    "--to", "to_number", type=click.IntRange(1), metavar="M",
    help="With --diff: the newer version; default: the last.",
)  # fmt: skip
@click.option("--json", "as_json", is_flag=True, help="Print JSON: the document, or the changes.")
def show(
    *, article: str, is_diff: bool, from_number: int | None, to_number: int | None, as_json: bool
) -> None:
    """Show one article: origin, licence with evidence, decision, text with its names marked.

    ID is an article id, its first 6 or more characters, or the article's address. Only as much of
    the text is shown as its licence decision allows. Without colours names look like
    [Doha](place); quantities and dates are not marked.

    --diff compares the versions that this machine sent, as long as Kafka keeps them: removed words
    are marked [-so-], new ones {+so+}. Where the licence does not allow the whole text, it
    says how many words changed and shows none of them.

    \b
    Examples:
      dateline show 3f9ac01b22d4
      dateline show https://news.example/2026/11/opening --json
      dateline show 3f9ac01b22d4 --diff
      dateline show 3f9ac01b22d4 --diff --from 1 --to 3
    """
    if not is_diff and (from_number or to_number):
        raise click.UsageError("--from and --to belong to --diff.")
    context = current()
    found = find_document(context.settings, article)
    if is_diff:
        show_diff(context, found, from_number=from_number, to_number=to_number, as_json=as_json)
    elif as_json:
        click.echo(json_text(msgspec.to_builtins(found)))
    else:
        print_article(context.console, found)


def print_article(console: Console, document: SearchDocument) -> None:
    """Print header, rights, decisions and text, or the tombstone of a killed article."""
    print_text(console, one_line(document.title or NO_TITLES[document.pub_status]), "bold")
    _print_origin(console, document)
    if document.pub_status != "usable":
        _print_tombstone(console, document)
        return
    if document.rights:
        print_rights(console, document, document.rights)
    for decision in document.decisions:
        _print_decision(console, decision)
    print_text(console, "")
    print_body(console, document)


def _print_origin(console: Console, document: SearchDocument) -> None:
    optional = {
        "url": document.url,
        "published": f"{document.published_at:%Y-%m-%d %H:%M} UTC"
        if document.published_at
        else None,
        "publisher": document.publisher,
        "authors": ", ".join(document.authors) or None,
        "credit": document.credit,
        "dateline": _dateline(document),
        "language": _language(document),
        "story aliases": ", ".join(map(short_id, document.story_aliases)) or None,
    }
    print_field(console, "id", document.article_id)
    print_field(console, "source", f"{document.source_id}  key {document.key}")
    for label, value in optional.items():
        if value:
            print_field(console, label, value)
    if document.is_title_derived:
        print_field(console, "title", "derived from the text; the source gave none")
    print_field(console, "first seen", f"{document.first_seen_at:%Y-%m-%d %H:%M:%S} UTC")
    print_field(console, "updated", f"{document.updated_at:%Y-%m-%d %H:%M:%S} UTC")
    print_field(
        console, "revision",
        f"{document.revision}, {_count(len(document.versions), 'version')}, {document.origin}",
    )  # fmt: skip
    print_field(console, "story", f"{document.story_id} ({document.role})")


def _dateline(document: SearchDocument) -> str | None:
    if document.dateline_place is None:
        return None
    agency = f" ({document.dateline_agency})" if document.dateline_agency else ""
    return f"{document.dateline_place}{agency}"


def _language(document: SearchDocument) -> str | None:
    if document.language is None:
        return None
    confidence = document.language_confidence
    return document.language + (f" (confidence {confidence:.2f})" if confidence is not None else "")


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}{'' if count == 1 else 's'}"


def _print_tombstone(console: Console, document: SearchDocument) -> None:
    what = "withdrawn" if document.pub_status == "canceled" else "withheld"
    print_text(console, "")
    print_text(
        console,
        f"This article was {what} by its source on {document.updated_at:%Y-%m-%d %H:%M} UTC:"
        f" {one_line(document.kill_reason or 'no reason was given')}",
        "bold red",
    )
    print_text(console, "Its text is not kept in the index; search does not find it.")


def print_rights(console: Console, document: SearchDocument, rights: RightsFields) -> None:
    """Print the licence with the words of the source that state it."""
    print_field(console, "licence", license_line(document))
    if rights.license_uri:
        print_field(console, "", rights.license_uri)
    print_field(console, "evidence", [_evidence(evidence) for evidence in rights.evidence])
    if rights.attribution:
        print_field(console, "attribution", rights.attribution.text)
    print_field(console, "notes", rights.notes)


def _evidence(evidence: RightsEvidence) -> str:
    return (
        f"“{evidence.quote}” ({evidence.layer} {evidence.field}, characters"
        f" {evidence.start}-{evidence.end} as received, rule {evidence.detector})"
    )


def _print_decision(console: Console, decision: Decision) -> None:
    parts = [
        f"{decision.purpose}: show {decision.display.replace('_', ' ')}",
        "export allowed" if decision.export else "no export",
        "attribution required" if decision.attribution_required else "no attribution required",
        f"policy {decision.policy_id}",
    ]
    print_field(console, "decision", ", ".join(parts))
    print_field(console, "", [f"because: {reason}" for reason in decision.reasons])


def print_body(console: Console, document: SearchDocument) -> None:
    """Print what may be shown of the text, its names marked, and say what is missing."""
    body = document.body or ""
    shown_chars = visible_chars(body, document.body_chars)
    if body:
        mentions = marked_mentions(body, shown_chars, document.mentions)
        styled = uses_colour(console)
        print_text(console, marked_text(body, mentions, styled=styled))
        print_text(console, "")
        if styled and mentions:
            print_text(console, legend(mentions))
    if document.mentions_absent_reason:
        label = "Names are missing" if document.mentions else "No names"
        reason = one_line(document.mentions_absent_reason)
        print_text(console, f"{label}: {reason}", "yellow")
    if shown_chars < document.body_chars:
        print_text(
            console,
            f"The text is withheld by its licence: {shown_chars} of {document.body_chars}"
            " characters shown.",
            "yellow",
        )


def visible_chars(body: str, body_chars: int) -> int:
    """Return how many characters of the whole text ``body`` begins with.

    A shortened body is the beginning of the text and an ellipsis that is not part of it.
    """
    if len(body) >= body_chars:
        return body_chars
    return len(body.removesuffix(ELLIPSIS))


def marked_mentions(
    body: str, shown_chars: int, mentions: Sequence[MentionField]
) -> list[MentionField]:
    """Return the mentions to mark: whole inside the shown text, in order, none over another.

    Offsets refer to the whole text, of which the shown text is the beginning. A mention whose
    offsets do not fit its words is left out: marking the wrong words is worse than none.
    """
    chosen: list[MentionField] = []
    position = 0
    for mention in sorted(mentions, key=lambda m: (m.start, -m.end)):
        is_inside = position <= mention.start < mention.end <= shown_chars
        words = body[mention.start : mention.end]
        if mention.type in STYLES and is_inside and words.split() == mention.text.split():
            chosen.append(mention)
            position = mention.end
    return chosen


def marked_text(body: str, mentions: Sequence[MentionField], *, styled: bool) -> Text:
    """Return the text with its names in colour, or written ``[name](type)``."""
    text = Text()
    for piece, kind in _pieces(lines(body), mentions):
        if not kind:
            text.append(piece)
        elif styled:
            text.append(piece, STYLES[kind])
        else:
            text.append(f"[{piece}]({kind})")
    return text


def _pieces(body: str, mentions: Sequence[MentionField]) -> Iterator[tuple[str, str]]:
    position = 0
    for mention in mentions:
        yield body[position : mention.start], ""
        yield body[mention.start : mention.end], mention.type
        position = mention.end
    yield body[position:], ""


def legend(mentions: Sequence[MentionField]) -> Text:
    """Return the types that occur, each in its colour."""
    present = {mention.type for mention in mentions}
    words = [Text(kind, STYLES[kind]) for kind in STYLES if kind in present]
    return Text("Names: ", style="").append_text(Text(" · ").join(words))
