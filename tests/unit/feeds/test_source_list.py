from __future__ import annotations

import contextlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dateline.errors import ConfigError
from producers.feeds.source_list import (
    SourceConfig,
    add_source,
    load_sources,
    parse_sources,
    remove_source,
)

ROOT = Path(__file__).resolve().parents[3]
LIST = """# Ours.

# The first paper.
[[sources]]
url = "https://www.first.example/feed.xml"   # its front page
publisher = "First"

# The second paper.
[[sources]]
url = "http://second.example/sitemap.xml"
kind = "sitemap"
# Not now.
# is_active = false

# The third paper.
[[sources]]
url = "https://third.example/a"
"""


def refused(text: str) -> str:
    with pytest.raises(ConfigError) as caught:
        parse_sources(text, shown="sources.toml")
    return str(caught.value)


def one(**keys: object) -> str:
    lines = [f"{key} = {value}" for key, value in keys.items()]
    return "\n".join(["[[sources]]", 'url = "https://a.example/feed"', *lines])


def urls(text: str) -> list[str]:
    return [source.url for source in parse_sources(text, shown="x")]


def test_source_with_an_address_only_has_all_defaults() -> None:
    (source,) = parse_sources('[[sources]]\nurl = "https://www.paper.example/feed"', shown="x")
    assert source == SourceConfig(
        url="https://www.paper.example/feed", publisher="paper.example", kind="auto"
    )
    assert source.feed_id == "https://www.paper.example/feed"
    assert (source.full_text, source.recheck, source.websub, source.is_active) == (
        ("auto", True, True, True)
    )


def test_source_keys_are_read() -> None:
    text = one(
        publisher='"P"', kind='"atom"', full_text='"never"', min_interval_seconds=30,
        max_interval_seconds=90.5, max_items_per_poll=7, recheck="false", websub="false",
        is_active="false", language='"pt-BR"',
    )  # fmt: skip
    (source,) = parse_sources(text, shown="x")
    assert source == SourceConfig(
        url="https://a.example/feed", publisher="P", kind="atom", full_text="never",
        min_interval_seconds=30.0, max_interval_seconds=90.5, max_items_per_poll=7, recheck=False,
        websub=False, is_active=False, language="pt-BR",
    )  # fmt: skip


def test_sources_of_one_publisher_keep_their_order() -> None:
    text = "".join(
        f'[[sources]]\nurl = "https://p.example/{n}"\npublisher = "P"\n' for n in (3, 1, 2)
    )
    assert urls(text) == [f"https://p.example/{n}" for n in (3, 1, 2)]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("x = ", "sources.toml is not valid TOML: Invalid value (at end of document)."),
        (
            '[[source]]\nurl = "https://a.example/"',
            "sources.toml: unknown key 'source'. Each source begins with [[sources]].",
        ),
        (
            "[sources]\nurl = 'x'",
            "sources.toml: 'sources' is not a list. Each source begins with [[sources]].",
        ),
        (
            "sources = ['https://a.example/']",
            "sources.toml: source 1 is not a table. Each begins with [[sources]].",
        ),
        (
            one(publishr='"P"'),
            "sources.toml: source 1: unknown key 'publishr'. Did you mean 'publisher'?",
        ),
        (
            one() + '\n[[sources]]\npublisher = "P"',
            "sources.toml: source 2: the key 'url' is missing.",
        ),
        (
            one(kind='"html"'),
            "sources.toml: source 1: kind: Invalid enum value 'html'."
            " One of: auto, rss, atom, json_feed, sitemap, ninjs, newsml_g2.",
        ),
        (one(recheck='"no"'), "sources.toml: source 1: recheck: Expected `bool`, got `str`."),
        (
            one(min_interval_seconds=0),
            "sources.toml: source 1: min_interval_seconds: Expected `float` >= 1.0.",
        ),
        (
            one(min_interval_seconds=90, max_interval_seconds=60),
            "sources.toml: source 1: min_interval_seconds 90 is above max_interval_seconds 60.",
        ),
        (one(publisher='"  "'), "sources.toml: source 1: publisher is empty."),
        (
            '[[sources]]\nurl = "file:///etc/passwd"',
            "sources.toml: source 1: url: 'file:///etc/passwd' is no http or https address."
            " Give the address of a feed or sitemap.",
        ),
        (
            one() + '\n[[sources]]\nurl = "http://A.example:80/feed?utm_source=x"',
            "sources.toml: source 2: url 'http://A.example:80/feed?utm_source=x' is the same as"
            " that of source 1. Remove one of them.",
        ),
    ],
)
def test_source_list_error_names_place_and_remedy(text: str, message: str) -> None:
    assert refused(text) == message


@pytest.mark.parametrize("value", ["nan", "inf", "-1", "true", "'5'", "[]"])
def test_interval_must_be_a_sensible_number(value: str) -> None:
    assert "min_interval_seconds" in refused(one(min_interval_seconds=value))


def test_missing_list_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load_sources(tmp_path / "sources.toml")
    assert str(caught.value) == (
        f"source list {tmp_path}/sources.toml does not exist."
        " Create it: `dateline sources add URL`."
    )


def test_list_in_another_encoding_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    path.write_bytes(b"# caf\xe9")
    with pytest.raises(ConfigError, match="cannot be read"):
        load_sources(path)


def test_list_with_a_byte_order_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "sources.toml"
    path.write_text(LIST, encoding="utf-8-sig")
    assert len(load_sources(path)) == 3


def test_shipped_list_is_empty_and_its_example_is_valid() -> None:
    path = ROOT / "config" / "sources.toml"
    assert load_sources(path) == ()
    lines = [line[2:].strip() for line in path.read_text(encoding="utf-8").splitlines()]
    example = "\n".join(line for line in lines if line.startswith(("[[", "url = ")))
    assert len(parse_sources(example, shown="example")) == 1


def test_shipped_list_names_every_key_with_its_default() -> None:
    text = (ROOT / "config" / "sources.toml").read_text(encoding="utf-8")
    for field, default in [
        ("kind", '"auto"'), ("full_text", '"auto"'), ("recheck", "true"), ("websub", "true"),
        ("is_active", "true"), ("min_interval_seconds", "60"), ("max_interval_seconds", "3600"),
        ("max_items_per_poll", "100"), ("publisher", '"example.org"'), ("language", '"en"'),
    ]:  # fmt: skip
        assert f"#   {field} = {default} " in text


def test_added_source_stands_at_the_end_and_the_rest_is_untouched() -> None:
    added = add_source(
        LIST, SourceConfig(url="https://new.example/f", publisher="New “Paper”", kind="rss")
    )
    assert added == LIST + (
        '\n[[sources]]\nurl = "https://new.example/f"\npublisher = "New “Paper”"\nkind = "rss"\n'
    )


def test_source_added_to_an_empty_list_needs_its_address_only() -> None:
    source = SourceConfig(url="https://www.new.example/f", publisher="new.example")
    assert add_source("", source) == '[[sources]]\nurl = "https://www.new.example/f"\n'


def test_known_source_is_not_added_again() -> None:
    with pytest.raises(ConfigError, match="is in the source list already"):
        add_source(LIST, SourceConfig(url="https://second.example/sitemap.xml", publisher="x"))


def test_removed_source_leaves_comments_and_order() -> None:
    assert remove_source(LIST, "https://second.example/sitemap.xml") == LIST.replace(
        '[[sources]]\nurl = "http://second.example/sitemap.xml"\nkind = "sitemap"\n', ""
    )
    assert urls(remove_source(LIST, "https://www.first.example/feed.xml")) == [
        "http://second.example/sitemap.xml",
        "https://third.example/a",
    ]


def test_source_is_removed_from_a_list_in_one_line() -> None:
    text = 'sources = [{url = "https://a.example/"}, {url = "https://b.example/"}]\n'
    assert urls(remove_source(text, "https://a.example")) == ["https://b.example/"]


def test_source_that_is_not_there_is_not_removed() -> None:
    with pytest.raises(ConfigError) as caught:
        remove_source(LIST, "https://third.example/b")
    assert str(caught.value) == (
        "https://third.example/b is not in the source list. Did you mean 'https://third.example/a'?"
    )


@given(st.text(max_size=200))
def test_any_text_is_a_list_or_a_config_error(text: str) -> None:
    with contextlib.suppress(ConfigError):
        parse_sources(text, shown="x")


@given(
    st.builds(
        SourceConfig,
        url=st.from_regex(r"https://[a-z]{1,9}\.example/[a-z0-9/]{0,20}", fullmatch=True),
        publisher=st.text(min_size=1, max_size=50).filter(lambda s: s.strip() == s),
        kind=st.sampled_from(["auto", "rss", "sitemap"]),
        min_interval_seconds=st.none() | st.floats(1, 1000),
        recheck=st.booleans(),
    )
)
def test_added_source_is_read_back_and_removed_without_trace(source: SourceConfig) -> None:
    if any(0xD800 <= ord(character) <= 0xDFFF for character in source.publisher):
        return
    added = add_source(LIST, source)
    assert parse_sources(added, shown="x")[-1] == source
    assert parse_sources(remove_source(added, source.url), shown="x") == parse_sources(
        LIST, shown="x"
    )
