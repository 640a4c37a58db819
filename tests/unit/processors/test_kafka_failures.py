"""Every exception of the Kafka clients has a meaning here; a new one must be looked at."""

from __future__ import annotations

import inspect
from types import ModuleType

import aiokafka.errors
import kafka.errors
import pytest

import dateline.kafka_errors
import processors.kafka_failures
from dateline.errors import ArticleInvalid, BrokerUnavailable, ConfigError, DatelineError

# What no retry can cure; everything else is waited out.
AIOKAFKA_RECORD = {"MessageSizeTooLargeError", "RecordTooLargeError"}
# No errors of the broker: wrong calls, which are our bugs and stop the stage.
AIOKAFKA_OURS = {"ConsumerStoppedError", "IllegalOperation"}
# One look at the whole table: a new class in either library changes the number.
AIOKAFKA_COUNT, KAFKA_COUNT = 104, 156


def classes(module: ModuleType) -> dict[str, type[BaseException]]:
    package = module.__name__.partition(".")[0]
    return {
        item.__name__: item
        for item in vars(module).values()
        if inspect.isclass(item)
        and issubclass(item, BaseException)
        and item.__module__.startswith(package)
    }


def made(error_class: type[BaseException]) -> BaseException:
    """Return an instance; some classes want arguments of their own."""
    try:
        return error_class("reason")
    except TypeError:
        return error_class.__new__(error_class)


@pytest.mark.parametrize(
    ("name", "error_class"), sorted(classes(aiokafka.errors).items()), ids=lambda x: str(x)[:40]
)
def test_every_error_of_aiokafka_has_a_meaning(name: str, error_class: type[BaseException]) -> None:
    if name in AIOKAFKA_OURS:
        assert not issubclass(error_class, aiokafka.errors.KafkaError)
        return
    error = made(error_class)
    assert isinstance(error, aiokafka.errors.KafkaError)

    meaning = processors.kafka_failures.translated(error)

    expected: type[DatelineError] = ArticleInvalid if name in AIOKAFKA_RECORD else BrokerUnavailable
    assert type(meaning) is expected


KAFKA_RECORD = {"MessageSizeTooLargeError"}


@pytest.mark.parametrize(
    ("name", "error_class"), sorted(classes(kafka.errors).items()), ids=lambda x: str(x)[:40]
)
def test_every_error_of_kafka_python_has_a_meaning(
    name: str, error_class: type[BaseException]
) -> None:
    error = made(error_class)
    assert isinstance(error, kafka.errors.KafkaError)

    meaning = dateline.kafka_errors.translated(error)

    if name in KAFKA_RECORD:
        assert type(meaning) is ArticleInvalid
    elif isinstance(error, dateline.kafka_errors.CONFIGURATION):
        assert type(meaning) is ConfigError
    else:
        assert type(meaning) is BrokerUnavailable


def test_no_error_class_is_new() -> None:
    assert len(classes(aiokafka.errors)) == AIOKAFKA_COUNT
    assert len(classes(kafka.errors)) == KAFKA_COUNT
