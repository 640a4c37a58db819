"""Hold the normal form of a licence: what is the same whatever words or address named it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dateline.rights.record import CONSTRAINTS


@dataclass(frozen=True, slots=True, kw_only=True)
class License:
    """One licence, public-domain dedication or mark.

    ``spdx_id`` is SPDX's, or ``LicenseRef-...`` where SPDX has none. ``family`` is ``cc``,
    ``public_domain`` or the registry's word for others. ``code`` and ``version`` are those of
    Creative Commons (``by-nc``, ``4.0``); ``version`` None: none was named. ``jurisdiction`` is the
    port (``de``) or ``igo``. ``uri`` None: without a version there is no canonical address.
    ``constraints`` binds a reuser: some of ``by``, ``sa``, ``nc``, ``nd``.
    """

    spdx_id: str
    family: str
    name: str
    uri: str | None
    constraints: tuple[str, ...]
    code: str | None = None
    version: str | None = None
    jurisdiction: str | None = None

    @property
    def is_public_domain(self) -> bool:
        """Whether nobody's permission is needed (CC0, PDM, government works)."""
        return self.family == "public_domain"


@dataclass(frozen=True, slots=True)
class NamedLicense:
    """A licence named at ``[start, end)`` of a text by name or address.

    ``license`` is None where no particular one is named ("Creative Commons", a link to its site).
    """

    start: int
    end: int
    license: License | None
    is_address: bool = False


def meet(licenses: Iterable[License]) -> tuple[str, ...]:
    """Return the constraints of all ``licenses`` together: permission sets have no other order."""
    asked = {constraint for each in licenses for constraint in each.constraints}
    return tuple(constraint for constraint in CONSTRAINTS if constraint in asked)
