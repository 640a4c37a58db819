"""Signals as the readers of pages, feeds and hosts write them."""

from __future__ import annotations

from dateline.records import RightsSignal

ARTICLE = "https://post.example/news/open/mill?page=2"


def header(name: str, value: str) -> RightsSignal:
    return RightsSignal(layer="http", field=name, value=value)


def meta(name: str, value: str) -> RightsSignal:
    return RightsSignal(layer="html", field=f"meta[name={name}]", value=value)


def robots(text: str) -> RightsSignal:
    return RightsSignal(
        layer="robots",
        field="robots.txt",
        value=text,
        source_url="https://post.example/robots.txt",
    )


def tdm_file(text: str) -> RightsSignal:
    return RightsSignal(layer="wellknown", field="tdmrep.json", value=text)


def rsl_document(contents: str, source_url: str | None = None) -> RightsSignal:
    xml = f'<rsl xmlns="https://rslstandard.org/rsl">{contents}</rsl>'
    return RightsSignal(layer="rsl", field="document", value=xml, source_url=source_url)


def content(terms: str, url: str = "/") -> str:
    return f'<content url="{url}"><license>{terms}</license></content>'
