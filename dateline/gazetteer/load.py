"""Read the rows and names of the gazetteer from ``config/gazetteer``."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar

import msgspec

from dateline.document_records import GeoPoint
from dateline.gazetteer.rows import GazetteerRow, Kind, NameEntry, Reference

CONFIG_FOLDER = Path(__file__).resolve().parents[2] / "config" / "gazetteer"
# Countries whose codes of the first administrative level are the same in GeoNames and ISO 3166.
_SHARED_ADMIN1 = frozenset({"us", "gb"})
_T = TypeVar("_T")
# The library's rows of these are the bodies that claim them; regions.toml has the place.
_LISTED_AS_REGIONS = frozenset({"ua-cri"})
CityKey = tuple[str, str]  # country code, name


class _ListedRow(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A row of organisations.toml, people.toml or regions.toml."""

    qid: str | None = None
    names: tuple[str, ...] = ()
    weak: tuple[str, ...] = ()
    alone: tuple[str, ...] = ()
    country: str | None = None
    point: GeoPoint | None = None


class _CityNames(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    names: dict[str, dict[str, tuple[str, ...]]]
    left_out: dict[str, tuple[str, ...]]


class _Countries(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    names: dict[str, tuple[str, ...]]
    demonyms: dict[str, tuple[str, ...]]
    ambiguous: dict[str, dict[str, tuple[str, ...] | str]]


class _Offices(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    names: dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class AmbiguousName:
    """A name of several places, with the words that speak for each.

    Attributes:
        cues: place (country or subdivision code, ``us-city`` or ``city``) to words.
        default: the place when nothing speaks for any; empty: none.
    """

    cues: Mapping[str, tuple[str, ...]]
    default: str = ""


@dataclass(slots=True)
class GazetteerData:
    """All rows, and what each name may stand for.

    Attributes:
        entries: name as written to what it may stand for.
        ambiguous: names whose meaning the words of the text decide.
        offices: name of a body of state to its key, such as ``foreign-ministry``.
        countries: country and subdivision rows by code.
    """

    entries: dict[str, list[NameEntry]] = field(default_factory=lambda: defaultdict(list))
    ambiguous: dict[str, AmbiguousName] = field(default_factory=dict)
    offices: dict[str, str] = field(default_factory=dict)
    countries: dict[str, GazetteerRow] = field(default_factory=dict)

    def add(self, names: Iterable[str], row: GazetteerRow, reference: Reference,
            language: str = "") -> None:  # fmt: skip
        """Let each of ``names`` stand for ``row`` (once)."""
        for name in names:
            known = self.entries[name]
            if not any(each.row is row for each in known):
                known.append(NameEntry(row, reference, language))


def load_data(folder: Path = CONFIG_FOLDER) -> GazetteerData:
    """Return the gazetteer of a folder.

    Raises:
        msgspec.ValidationError: a row has a field that is not known or of another type.
    """
    data = GazetteerData()
    cities = list(_read_cities(folder))
    countries = _decode(folder / "countries.toml", _Countries)
    _add_countries(data, folder, countries, cities)
    _add_cities(data, folder, cities)
    for file, kind in _LISTS.items():
        _add_list(data, folder / file, kind)
    data.ambiguous = {name: _ambiguous(cues) for name, cues in countries.ambiguous.items()}
    offices = _decode(folder / "offices.toml", _Offices).names
    data.offices = {name: key for key, names in offices.items() for name in names}
    return data


_LISTS: Mapping[str, Kind] = {
    "regions.toml": "region", "organisations.toml": "organisation", "people.toml": "person",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _City:
    geoname_id: str
    name: str
    country: str
    admin1: str
    point: GeoPoint
    population: int
    names: Mapping[str, Sequence[str]]


def read_names_of_cities(folder: Path) -> set[CityKey]:
    """Return the cities that the lists name, by country code and name."""
    ids = _city_ids(folder)
    named = _decode(folder / "city_names.toml", _CityNames).names
    return set(ids) | {(country, name) for country, names in named.items() for name in names}


def _read_cities(folder: Path) -> Iterator[_City]:
    for row in _read_tsv(folder / "cities.tsv"):
        identifier, name, country, admin1, lat, lon, population, names = row
        yield _City(
            identifier, name, country, admin1, (float(lat), float(lon)), int(population),
            msgspec.json.decode(names) if names else {},
        )  # fmt: skip


def _read_tsv(path: Path) -> Iterator[list[str]]:
    lines = path.read_text(encoding="utf-8").splitlines()
    return (line.split("\t") for line in lines[1:])


def _city_ids(folder: Path) -> dict[CityKey, str]:
    tables = _decode(folder / "city_ids.toml", dict[str, dict[str, str]])
    return {(country, name): qid for country, rows in tables.items() for name, qid in rows.items()}


def _add_countries(
    data: GazetteerData, folder: Path, listed: _Countries, cities: Sequence[_City]
) -> None:
    capital_points: dict[CityKey, tuple[int, GeoPoint]] = {}
    for city in cities:
        key = (city.country, city.name)
        capital_points[key] = max(
            capital_points.get(key, (0, city.point)), (city.population, city.point)
        )
    for code, qid, parent, capital, names in _read_tsv(folder / "countries.tsv"):
        country_code = code.partition("-")[0]
        point = capital_points.get((country_code, capital))
        row = GazetteerRow(
            row_id=qid,
            qid=qid,
            kind="subdivision" if "-" in code else "country",
            name=msgspec.json.decode(names)["en"][0],
            country_code=country_code,
            subdivision_code=code if "-" in code else None,
            parent=data.countries[parent].row_id if parent in data.countries else None,
            geo_point=point[1] if point else None,
        )
        data.countries[code] = row
        if code in _LISTED_AS_REGIONS:
            continue
        by_language: dict[str, list[str]] = msgspec.json.decode(names)
        data.add([*by_language.pop("en"), *listed.names.get(code, ())], row, "full")
        for language, others in by_language.items():
            data.add(others, row, "full", language)
        data.add(listed.demonyms.get(code, ()), row, "demonym")


def _add_cities(data: GazetteerData, folder: Path, cities: Sequence[_City]) -> None:
    ids = _city_ids(folder)
    lists = _decode(folder / "city_names.toml", _CityNames)
    left_out = set(lists.left_out["names"])
    capitals = {(row[0], row[3]): row[0] for row in _read_tsv(folder / "countries.tsv") if row[3]}
    largest: dict[CityKey, _City] = {}
    for city in cities:
        key = (city.country, city.name)
        if key not in largest or city.population > largest[key].population:
            largest[key] = city
    for city in cities:
        key = (city.country, city.name)
        is_largest = largest[key] is city
        qid = ids.get(key) if is_largest else None
        if city.name in left_out and qid is None:
            continue
        row = _city_row(data, city, qid, capitals.get(key) if is_largest else None)
        more = lists.names.get(city.country, {}).get(city.name, ()) if is_largest else ()
        names = dict(city.names)
        data.add([city.name, *names.pop("en", ()), *more], row, "full")
        for language, local in names.items():
            data.add(local, row, "full", language)


def _city_row(
    data: GazetteerData, city: _City, qid: str | None, capital_of: str | None
) -> GazetteerRow:
    admin1 = f"{city.country}-{city.admin1.lower()}"
    subdivision = data.countries.get(admin1) if city.country in _SHARED_ADMIN1 else None
    place = subdivision or data.countries.get(city.country)
    return GazetteerRow(
        row_id=qid or f"city:{city.geoname_id}",
        qid=qid,
        kind="city",
        name=city.name,
        country_code=city.country,
        subdivision_code=admin1 if subdivision else None,
        parent=place.row_id if place else None,
        geo_point=city.point,
        population=city.population,
        capital_of=capital_of,
    )


def _add_list(data: GazetteerData, path: Path, kind: Kind) -> None:
    for group, rows in _decode(path, dict[str, dict[str, _ListedRow]]).items():
        for name, listed in rows.items():
            row = GazetteerRow(
                row_id=listed.qid or f"{kind}:{name}",
                qid=listed.qid,
                kind=kind,
                name=name,
                group=group,
                country_code=listed.country,
                geo_point=listed.point,
            )
            names = [name, *listed.names]
            data.add([*names, *_small_party(names)], row, "full")
            data.add(listed.weak, row, "weak")
            data.add(listed.alone, row, "short")


def _small_party(names: Iterable[str]) -> list[str]:
    """Return the names that end in "Party" as some papers write them."""
    return [f"{name[:-5]}party" for name in names if name.endswith(" Party")]


def _ambiguous(cues: Mapping[str, tuple[str, ...] | str]) -> AmbiguousName:
    default = cues.get("default", "")
    return AmbiguousName(
        {place: words for place, words in cues.items() if isinstance(words, tuple)},
        default if isinstance(default, str) else "",
    )


def _decode(path: Path, kind: type[_T]) -> _T:
    return msgspec.convert(tomllib.loads(path.read_text(encoding="utf-8")), kind)
