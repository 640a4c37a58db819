"""Score the reading of rights: `python -m tests.quality --help`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks import license_speed
from dateline.rights.registry import load_registry

from . import detectors, pages, report
from .calibrate import calibrated, write_confidences
from .floors import load_floors, missed, raised, write_floors
from .gather import gather
from .gold import PARTS, Item, load_gold
from .measures import MEASURES, Value, values
from .score import Scored, score
from .sentence_scores import read_sentences
from .sentences import load_sentences

ROOT = Path(__file__).resolve().parents[2]
LICENSES = ROOT / "config" / "licenses.toml"
REPORT = ROOT / "docs" / "quality-licensing.md"
DETECTORS = {"dateline": detectors.ours, "trafilatura": detectors.by_trafilatura}


def main() -> int:
    """Run what the arguments ask for; return the exit code."""
    arguments = _arguments()
    detector = DETECTORS[arguments.detector]
    if arguments.dev_only or arguments.only:
        items = [i for i in load_gold("dev") if i.id.startswith(tuple(arguments.only or [""]))]
        return _print_dev(scored(items, detector), is_verbose=arguments.notices)
    return _run(detector, arguments)


def scored(items: Iterable[Item], detector: detectors.Detector) -> list[Scored]:
    """Return the items with the answers of a detector."""
    return [score(item, detector(gather(item))) for item in items]


def _print_dev(rows: Sequence[Scored], *, is_verbose: bool) -> int:
    if not rows:
        sys.stdout.write("no such item in dev-*.toml\n")
        return 2
    lines = [*report.wrong_answers(rows), ""]
    if is_verbose:
        lines += [*report.wrong_notices(rows), ""]
    lines += _numbers(values(rows))
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _numbers(found: dict[str, Value]) -> list[str]:
    return [f"{MEASURES[name].title}: {report.shown(value)}" for name, value in found.items()]


def _run(detector: detectors.Detector, arguments: argparse.Namespace) -> int:
    if arguments.calibrate:
        _calibrate()
    rows: dict[str, list[Scored]] = {p: scored(load_gold(p), detector) for p in PARTS}
    found = {part: values(each) for part, each in rows.items()}
    for part, each in found.items():
        sys.stdout.write("\n".join([f"{part}:", *_numbers(each), ""]) + "\n")
    if arguments.detector != "dateline":
        return 0
    answers = _page_answers()
    problems = missed(found, load_floors()) + _missed_pages(answers)
    if arguments.write_floors:
        problems += _raise_floors(found, is_lowering_allowed=arguments.allow_regression)
    speed, is_slow = license_speed.report(pages.data_folder())
    problems += is_slow
    sentences = read_sentences(load_sentences("check"), load_registry(LICENSES))
    text = report.document(found, rows, answers, speed, sentences)
    REPORT.write_text(text, encoding="utf-8")
    sys.stdout.write("\n".join(problems or ["all goals are met"]) + "\n")
    return 1 if problems else 0


def _calibrate() -> None:
    rows = scored(load_gold("dev"), detectors.ours)
    write_confidences(calibrated(rows, counted_on=datetime.now(UTC).date().isoformat()))
    detectors.confidences.cache_clear()


def _raise_floors(found: dict[str, dict[str, Value]], *, is_lowering_allowed: bool) -> list[str]:
    new, lowered = raised(found, load_floors())
    if lowered and not is_lowering_allowed:
        return [f"floor not lowered: {line}" for line in lowered]
    write_floors(new)
    return []


def _page_answers() -> dict[str, Sequence[pages.PageAnswer]]:
    folder = pages.data_folder()
    if folder is None:
        sys.stdout.write(
            f"saved pages skipped: {pages.DATA_VARIABLE} names no folder with licence_pages/\n"
        )
        return {}
    saved = pages.load_pages(folder)
    return {
        "Dateline": pages.answers(saved, pages.ours),
        "trafilatura": pages.answers(saved, pages.by_trafilatura),
    }


def _missed_pages(answers: dict[str, Sequence[pages.PageAnswer]]) -> list[str]:
    rows = [row for row in answers.get("Dateline", ()) if not row.page.is_doubted]
    return pages.missed_goals(rows) if rows else []


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.quality", description=__doc__)
    add = parser.add_argument
    add("only", nargs="*", help="ids of dev items, or how they begin: score these alone")
    add("--dev-only", action="store_true", help="print what is wrong on dev; write nothing")
    add("--notices", action="store_true", help="of dev, print every notice that is not exact too")
    add("--detector", choices=DETECTORS, default="dateline")
    add("--calibrate", action="store_true", help="write the confidences anew from dev first")
    add("--write-floors", action="store_true", help="raise tests/quality/floors.toml")
    add("--allow-regression", action="store_true", help="with --write-floors: lower them too")
    return parser.parse_args()


if __name__ == "__main__":
    raise SystemExit(main())
