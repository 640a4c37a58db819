"""Learn which letters of Arabic and Latin spellings of one name correspond.

Source of the method: expectation maximisation over all many-to-many pairings of letters
(Jiampojamarn, Kondrak and Sherif 2007): how often each pair of units is used in every pairing,
weighted by its probability, gives the probabilities of the next round.
"""

from __future__ import annotations

import json
import math
from collections import Counter, defaultdict
from collections.abc import Sequence
from pathlib import Path

from dateline.names import correspondence
from dateline.names.correspondence import ARABIC_UNIT, LATIN_UNIT, Costs

Pair = tuple[str, str]
Edge = tuple[int, int, int, int, Pair]

PATH = Path(correspondence.__file__).with_name("correspondence.json")
ROUNDS = 6
# A pair of units expected less often than this in the whole list is a slip of the list.
LEAST_COUNT = 0.5
# Pairings that are less than this share of all the pairings of two names are not counted.
LEAST_SHARE = 1e-4


def learn_costs(pairs: Sequence[Pair]) -> Costs:
    """Return the costs of pairs of units, in nats.

    A cost is the mean of -ln P(Arabic unit | Latin unit) and -ln P(Latin unit | Arabic unit). The
    same pairs in the same order give the same costs.
    """
    probabilities = None
    for _ in range(ROUNDS):
        counts: defaultdict[Pair, float] = defaultdict(float)
        for arabic, latin in pairs:
            _count(f"^{arabic}$", f"^{latin}$", probabilities, counts)
        kept = {pair: count for pair, count in counts.items() if count >= LEAST_COUNT}
        whole = sum(kept.values())
        probabilities = {pair: count / whole for pair, count in kept.items()}
    return _symmetric(probabilities or {})


def write_costs(costs: Costs, path: Path = PATH) -> None:
    """Write the table that the package ships."""
    rows = (f"{json.dumps(a, ensure_ascii=False)}: {_row(row)}" for a, row in sorted(costs.items()))
    path.write_text("{\n" + ",\n".join(rows) + "\n}\n", encoding="utf-8")


def _row(costs: dict[str, float]) -> str:
    return json.dumps(dict(sorted(costs.items())), ensure_ascii=False)


def _symmetric(probabilities: dict[Pair, float]) -> Costs:
    arabic_shares: Counter[str] = Counter()
    latin_shares: Counter[str] = Counter()
    for (arabic, latin), share in probabilities.items():
        arabic_shares[arabic] += share
        latin_shares[latin] += share
    costs: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for (arabic, latin), share in probabilities.items():
        product = (share / arabic_shares[arabic]) * (share / latin_shares[latin])
        costs[arabic][latin] = round(-math.log(product) / 2, 2)
    return dict(costs)


def _count(
    source: str,
    target: str,
    probabilities: dict[Pair, float] | None,
    counts: defaultdict[Pair, float],
) -> None:
    forward = [[0.0] * (len(target) + 1) for _ in range(len(source) + 1)]
    forward[0][0] = 1.0
    edges: list[tuple[Edge, float]] = []
    for edge in _edges(source, target):
        i, j, down, right, pair = edge
        share = _first_guess(pair) if probabilities is None else probabilities.get(pair, 0.0)
        if share and forward[i][j]:
            forward[i + down][j + right] += forward[i][j] * share
            edges.append((edge, share))
    whole = forward[-1][-1]
    if not whole:
        return
    backward = [[0.0] * (len(target) + 1) for _ in range(len(source) + 1)]
    backward[-1][-1] = 1.0
    for (i, j, down, right, pair), share in reversed(edges):
        after = backward[i + down][j + right] * share
        backward[i][j] += after
        weight = forward[i][j] * after / whole
        if weight > LEAST_SHARE:
            counts[pair] += weight


def _edges(source: str, target: str) -> list[Edge]:
    """Return every step from one pair of places to a later one, in an order that can be summed."""
    return [
        (i, j, down, right, (source[i : i + down], target[j : j + right]))
        for i in range(len(source) + 1)
        for j in range(len(target) + 1)
        for down in range(min(ARABIC_UNIT, len(source) - i) + 1)
        for right in range(min(LATIN_UNIT, len(target) - j) + 1)
        # Latin letters alone come one at a time; two Arabic ones always have a Latin one.
        if (down, right) != (0, 0) and (down or right == 1) and (down < 2 or right)
    ]


def _first_guess(pair: Pair) -> float:
    arabic, latin = pair
    if ("^" in arabic, "$" in arabic) != ("^" in latin, "$" in latin):
        return 0.0
    oddness = abs(len(arabic) - len(latin)) + (len(arabic) > 1) + 2 * (not arabic)
    return 10.0**-oddness
