from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from dateline import ids

PARTS = st.text(alphabet="ab1:2", max_size=4)


@given(PARTS, PARTS, PARTS, PARTS)
def test_two_articles_have_one_id_only_if_they_are_the_same(
    source: str, key: str, other_source: str, other_key: str
) -> None:
    same = (source, key) == (other_source, other_key)

    assert (ids.article_id(source, key) == ids.article_id(other_source, other_key)) is same


def test_ids_are_fixed_for_ever() -> None:
    """They are keys in Kafka and Elasticsearch: a change is a second copy of everything."""
    article_id = ids.article_id("wire.example", "1")

    assert article_id == "0c5c6ab19b6f267c14bfa5a61eeb0f582020f39678b311fec3a54abec8717815"
    assert (
        ids.story_id(article_id)
        == "ac04b5135c760528755ddb6652a212e96bbe6506f4222e43b4d274aa76c5c727"
    )
    assert (
        ids.entity_id("person", "Marta Oliveira")
        == "dc14dfa70491e76ec4db21a8863f2089c6288688b271ca2b66401b040f06b01d"
    )
    assert (
        ids.content_sha256(title="T", summary=None, body="B")
        == "fc2fc6d7fadf1a94509233109939abe0c3c6d538d3535eff504220429cb70f1a"
    )


def test_story_article_and_entity_of_one_name_differ() -> None:
    assert len({ids.story_id("x"), ids.article_id("x", ""), ids.entity_id("x", "")}) == 3


def test_entity_id_is_that_of_every_spelling_of_the_same_words() -> None:
    assert ids.entity_id("person", "Sami el-Haddad") == ids.entity_id("person", "Sami Al Haddad")
    assert ids.entity_id("organization", "Orvena Ltd.") == ids.entity_id("organization", "Orvena")
    assert ids.entity_id("place", "Orvena Ltd.") != ids.entity_id("place", "Orvena")


def test_each_part_of_the_content_counts() -> None:
    contents = [("a", "b", "c"), ("ab", "", "c"), ("", "ab", "c"), ("a", "bc", ""), ("", "", "abc")]
    hashes = {ids.content_sha256(title=t, summary=s, body=b) for t, s, b in contents}

    assert len(hashes) == len(contents)


def test_absent_and_empty_are_the_same_content() -> None:
    empty = ids.content_sha256(title="", summary="", body="x")

    assert ids.content_sha256(title=None, summary=None, body="x") == empty


def test_lone_surrogates_have_hashes_of_their_own() -> None:
    assert ids.text_sha256("\ud800") != ids.text_sha256("\udfff")
    ids.content_sha256(title=None, summary=None, body="\ud800")


def test_content_sha256_tells_withheld_and_other_rights_from_the_same_text() -> None:
    signal = ("ninjs", "usageTerms", "Text only")
    other = ("ninjs", "usageTerms", "No archive")
    hashes = {
        ids.content_sha256(title="T", summary=None, body="B"),
        ids.content_sha256(title="T", summary=None, body="B", pub_status="withheld"),
        ids.content_sha256(title="T", summary=None, body="B", rights=[signal]),
        ids.content_sha256(title="T", summary=None, body="B", rights=[signal, other]),
    }
    assert len(hashes) == 4

    one_order = ids.content_sha256(title="T", summary=None, body="B", rights=[signal, other])
    turned = ids.content_sha256(title="T", summary=None, body="B", rights=[other, signal])
    assert one_order == turned
