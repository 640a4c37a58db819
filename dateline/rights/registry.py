"""Return the licences that ``config/licenses.toml`` knows, by address, SPDX id or name."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

from dateline.rights.license import License, NamedLicense
from dateline.rights.license_address import CcAddress, parse_cc_address
from dateline.rights.license_names import ListedName, NameFinder
from dateline.rights.record import CONSTRAINTS
from dateline.rights.registry_file import (
    LicenseRow,
    RegistryFile,
    read_registry_file,
    spdx_ids,
)

CC_ROOT = "https://creativecommons.org"
_UNPORTED = {"1.0": "Generic", "2.0": "Generic", "2.5": "Generic", "3.0": "Unported"}
_TITLES = {
    "by": "Attribution", "nc": "NonCommercial", "nd": "NoDerivatives", "sa": "ShareAlike",
}  # fmt: skip
# The order of elements in a code of each time; 1.0 had by-nd-nc.
_CODE_ORDER = ("by", "nc", "nd", "sa")
_OLD_ORDER = ("by", "nd", "nc", "sa")
_OTHER_VERSION = "4.0"


class LicenseRegistry:
    """All licences in their normal form; immutable once loaded."""

    def __init__(self, data: RegistryFile) -> None:
        """Take checked data; use ``load_registry``."""
        self._cc = data.creative_commons
        self.version = data.registry_version
        self._rows = {row.spdx_id: _license(row) for row in data.license}
        self._by_spdx = {key.lower(): license_ for key, license_ in self._rows.items()}
        self._by_uri = {
            _address_key(uri): self._rows[row.spdx_id]
            for row in data.license
            for uri in (row.uri, *row.uris)
            if uri
        }
        self._public_domain = {
            license_.code: license_ for license_ in self._rows.values() if license_.code
        }
        self._spdx_ids = spdx_ids()
        self._by_spdx.update({each.spdx_id.lower(): each for each in self._all_cc()})
        self._finder = NameFinder(
            languages=self._cc.language,
            port_names=self._cc.port_names,
            names=[*_listed(data, self._rows), *_unspecific(data)],
            read_address=self.by_address,
            compose=self._composed,
            hosts={key.partition("/")[0] for key in self._by_uri} - {"creativecommons.org"},
        )

    def by_address(self, address: str) -> License | None:
        """Return the licence at ``address``, or None: no licence, or not exactly one of ours.

        Raises: Nothing.
        """
        found = parse_cc_address(address)
        if found is not None:
            return self._at(found)
        return self._by_uri.get(_address_key(address))

    def by_spdx(self, spdx_id: str) -> License | None:
        """Return the licence with this SPDX id or LicenseRef, in any case."""
        return self._by_spdx.get(spdx_id.strip().lower())

    def find(self, text: str) -> tuple[NamedLicense, ...]:
        """Return the licences that ``text`` names, in order, not overlapping.

        It says nothing about whether they are granted. ``license`` is None where Creative Commons
        is named but none of its licences.
        """
        return self._finder.find(text)

    def all_licenses(self) -> tuple[License, ...]:
        """Return every licence once, Creative Commons with all versions and ports."""
        return (*self._rows.values(), *self._all_cc())

    def _all_cc(self) -> list[License]:
        found = []
        for version, codes in self._cc.codes.items():
            for port in (None, *self._cc.ports.get(version, ())):
                extra = self._cc.extra_codes.get(f"{version}/{port}", ())
                for code in (*codes, *extra):
                    license_ = self._at(CcAddress(code, version, port))
                    if license_ is not None:
                        found.append(license_)
        for code in ("by", "by-nc", "by-nd", "by-sa", "by-nc-sa", "by-nc-nd"):
            unversioned = self._composed(tuple(code.split("-")), None, None)
            if unversioned is not None:
                found.append(unversioned)
        return found

    def _composed(
        self, elements: tuple[str, ...], version: str | None, port: str | None
    ) -> License | None:
        """Return the licence of these elements, or None where none was published."""
        wanted = set(elements)
        order = _OLD_ORDER if version == "1.0" else _CODE_ORDER
        code = "-".join(each for each in order if each in wanted)
        if version is not None:
            return self._at(CcAddress(code, version, port))
        if code not in self._cc.codes[_OTHER_VERSION]:
            return None
        return License(
            spdx_id=f"LicenseRef-CC-{code.upper()}",
            family="cc",
            code=code,
            name=f"Creative Commons {_title(code)}",
            uri=None,
            constraints=_constraints(code),
        )

    def _at(self, address: CcAddress) -> License | None:
        code, version, port = address.code, address.version, address.port
        if code in ("zero", "mark", "certification"):
            return self._public_domain.get(code)
        if version == _OTHER_VERSION:
            # 4.0 has no ports; who writes "4.0 DE" means 4.0.
            port = None
        codes = self._cc.codes.get(version, ())
        if code not in (*codes, *self._cc.extra_codes.get(f"{version}/{port}", ())):
            return None
        if port is not None and port not in self._cc.ports.get(version, ()):
            return None
        if port is None and version in self._cc.ported_only:
            return None
        return self._cc_license(code, version, port)

    def _cc_license(self, code: str, version: str, port: str | None) -> License:
        plain = "-".join(each for each in _CODE_ORDER if each in code.split("-"))
        suffix = f"-{port.upper()}" if port else ""
        spdx_id = f"CC-{plain.upper()}-{version}{suffix}"
        if spdx_id not in self._spdx_ids:
            spdx_id = f"LicenseRef-{spdx_id}"
        place = self._port_name(port) if port else _UNPORTED.get(version, "International")
        path = f"/licenses/{code}/{version}/" + (f"{port}/" if port else "")
        return License(
            spdx_id=spdx_id,
            family="cc",
            code=code,
            version=version,
            jurisdiction=port,
            name=f"Creative Commons {_title(code)} {version} {place}",
            uri=CC_ROOT + path,
            constraints=_constraints(code),
        )

    def _port_name(self, port: str) -> str:
        names = (name for name, code in self._cc.port_names.items() if code == port)
        return next(names, port.upper())


def load_registry(path: Path) -> LicenseRegistry:
    """Return the registry at ``path``.

    Raises:
        ConfigError: the file is missing, is no TOML, or has a row that could grant wrongly.
    """
    return LicenseRegistry(read_registry_file(path))


def spdx_expression(licenses: Iterable[License]) -> str:
    """Return the SPDX expression of all ``licenses``: sorted, joined by AND, each once."""
    return " AND ".join(sorted({each.spdx_id for each in licenses}))


def _license(row: LicenseRow) -> License:
    return License(
        spdx_id=row.spdx_id,
        family=row.family,
        name=row.name,
        uri=row.uri,
        constraints=row.constraints,
        code=row.code,
        version=row.version,
    )


def _listed(data: RegistryFile, licenses: Mapping[str, License]) -> Iterator[ListedName]:
    """Give the names of all rows; of equal ones the surer is the last."""
    for row in data.license:
        license_ = licenses[row.spdx_id]
        shorts = data.short_titles.get(row.titled or "", ())
        titles = data.titles.get(row.titled or "", ())
        for name, is_short in (
            *((name, True) for name in shorts),
            *((name, False) for name in titles if row.version or name not in shorts),
        ):
            yield ListedName(
                name=name,
                license=license_,
                version=row.version,
                or_later=row.or_later,
                is_short=is_short,
            )
        for name in row.names:
            yield ListedName(name=name, license=license_)


def _unspecific(data: RegistryFile) -> Iterator[ListedName]:
    return (ListedName(name=name, license=None) for name in data.unspecific)


def _title(code: str) -> str:
    return "-".join(_TITLES[element] for element in code.split("-"))


def _constraints(code: str) -> tuple[str, ...]:
    return tuple(each for each in CONSTRAINTS if each in code.split("-"))


def _address_key(address: str) -> str:
    """Return host and path of an address as they are compared; "" for what is none."""
    try:
        parts = urlsplit(address.strip()[:500])
    except ValueError:
        return ""
    if parts.scheme.lower() not in ("http", "https") or not parts.netloc:
        return ""
    path = re.sub(r"/{2,}", "/", parts.path).rstrip("/")
    return f"{parts.netloc.lower().removeprefix('www.')}{path}"
