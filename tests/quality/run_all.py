"""Score everything that is measured on gold data, one report after the other: `make quality`."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping, Sequence
from time import perf_counter

# What is run, by the report that it writes; sentences about rights need no development data.
RUNNERS: Mapping[str, Sequence[str]] = {
    "quality-licensing.md": ("tests.quality", "--calibrate"),
    "quality-names.md": ("tests.quality.names", "--speed", "--write"),
    "quality-linking.md": ("tests.quality.linking", "--write"),
    "quality-ruler.md": ("tests.quality.ruler", "--write"),
    "quality-entities.md": ("tests.quality.entities", "--speed", "--write"),
    "quality-identity.md": ("tests.quality.identity", "--speed", "--write"),
    "quality-copies.md": ("tests.quality.copies", "--speed", "--write"),
    "quality-stories.md": ("tests.quality.stories", "--speed", "--write"),
    "quality-search.md": ("tests.quality.search", "--write"),
}


def main() -> int:
    """Run every runner in a process of its own; return 1 when one misses a floor or a goal."""
    results = {report: _run(report, module) for report, module in RUNNERS.items()}
    for report, result in results.items():
        sys.stdout.write(f"{result:<10} docs/{report}\n")
    return int("FAILED" in results.values())


def _run(report: str, module: Sequence[str]) -> str:
    sys.stdout.write(f"== docs/{report}: python -m {' '.join(module)}\n")
    sys.stdout.flush()
    begun = perf_counter()
    run = subprocess.run(
        [sys.executable, "-m", *module], stdout=subprocess.PIPE, text=True, check=False
    )
    sys.stdout.write(f"{run.stdout}({perf_counter() - begun:.0f} s)\n\n")
    if run.returncode:
        return "FAILED"
    return "skipped" if run.stdout.startswith("skipped:") else "reached"


if __name__ == "__main__":
    raise SystemExit(main())
