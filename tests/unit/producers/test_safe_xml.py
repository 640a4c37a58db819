from __future__ import annotations

import contextlib
import http.server
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.sources.safe_xml import (
    XmlRefusedError,
    decode_xml,
    local_name,
    parse_xml,
    parse_xml_tolerantly,
    read_children_tolerantly,
)

SALAD = "é – “ü”"


@pytest.fixture
def counting_server() -> Iterator[tuple[str, list[str]]]:
    paths: list[str] = []

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            paths.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", paths
        server.shutdown()
        thread.join()


def refusal(data: bytes) -> str:
    with pytest.raises(XmlRefusedError) as caught:
        parse_xml_tolerantly(data)
    with pytest.raises(XmlRefusedError):
        parse_xml(data)
    with pytest.raises(XmlRefusedError):
        read_children_tolerantly(data, texts)
    return str(caught.value)


def texts(root_name: str, children: Iterator[Any]) -> list[str]:
    """Return the name of the root, and names and texts of what is below it, however deep."""
    below = [
        f"{local_name(each)}={each.text!r}{sorted(each.attrib.items())}"
        for child in children
        for each in child.iter("{*}*")
    ]
    return [root_name, *below]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        pytest.param(b"", "empty: 0 bytes", id="empty"),
        pytest.param(b" \n", "empty: no text", id="blank"),
        pytest.param(b"words", "no XML: no markup", id="no-markup"),
        pytest.param(b"<a>" * 100_000, "too large: Excessive depth", id="100k-nested"),
        pytest.param(b"<r>" + b"<a/>" * 1_000_001, "too many elements: ", id="elements"),
        pytest.param(
            b"<r " + b" ".join(b"a%d='1'" % number for number in range(500)) + b"/>",
            "too many attributes: ",
            id="attributes",
        ),
        pytest.param(b"<r a='" + b"x" * 11_000_000 + b"'/>", "too large: ", id="attribute-size"),
        pytest.param(
            b"<!DOCTYPE r [<!ENTITY a 'ha'><!ENTITY b '&a;&a;'>]><r>&b;</r>", "DTD: ", id="laughs"
        ),
        pytest.param(
            b"<!DOCTYPE r [<!ENTITY a '" + b"x" * 50_000 + b"'>]><r>" + b"&a;" * 50_000 + b"</r>",
            "DTD: ",
            id="quadratic-blowup",
        ),
        pytest.param(
            b"<!--" + b"-x" * 5000 + b"--><!DOCTYPE r [<!ENTITY a 'x'>]><r>&a;</r>",
            "DTD: ",
            id="behind-a-long-comment",
        ),
        pytest.param(
            b"<!DOCTYPE r><!DOCTYPE r [<!ENTITY a 'x'>]><r>&a;</r>", "DTD: ", id="second-doctype"
        ),
        pytest.param(
            "<!DOCTYPE r [<!ENTITY a 'x'>]><r>&a;</r>".encode("utf-16"), "DTD: ", id="utf-16"
        ),
        pytest.param(
            b"<?xml version='1.0' encoding='utf-7'?><r>+ADw-/r+AD4-</r>", "encoding: ", id="utf-7"
        ),
    ],
)
def test_hostile_xml_is_refused_at_once(data: bytes, reason: str) -> None:
    began_at = time.process_time()
    assert refusal(data).startswith(reason)
    assert time.process_time() - began_at < 5


@pytest.mark.parametrize("declaration", ["SYSTEM '{0}'", "PUBLIC '-//X//Y' '{0}'"])
def test_external_dtds_are_dropped_and_never_fetched(
    declaration: str, counting_server: tuple[str, list[str]]
) -> None:
    address, paths = counting_server
    text = f"<!DOCTYPE r {declaration.format(address + '/r.dtd')}><r>plain</r>"
    assert parse_xml(text.encode()).text == "plain"
    assert paths == []


@pytest.mark.parametrize("kind", ["http", "file", "parameter"])
def test_external_entities_are_never_fetched(
    kind: str, counting_server: tuple[str, list[str]], tmp_path: Path
) -> None:
    address, paths = counting_server
    secret = tmp_path / "secret.txt"
    secret.write_text("very secret")
    target = secret.as_uri() if kind == "file" else f"{address}/entity"
    percent = "% " if kind == "parameter" else ""
    text = f"<!DOCTYPE r [<!ENTITY {percent}e SYSTEM '{target}'> ]><r>&e;</r>"
    assert refusal(text.encode()).startswith("DTD: ")
    assert paths == []


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(f"<r>{SALAD}</r>".encode(), id="utf-8"),
        pytest.param(f"<r>{SALAD}</r>".encode("utf-8-sig"), id="utf-8-mark"),
        pytest.param(f"<r>{SALAD}</r>".encode("utf-16"), id="utf-16-mark"),
        pytest.param(f"<r>{SALAD}</r>".encode("utf-16-be"), id="utf-16-bare"),
        pytest.param(
            f"<?xml version='1.0' encoding='windows-1252'?><r>{SALAD}</r>".encode("cp1252"),
            id="declared",
        ),
        pytest.param(
            f"<?xml version='1.0' encoding='iso-8859-1'?><r>{SALAD}</r>".encode("cp1252"),
            id="latin-1-with-windows-quotes",
        ),
        pytest.param(
            f"<?xml version='1.0' encoding='utf-8'?><r>{SALAD}</r>".encode("cp1252"),
            id="declared-utf-8-is-windows",
        ),
        pytest.param(
            f"<?xml version='1.0' encoding='iso-8859-1'?><r>{SALAD}</r>".encode(),
            id="declared-latin-1-is-utf-8",
        ),
        pytest.param(
            f"<?xml version='1.0' encoding='utf-16'?><r>{SALAD}</r>".encode(),
            id="declared-utf-16-is-utf-8",
        ),
        pytest.param(
            f"<?xml version='1.0' encoding='no-such'?><r>{SALAD}</r>".encode(), id="unknown"
        ),
    ],
)
def test_the_encoding_is_found(data: bytes) -> None:
    assert parse_xml(data).text == SALAD


def test_the_charset_of_the_header_is_used() -> None:
    data = "<r>Привет</r>".encode("cp1251")
    assert parse_xml(data, charset="windows-1251").text == "Привет"


def test_one_bad_byte_does_not_change_the_encoding() -> None:
    text = "Zürich – " * 100
    assert decode_xml(text.encode() + b"\xff") == text + "\ufffd"


def test_named_entities_of_html_are_read() -> None:
    assert parse_xml(b"<r>a&nbsp;b &lt;&hellip;</r>").text == "a\xa0b <…"


@pytest.mark.parametrize("data", [b"<r>&unknown;</r>", b"<r>a & b</r>", b"<r><a></r>", b"<r>"])
def test_strict_reading_refuses_what_is_not_well_formed(data: bytes) -> None:
    with pytest.raises(XmlRefusedError, match=r"^broken XML: "):
        parse_xml(data)


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"<r>a?x=1&y=2 &amp; b &nope;</r>", "a?x=1&y=2 & b &nope;"),
        (b"<r>3 < 4</r>", "3 < 4"),
        (b"<r>a\0b\x01c&#0;&#1;d</r>", "abcd"),
        (b"Warning: line 3\n<r>text</r>", "text"),
        (b"<r><![CDATA[&nbsp; & <]]> &</r>", "&nbsp; & < &"),
        (b"<r>cut", "cut"),
    ],
)
def test_tolerant_reading_keeps_the_text(data: bytes, text: str) -> None:
    assert parse_xml_tolerantly(data).text == text


def test_undeclared_prefixes_mean_what_they_mean_everywhere() -> None:
    root = parse_xml_tolerantly(b"<r><dc:rights>ours</dc:rights><zz:a q:b='1'/><p10:00/></r>")
    assert [child.tag for child in root] == [
        "{http://purl.org/dc/elements/1.1/}rights",
        "{urn:undeclared}a",
        "{urn:undeclared}unnamed",
    ]


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    for parse in (parse_xml, parse_xml_tolerantly):
        with contextlib.suppress(XmlRefusedError):
            assert parse(b"<r>" + data) is not None


DOCUMENT = b"""<?xml version="1.0"?><!-- made --><urlset xmlns="urn:s" xmlns:n="urn:n">
<url><loc>https://x.example/?a=1&amp;b=2</loc><n:news><n:title a="1">One</n:title></n:news></url>
<url><loc><![CDATA[https://x.example/2]]></loc></url><other><url>no</url></other>
<url><loc>https://x.example/3</loc></url></urlset>"""


@given(st.data())
def test_elements_read_one_by_one_are_those_of_the_tree(data: st.DataObject) -> None:
    document = bytearray(DOCUMENT)
    for _ in range(data.draw(st.integers(0, 4))):
        start = data.draw(st.integers(0, len(document)))
        end = start + data.draw(st.integers(0, 12))
        document[start:end] = data.draw(
            st.one_of(st.just(bytes(document[start - 40 : start])), st.binary(max_size=4))
        )
    assert outcome(lambda: read_children_tolerantly(bytes(document), texts)) == outcome(
        lambda: tree_texts(bytes(document))
    )


def tree_texts(data: bytes) -> list[str]:
    root = parse_xml_tolerantly(data)
    return texts(local_name(root), iter(root))


def outcome(read: Callable[[], list[str]]) -> list[str] | str:
    try:
        return read()
    except XmlRefusedError as error:
        return str(error)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"<r>" + b"<a>" * 5 + b"</a>" * 5 + b"</r>", "too deep: over 5 "),
        (b"<r>" + b"<a/>" * 9 + b"<![CDATA[" + b"<" * 99 + b"]]></r>", "too many elements: over 9"),
    ],
)
def test_elements_read_one_by_one_are_counted(data: bytes, reason: str) -> None:
    assert read_children_tolerantly(data, texts, max_depth=6, max_elements=10)
    with pytest.raises(XmlRefusedError, match=f"^{reason}"):
        read_children_tolerantly(data, texts, max_depth=5, max_elements=9)
