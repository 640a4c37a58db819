"""Print what is known of an article's rights, with the words of each statement in their context."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from rich.console import Console
from rich.text import Text

from dateline.cli.terminal import one_line, print_field, print_text, uses_colour
from dateline.rights.explain import (
    ROLE_WORDS,
    Explained,
    Explanation,
    decision_words,
    explain,
    is_allowed,
)
from dateline.rights.record import Decision, Rights, RightsEvidence

CONTEXT_CHARS = 90
MAX_QUOTE_CHARS = 600
STATUS_STYLES = {
    "granted": "bold green", "public_domain": "bold green", "reserved": "bold red",
    "conflict": "bold red", "unknown": "bold yellow",
}  # fmt: skip
ROLE_STYLES = {"won": "green", "lost": "yellow", "other_object": "cyan", "no_effect": "dim"}
QUOTE_STYLE = "underline bold"
INDENT = "    "


def print_rights(
    console: Console,
    rights: Rights,
    decisions: Sequence[Decision],
    *,
    texts: Mapping[str, str],
) -> None:
    """Print the verdict, every statement in its context, what decided, and the decisions.

    Args:
        console: where to.
        rights: of the article's text.
        decisions: those to show.
        texts: the texts that evidence refers to, by their sha256; those that are missing are not
            shown around the words.
    """
    told = explain(rights)
    print_text(console, one_line(told.verdict), STATUS_STYLES[rights.status])
    print_field(console, "licence", told.license)
    print_field(console, "confidence", f"{rights.confidence:.2f}")
    if rights.effective:
        print_field(console, "binding", ", ".join(rights.effective))
    _print_credit(console, rights)
    if told.statements:
        print_text(console, "statements", "dim")
    for statement in told.statements:
        _print_statement(console, statement, texts)
    print_field(console, "why", told.reasons)
    print_field(console, "conflicts", told.conflicts)
    print_field(console, "objects", told.objects)
    print_field(console, "preferences", told.preferences)
    print_field(console, "access", told.access)
    print_field(console, "notes", told.notes)
    if decisions:
        print_text(console, f"decisions     by {one_line(decisions[0].policy_id)}", "dim")
    for decision in decisions:
        _print_decision(console, decision)


def rights_value(rights: Rights, decisions: Sequence[Decision]) -> dict[str, Any]:
    """Return rights, their explanation and the decisions as plain values."""
    told: Explanation = explain(rights)
    return {
        "rights": msgspec.to_builtins(rights),
        "explanation": {
            "verdict": told.verdict,
            "license": told.license,
            "statements": [
                {"evidence": s.evidence.id, "role": s.role, "place": s.place, "meaning": s.meaning}
                for s in told.statements
            ],
            "why": list(told.reasons),
            "conflicts": list(told.conflicts),
            "objects": list(told.objects),
            "preferences": list(told.preferences),
            "access": list(told.access),
        },
        "decisions": [
            {**msgspec.to_builtins(decision), "is_allowed": is_allowed(decision)}
            for decision in decisions
        ],
    }


def in_context(evidence: RightsEvidence, value: str | None, *, is_coloured: bool) -> Text:
    """Return the words of a statement, marked, with what stands around them in ``value``.

    Without colours the words stand between ``>>`` and ``<<``. A value that does not hold them at
    their offsets gives no context.
    """
    quote = evidence.quote[:MAX_QUOTE_CHARS]
    before = after = ""
    if value is not None and value[evidence.start : evidence.end] == evidence.quote:
        before = value[max(0, evidence.start - CONTEXT_CHARS) : evidence.start]
        after = value[evidence.end : evidence.end + CONTEXT_CHARS]
        before = "…" + before if evidence.start > CONTEXT_CHARS else before
        after = after + "…" if evidence.end + CONTEXT_CHARS < len(value) else after
    text = Text().append(one_line(before), "dim")
    words = one_line(quote) + ("…" if len(quote) < len(evidence.quote) else "")
    text.append(words if is_coloured else f">>{words}<<", QUOTE_STYLE if is_coloured else "default")
    return text.append(one_line(after), "dim")


def _print_credit(console: Console, rights: Rights) -> None:
    line = rights.attribution
    if line is None:
        return
    print_field(console, "credit line", line.text)
    if not line.is_complete:
        missing = ", ".join(line.missing) or "licensor, author or address of the licence"
        print_field(console, "", f"incomplete, so no export: {missing} not given")


def _print_statement(console: Console, told: Explained, texts: Mapping[str, str]) -> None:
    evidence = told.evidence
    head = Text(f"  {one_line(evidence.id):<4}")
    head.append(f"{ROLE_WORDS[told.role]:<18}", ROLE_STYLES[told.role])
    head.append(one_line(told.place))
    print_text(console, head)
    print_text(console, INDENT + "  " + one_line(told.meaning), "dim")
    if evidence.quote:
        value = texts.get(evidence.text_sha256)
        line = Text(INDENT + "  ")
        line.append_text(in_context(evidence, value, is_coloured=uses_colour(console)))
        print_text(console, line)


def _print_decision(console: Console, decision: Decision) -> None:
    is_yes = is_allowed(decision)
    line = Text(f"  {'yes' if is_yes else 'no':<4}", style="green" if is_yes else "yellow")
    line.append(f"{decision.purpose:<26}", "bold default")
    line.append(one_line(decision_words(decision)), "default")
    print_text(console, line)
    for reason in decision.reasons:
        print_text(console, f"{'':<32}{one_line(reason)}", "dim")
