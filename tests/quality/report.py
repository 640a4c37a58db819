"""The report of `make quality` as markdown; of the frozen part it holds totals alone."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from . import pages
from .measures import MEASURES, SAMPLES, SEED, Value, calibration_error
from .pages import GROUPS, PageAnswer
from .score import (
    Scored,
    Tally,
    constraint_pairs,
    family_pairs,
    frame_pairs,
    object_pairs,
    reservations_lost,
    status_pairs,
    tally,
)
from .sentence_scores import SentenceRow, sentence_section

# Tags with fewer items on dev say nothing; they are left out of the table.
MIN_TAG_ITEMS = 5
CLASSES = {
    "status": status_pairs,
    "licence family": family_pairs,
    "constraint": constraint_pairs,
    "frame": frame_pairs,
    "object of a grant": object_pairs,
}


SENTENCES_HEAD = """\
Short bodies with one statement each, by many hands, as unlike one another as they could be made;
half are pairs of nearly the same words, of which one grants and one does not. So they are much
harder than what most sites write. These were not looked at while rules and model were made
(`check-*.txt`).
"""


def gold_section(
    found: Mapping[str, Mapping[str, Value]], rows: Mapping[str, Sequence[Scored]]
) -> Iterator[str]:
    """Yield the lines about the gold set: all numbers, then classes, then errors on dev."""
    yield f"Intervals: 95 %, bootstrap over items, {SAMPLES:,} samples, seed {SEED}."
    yield "n: what the number was counted on."
    yield ""
    yield from _table(
        ["measure", *(f"{part} ({len(rows[part])} items)" for part in found)],
        [
            [measure.title, *(shown(found[part][name]) for part in found)]
            for name, measure in MEASURES.items()
        ],
    )
    yield from bounds(rows)
    for part, listed in rows.items():
        error, count = calibration_error(listed)
        if error is not None:
            yield f"Expected calibration error of the confidence, {part}: {error:.3f} (n {count})."
    yield ""
    for title, pairs in CLASSES.items():
        yield f"### By {title}"
        yield ""
        yield from _class_table(title, {part: tally(pairs(each)) for part, each in rows.items()})
    yield from _slices("language", rows, lambda row: [row.item.language.partition("-")[0]], 1)
    if "dev" in rows:
        yield from _slices("tag", {"dev": rows["dev"]}, lambda row: row.item.tags, MIN_TAG_ITEMS)
        yield from _dev_errors(rows["dev"])


def bounds(rows: Mapping[str, Sequence[Scored]]) -> Iterator[str]:
    """Yield what no error in n items means: the rule of three."""
    for part, listed in rows.items():
        if not any(row.permissive for row in listed):
            yield (
                f"No permissive error in the {len(listed)} items of {part}: the rate on such items "
                f"is below {3 / len(listed):.1%} (95 %, rule of three)."
            )
    yield ""


def page_section(answers: Mapping[str, Sequence[PageAnswer]]) -> Iterator[str]:
    """Yield the lines about saved pages, by reader; counts alone, nothing of the pages."""
    for title, are_doubted_in in (
        ("All pages", True),
        ("Without the pages whose label is doubted", False),
    ):
        kept = {
            name: [row for row in rows if are_doubted_in or not row.page.is_doubted]
            for name, rows in answers.items()
        }
        some = next(iter(kept.values()))
        counts = ", ".join(
            f"{sum(r.page.group == g for r in some)} {g.replace('_', ' ')}" for g in GROUPS
        )
        yield f"{title} ({len(some)}: {counts}):"
        yield ""
        yield from _table(["", *kept], _page_rows(kept))


def _page_rows(kept: Mapping[str, Sequence[PageAnswer]]) -> Iterator[list[str]]:
    for title, count, kind in (
        ("has a licence: precision", pages.has_license, "precision"),
        ("has a licence: recall", pages.has_license, "recall"),
        ("family right among hits", pages.same_family, "recall"),
        ("version right among hits", pages.same_version, "recall"),
    ):
        yield [title, *(_share(count(rows), kind) for rows in kept.values())]
    for group in GROUPS[1:]:
        title = f"licence given to {group.replace('_', ' ')} pages"
        yield [title, *(_given(rows, group) for rows in kept.values())]
    yield [
        "permissive errors",
        *(
            f"{sum(r.is_permissive for r in rows) / len(rows):.1%} "
            f"({sum(r.is_permissive for r in rows)} of {len(rows)})"
            for rows in kept.values()
        ),
    ]


def shown(value: Value) -> str:
    """Return a number with interval and n."""
    if value.value is None:
        return "-"
    return f"{value.value:.3f} ({value.low:.3f} to {value.high:.3f}; n = {value.count})"


def wrong_answers(rows: Iterable[Scored]) -> Iterator[str]:
    """Yield one line for each item of dev that is answered wrongly."""
    for row in rows:
        if not row.is_right:
            expect, given = row.item.expect, row.prediction
            note = f"  PERMISSIVE: {', '.join(row.permissive)}" if row.permissive else ""
            yield (
                f"{row.item.id}: expected {expect.status} {expect.spdx}, "
                f"got {given.status} {given.spdx}{note}"
            )


def wrong_notices(rows: Iterable[Scored]) -> Iterator[str]:
    """Yield one line for each notice of dev that is not exact."""
    for row in rows:
        for right, given in row.notices:
            if right != given:
                place = right or given
                quote = row.item.body[place.start : place.end] if place else ""
                yield f"{row.item.id}: expected {_told(right)}, got {_told(given)}: {quote[:60]!r}"


def _told(notice: object) -> str:
    if notice is None:
        return "nothing"
    return " ".join(str(getattr(notice, f)) for f in ("frame", "object", "spdx", "start", "end"))


def _class_table(title: str, tallies: Mapping[str, Mapping[str, Tally]]) -> Iterator[str]:
    names = sorted({str(name) for each in tallies.values() for name in each})
    head = [title] + [f"{part} {what}" for part in tallies for what in ("P", "R", "n")]
    rows = []
    for name in names:
        row = [f"`{name}`"]
        for each in tallies.values():
            found = each.get(name, Tally(0, 0, 0))
            row += [_number(found.precision), _number(found.recall), str(found.expected)]
        rows.append(row)
    yield from _table(head, rows)


def _slices(
    title: str,
    rows: Mapping[str, Sequence[Scored]],
    keys_of: Callable[[Scored], Iterable[str]],
    least: int,
) -> Iterator[str]:
    yield f"### By {title}"
    yield ""
    head = [title]
    cells: dict[str, dict[str, list[Scored]]] = {}
    for part, listed in rows.items():
        head += [f"{part} right", f"{part} permissive", f"{part} n"]
        for row in listed:
            for key in keys_of(row):
                cells.setdefault(key, {}).setdefault(part, []).append(row)
    table = []
    for key, by_part in sorted(cells.items(), key=lambda each: (-_size(each[1]), each[0])):
        if _size(by_part) < least:
            continue
        line = [f"`{key}`"]
        for part in rows:
            some = by_part.get(part, [])
            line += [
                _number(sum(r.is_right for r in some) / len(some) if some else None),
                str(sum(bool(r.permissive) for r in some)),
                str(len(some)),
            ]
        table.append(line)
    yield from _table(head, table)


def _dev_errors(rows: Sequence[Scored]) -> Iterator[str]:
    yield "### Errors on dev"
    yield ""
    permissive = [f"{row.item.id} ({', '.join(row.permissive)})" for row in rows if row.permissive]
    yield f"Permissive errors: {', '.join(permissive) or 'none'}."
    yield f"Reservations not read: {', '.join(reservations_lost(rows)) or 'none'}."
    wrong = [row.item.id for row in rows if not row.is_right and not row.permissive]
    yield f"Otherwise wrong: {', '.join(wrong) or 'none'}."
    yield ""


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield "| " + " | ".join(head) + " |"
    yield "|" + "---|" * len(head)
    yield from ("| " + " | ".join(row) + " |" for row in rows)
    yield ""


def _size(by_part: Mapping[str, Sequence[Scored]]) -> int:
    return sum(map(len, by_part.values()))


def _number(value: float | None) -> str:
    return "-" if value is None else f"{value:.2f}"


def _share(found: Tally, kind: str) -> str:
    value = getattr(found, kind)
    below = found.found if kind == "precision" else found.expected
    return "-" if value is None else f"{value:.3f} ({found.hits} of {below})"


def _given(rows: Sequence[PageAnswer], group: str) -> str:
    some = [row for row in rows if row.page.group == group]
    return f"{sum(1 for row in some if row.given)} of {len(some)}"


HEAD = """\
# How well rights are read

Written by `make quality`; do not edit. What is counted and how is in
[tests/quality/README.md](../tests/quality/README.md), what a right answer is in the
[guidelines of the gold set](../tests/quality/licensing/README.md). The items are made up and each
stands for a form that rights statements take; they are no sample of the web, and `dev` is what the
rules were written against. So the numbers say which forms are read, not how often an answer about a
random article is right.
"""
PAGES_HEAD = """\
Saved pages, mostly German blogs and news, with the licence that a person gave each. They are not in
the repository, and the positive share is not that of the web. Another system's answers are words;
both are brought to the same names before they are compared.
"""


def document(
    found: Mapping[str, Mapping[str, Value]],
    rows: Mapping[str, Sequence[Scored]],
    answers: Mapping[str, Sequence[PageAnswer]],
    speed: Sequence[str],
    sentences: Sequence[SentenceRow],
) -> str:
    """Return the whole report."""
    lines = [HEAD, "## Gold set", "", *gold_section(found, rows)]
    lines += ["## Single statements", "", SENTENCES_HEAD, *sentence_section(sentences, shown)]
    lines += ["## Saved pages", "", PAGES_HEAD]
    lines += page_section(answers) if answers else ["The data were not there.", ""]
    lines += ["## Speed", "", *speed]
    return "\n".join(lines).rstrip() + "\n"
