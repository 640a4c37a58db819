"""Every exception of the Elasticsearch client has a meaning here; a new one must be looked at."""

from __future__ import annotations

import inspect

import elastic_transport
import elasticsearch
import pytest
from elastic_transport import ApiResponseMeta, HttpHeaders, NodeConfig

from dateline.errors import DatelineError, DocumentRefused, SearchThrottled, SearchUnavailable
from dateline.search.failures import for_status, item_reason, translated

KNOWN = {
    "ApiError", "AuthenticationException", "AuthorizationException", "BadRequestError",
    "ConflictError", "ConnectionError", "ConnectionTimeout", "NotFoundError", "SerializationError",
    "SniffingError", "TlsError", "TransportError", "UnsupportedProductError",
}  # fmt: skip


def error_classes() -> dict[str, type[Exception]]:
    modules = (elastic_transport, elasticsearch, elasticsearch.exceptions)
    return {
        item.__name__: item
        for module in modules
        for item in vars(module).values()
        if inspect.isclass(item) and issubclass(item, Exception) and not issubclass(item, Warning)
    }


def meta(status: int) -> ApiResponseMeta:
    return ApiResponseMeta(
        status=status, http_version="1.1", headers=HttpHeaders(), duration=0.1,
        node=NodeConfig("http", "localhost", 9200),
    )  # fmt: skip


def meaning_of(name: str, status: int = 400) -> DatelineError:
    error_class = error_classes()[name]
    if issubclass(error_class, elasticsearch.ApiError | elastic_transport.ApiError):
        return translated(error_class("kind", meta(status), {}))  # type: ignore[call-arg,arg-type]  # one of the family
    assert issubclass(error_class, elastic_transport.TransportError)
    return translated(error_class("reason"))


def test_no_error_class_is_new() -> None:
    assert set(error_classes()) == KNOWN


@pytest.mark.parametrize("name", sorted(KNOWN))
def test_every_error_class_has_a_meaning(name: str) -> None:
    status = {
        "AuthenticationException": 401, "AuthorizationException": 403, "NotFoundError": 404,
        "ConflictError": 409, "UnsupportedProductError": 200,
    }.get(name, 400)  # fmt: skip

    meaning = meaning_of(name, status)

    is_refusal = name in {"ApiError", "BadRequestError"}
    assert type(meaning) is (DocumentRefused if is_refusal else SearchUnavailable)


@pytest.mark.parametrize("status", range(200, 600))
def test_every_status_of_a_request_has_a_meaning(status: int) -> None:
    expected = {400: DocumentRefused, 413: DocumentRefused, 429: SearchThrottled}

    assert type(meaning_of("ApiError", status)) is expected.get(status, SearchUnavailable)


@pytest.mark.parametrize(
    ("status", "expected"),
    [
        (400, DocumentRefused), (401, SearchUnavailable), (403, SearchUnavailable),
        (404, SearchUnavailable), (408, SearchUnavailable), (413, DocumentRefused),
        (429, SearchThrottled), (500, SearchUnavailable), (503, SearchUnavailable),
        (507, SearchUnavailable),
    ],
)  # fmt: skip
def test_every_status_of_an_item_has_a_meaning(status: int, expected: type) -> None:
    assert type(for_status(status, "because")) is expected


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ({"error": {"type": "a", "reason": "b"}}, "a: b"),
        ({"error": {"type": "a", "reason": "b", "caused_by": {"reason": "c"}}}, "a: b; c"),
        (
            {"error": {"type": "a", "reason": "no [date] in doc. Preview of field's value: 'x'"}},
            "a: no [date] in doc.",
        ),
        ({"error": "text"}, "text"),
        ({}, "None: None"),
        ({"error": {"type": "a", "reason": "x" * 900}}, "a: " + "x" * 297),
    ],
)
def test_reason_of_an_item(item: dict[str, object], expected: str) -> None:
    assert item_reason(item) == expected


def test_answer_in_an_error_is_cut() -> None:
    error = elastic_transport.SerializationError("Unable to deserialize as JSON: " + "x" * 9000)

    assert len(str(translated(error))) <= 300


def test_error_of_a_connection_says_why() -> None:
    # As the client raises it: the errors behind it were taken away.
    error = elastic_transport.ConnectionError("Cannot connect to host 127.0.0.1:9200")

    assert "Cannot connect to host" in str(translated(error))
