from __future__ import annotations

import pytest

from dateline.errors import ConfigError
from producers.push.api_keys import find_api_key, parse_api_keys

KEY = "0123456789abcdef"


def test_api_keys_bind_each_key_to_its_publisher() -> None:
    keys = parse_api_keys(f"wire:{KEY}1, wire:{KEY}2 ,other:{KEY}:3,")
    found = [find_api_key(keys, secret) for secret in (f"{KEY}1", f"{KEY}2", f"{KEY}:3")]
    assert [key.source_id if key else None for key in found] == ["wire", "wire", "other"]


@pytest.mark.parametrize("secret", ["", KEY, f"{KEY}1 ", f"{KEY}1\udcff", "é" * 20])
def test_api_keys_find_no_publisher_for_a_wrong_key(secret: str) -> None:
    assert find_api_key(parse_api_keys(f"wire:{KEY}1"), secret) is None


def test_api_keys_without_a_value_are_none() -> None:
    assert parse_api_keys("") == ()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        pytest.param(KEY, "entry 1 names no publisher", id="no-publisher"),
        pytest.param(f"a:{KEY},:{KEY}2", "entry 2 names no publisher", id="empty-publisher"),
        pytest.param("wire:short", "key of 'wire' has fewer than 16", id="short"),
        pytest.param(f"a:{KEY},b:{KEY}", "one key stands there twice", id="shared"),
    ],
)
def test_api_keys_refuse_a_bad_value_without_showing_it(text: str, message: str) -> None:
    with pytest.raises(ConfigError, match=message) as caught:
        parse_api_keys(text)
    assert KEY not in str(caught.value)
    assert "short" not in str(caught.value)


def test_api_keys_show_neither_key_nor_hash() -> None:
    [key] = parse_api_keys(f"wire:{KEY}")
    assert repr(key) == "ApiKey(source_id='wire')"
