"""Say what a receiver may not do with an export as a whole, beyond the duties of each record."""

from __future__ import annotations

from collections.abc import Iterator, Mapping


def adaptation_notes(
    share_alike: Mapping[str, int], *, verbatim_count: int, noncommercial_count: int
) -> tuple[str, ...]:
    """Return one sentence a limit on texts that are made of several records.

    Args:
        share_alike: how many records carry each share-alike licence, by SPDX expression.
        verbatim_count: records that may not be changed (ND).
        noncommercial_count: records for non-commercial use only (NC).

    As a collection, each text under its own licence, all of them may stand side by side.
    """
    return tuple(_notes(share_alike, verbatim_count, noncommercial_count))


def _notes(
    share_alike: Mapping[str, int], verbatim_count: int, noncommercial_count: int
) -> Iterator[str]:
    if verbatim_count:
        yield (
            f"{verbatim_count} records are verbatim only (ND): they may be in the collection, and"
            " in no adaptation."
        )
    if len(share_alike) > 1:
        named = " and ".join(sorted(share_alike))
        yield (
            f"Texts under {named} may not be merged into one adapted work unless the one licence"
            " names the other as compatible: an adaptation would have to carry each of them. As a"
            " collection each keeps its own licence."
        )
    elif share_alike:
        yield f"An adaptation of texts under {next(iter(share_alike))} carries that licence."
    if noncommercial_count:
        yield f"{noncommercial_count} records are for non-commercial use only (NC)."
