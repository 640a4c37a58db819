"""Return our errors for aiokafka's; the only place that knows them."""

from __future__ import annotations

from aiokafka.errors import (
    AuthenticationFailedError,
    KafkaError,
    MessageSizeTooLargeError,
    RecordTooLargeError,
    TopicAuthorizationFailedError,
)

from dateline.errors import ArticleInvalid, BrokerUnavailable, DatelineError


def translated(error: KafkaError) -> DatelineError:
    """Return what ``error`` means for a stage.

    A refused login or topic is waited out too: the record is not to blame, and an operator can mend
    it while the stage waits and says so.
    """
    if isinstance(error, MessageSizeTooLargeError | RecordTooLargeError):
        return ArticleInvalid(f"Kafka refuses the record as too large: {error}")
    if isinstance(error, AuthenticationFailedError | TopicAuthorizationFailedError):
        return BrokerUnavailable(f"Kafka refuses this client: {error!r}.")
    return BrokerUnavailable(f"Kafka does not acknowledge: {error!r}.")
