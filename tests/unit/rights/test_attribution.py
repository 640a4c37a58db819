from __future__ import annotations

import json
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from known_licenses import ALL, REGISTRY
from made_statements import grant, licensed
from trafilatura.utils import load_html

from dateline.records import RightsSignal
from dateline.rights.attribution import Supplied, attribute
from dateline.rights.facts import Facts
from dateline.rights.license import License
from dateline.rights.notices import find_notices
from dateline.rights.record import Attribution, Rights
from dateline.rights.resolve import resolve
from dateline.rights.signals.read_signals import read_signals
from dateline.rights.statement import Reading
from producers.extract.page_signals import page_signals

NOTHING = Supplied()
BY = "Creative Commons Attribution 4.0 International"
URI = "https://creativecommons.org/licenses/by/4.0/"
FULL = Supplied(
    title="The “dam”\nheld",
    authors=("Jane Roe", "Kim Li"),
    url="https://news.example/dam?id=1",
    publisher="Orchard Wire",
)
HOSTILE = Supplied(
    title='</script><a rel="license" href="https://creativecommons.org/publicdomain/zero/1.0/">',
    authors=("<b>&amp;</b>",),
    url="https://news.example/?a=1&b=<2>",
)


def rights_of(license_: License, **fields: Any) -> Rights:
    stated = Reading(statements=(grant(license=None, **fields),))
    (statement,) = stated.statements
    fields_ = {name: getattr(statement, name) for name in statement.__slots__}
    return resolve(Reading(statements=(type(statement)(**{**fields_, "license": license_}),)))


def line_of(license_: License, supplied: Supplied = NOTHING, **fields: Any) -> Attribution:
    attribution = attribute(rights_of(license_, **fields), supplied)
    assert attribution is not None
    return attribution


CC_BY = licensed("CC-BY-4.0")


@pytest.mark.parametrize(
    ("licensor", "supplied", "expected"),
    [
        pytest.param(
            "Mehr News Agency",
            FULL,
            '"The “dam” held" by Jane Roe and Kim Li, Mehr News Agency'
            f" (https://news.example/dam?id=1), licensed under {BY} ({URI}).",
            id="all",
        ),
        pytest.param(
            "Mehr News Agency",
            Supplied(title="Dam held"),
            f'"Dam held", Mehr News Agency, licensed under {BY} ({URI}).',
            id="title",
        ),
        pytest.param(
            "Mehr News Agency",
            Supplied(authors=("Jane Roe",)),
            f"Jane Roe, Mehr News Agency, licensed under {BY} ({URI}).",
            id="author",
        ),
        pytest.param(
            "Mehr News Agency",
            Supplied(url="https://news.example/dam"),
            f"Mehr News Agency (https://news.example/dam), licensed under {BY} ({URI}).",
            id="address",
        ),
        pytest.param(
            None,
            Supplied(publisher="Orchard Wire"),
            f"Orchard Wire, licensed under {BY} ({URI}).",
            id="publisher-for-licensor",
        ),
        pytest.param(None, Supplied(), f"Licensed under {BY} ({URI}).", id="nothing"),
        pytest.param(
            None,
            Supplied(changes="translated by machine"),
            f"Licensed under {BY} ({URI}); translated by machine.",
            id="changes",
        ),
    ],
)
def test_attribute_credits_what_was_supplied(
    licensor: str | None, supplied: Supplied, expected: str
) -> None:
    assert line_of(CC_BY, supplied, licensor=licensor).text == expected


def test_attribute_credits_the_public_domain_as_a_courtesy() -> None:
    line = line_of(licensed("CC0-1.0"), Supplied(title="Dam held"))
    assert line.text == (
        f'"Dam held", marked with {licensed("CC0-1.0").name}'
        " (https://creativecommons.org/publicdomain/zero/1.0/)."
    )
    assert line.is_complete


def test_attribute_writes_jsonld_of_what_was_supplied() -> None:
    line = line_of(CC_BY, FULL, licensor="Mehr News Agency")
    assert json.loads(line.jsonld) == {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "url": "https://news.example/dam?id=1",
        "headline": "The “dam” held",
        "author": ["Jane Roe", "Kim Li"],
        "copyrightHolder": "Mehr News Agency",
        "creditText": line.text,
        "license": URI,
    }
    bare = json.loads(line_of(CC_BY).jsonld)
    assert set(bare) == {"@context", "@type", "creditText", "license"}


def test_attribute_names_author_and_source_in_html() -> None:
    html = line_of(CC_BY, FULL, licensor="Mehr News Agency").html
    assert (
        '<a rel="cc:attributionURL" property="cc:attributionName"'
        ' href="https://news.example/dam?id=1">Jane Roe</a>'
    ) in html
    assert f'<a rel="license" href="{URI}">{BY}</a>' in html
    bare = line_of(CC_BY, licensor="Mehr News Agency").html
    assert '<span property="cc:attributionName">Mehr News Agency</span>' in bare


def test_attribute_keeps_a_supplied_copyright_notice() -> None:
    line = line_of(CC_BY, FULL, copyright_notice="(c) 2026 Orchard Wire")
    assert line.text.endswith(f"({URI}). (c) 2026 Orchard Wire")
    assert "(c) 2026 Orchard Wire" in line.html
    assert json.loads(line.jsonld)["copyrightNotice"] == "(c) 2026 Orchard Wire"


@pytest.mark.parametrize(
    ("spdx_id", "fields", "supplied", "is_complete", "missing"),
    [
        pytest.param("CC-BY-4.0", {"licensor": "Mehr News Agency"}, Supplied(), True,
                     ("title", "author", "address"), id="seed"),
        pytest.param("CC-BY-4.0", {}, Supplied(authors=("Jane Roe",)), True,
                     ("title", "address", "licensor"), id="author"),
        pytest.param("CC-BY-4.0", {"copyright_holder": "Orchard Wire"}, FULL, True,
                     ("licensor",), id="holder"),
        pytest.param("CC-BY-4.0", {}, Supplied(publisher="Orchard Wire"), False,
                     ("title", "author", "address", "licensor"), id="publisher-alone"),
        pytest.param("LicenseRef-CC-BY", {"licensor": "Orchard Wire"}, FULL, False,
                     ("licence address",), id="no-version"),
        pytest.param("CC0-1.0", {}, Supplied(), True,
                     ("title", "author", "address", "licensor"), id="public-domain"),
    ],
)  # fmt: skip
def test_attribute_names_what_is_missing(
    spdx_id: str, fields: Any, supplied: Supplied, is_complete: bool, missing: tuple[str, ...]
) -> None:
    line = line_of(licensed(spdx_id), supplied, **fields)
    assert (line.is_complete, line.missing) == (is_complete, missing)


@pytest.mark.parametrize("status", ["unknown", "reserved", "conflict"])
def test_attribute_has_no_line_where_nothing_is_granted(status: Any) -> None:
    assert attribute(Rights(status=status, spdx_expression="CC-BY-4.0"), FULL) is None


class _Links(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.licenses: list[str | None] = []

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.tags.append(tag)
        row = dict(attrs)
        if "license" in (row.get("rel") or "").split():
            self.licenses.append(row.get("href"))


def test_attribute_escapes_what_a_source_supplied() -> None:
    line = line_of(CC_BY, HOSTILE)
    links = _Links()
    links.feed(line.html)
    assert links.licenses == [URI]
    assert "b" not in links.tags
    assert "<" not in line.jsonld
    assert json.loads(line.jsonld)["headline"].startswith("</script>")


def found_in_text(line: Attribution) -> Rights:
    return resolve(Reading(statements=find_notices(line.text, REGISTRY)))


def found_in_html(line: Attribution) -> Rights:
    tree = load_html(f"<html><body><article><p>A dam.</p>{line.html}</article></body></html>")
    return _found(page_signals(tree, {}))


def found_in_jsonld(line: Attribution) -> Rights:
    script = f'<script type="application/ld+json">{line.jsonld}</script>'
    tree = load_html(f"<html><head>{script}</head><body><p>A dam.</p></body></html>")
    return _found(page_signals(tree, {}))


def _found(signals: tuple[RightsSignal, ...]) -> Rights:
    return resolve(read_signals(signals, REGISTRY, article_url=FULL.url), Facts())


ADDRESSED = [each for each in ALL if each.uri]


@pytest.mark.parametrize("supplied", [Supplied(), FULL, Supplied(title="Dam. Water. U.S. (1)")])
@pytest.mark.parametrize("licensor", ["Mehr News Agency", None])
def test_our_own_line_gives_its_licence_back(supplied: Supplied, licensor: str | None) -> None:
    wrong = []
    for license_ in ADDRESSED:
        line = line_of(license_, supplied, licensor=licensor)
        expected = (license_.spdx_id, license_.constraints)
        readers = {"text": found_in_text, "html": found_in_html, "jsonld": found_in_jsonld}
        for name, read in readers.items():
            found = read(line)
            if (found.spdx_expression, found.effective) != expected:
                wrong.append((name, license_.spdx_id, found.status, found.spdx_expression))
    assert wrong == []


words = st.text(st.characters(codec="utf-8", exclude_characters="\0"), min_size=1, max_size=30)


@settings(max_examples=60)
@given(
    st.sampled_from(["CC-BY-NC-SA-4.0", "CC-BY-ND-3.0"]),
    st.builds(
        Supplied,
        title=st.none() | words,
        authors=st.lists(words, max_size=2).map(tuple),
        publisher=st.none() | words,
    ),
)
def test_our_own_html_gives_its_licence_back_whatever_was_supplied(
    spdx_id: str, supplied: Supplied
) -> None:
    assert found_in_html(line_of(licensed(spdx_id), supplied)).spdx_expression == spdx_id
