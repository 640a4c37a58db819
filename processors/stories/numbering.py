"""Give things small numbers, so that arrays can be about them."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Generic, TypeVar

Thing = TypeVar("Thing", bound=Hashable)


class Numbering(Generic[Thing]):
    """Numbers from 0, each of one thing at a time; one that was taken back is given again."""

    def __init__(self) -> None:
        self._numbers: dict[Thing, int] = {}
        self._free: list[int] = []

    def of(self, thing: Thing) -> int:
        """Return the number of a thing, which it has from now on."""
        number = self._numbers.get(thing)
        if number is None:
            # Without free ones, all numbers below the count are in use.
            number = self._free.pop() if self._free else len(self._numbers)
            self._numbers[thing] = number
        return number

    def take_back(self, thing: Thing) -> int | None:
        """Forget a thing; return the number that it had, or None."""
        number = self._numbers.pop(thing, None)
        if number is not None:
            self._free.append(number)
        return number
