"""Return our errors for those of the Kafka clients; the only place that knows theirs."""

from __future__ import annotations

from kafka.errors import (
    AuthorizationError,
    KafkaConfigurationError,
    KafkaError,
    MessageSizeTooLargeError,
    SaslAuthenticationFailedError,
    UnsupportedVersionError,
)

from dateline.errors import ArticleInvalid, BrokerUnavailable, ConfigError, DatelineError

CONFIGURATION = (
    SaslAuthenticationFailedError,
    AuthorizationError,
    UnsupportedVersionError,
    KafkaConfigurationError,
)


def translated(error: KafkaError) -> DatelineError:
    """Return the error of ours that says what to do about ``error``.

    Credentials and versions are the operator's to mend; a message over the topic's limit is the
    record's fault; everything else (timeouts, leader changes, lost connections) passes with time.
    """
    if isinstance(error, CONFIGURATION):
        return ConfigError(f"Kafka refuses this client: {error}.")
    if isinstance(error, MessageSizeTooLargeError):
        return ArticleInvalid(f"Kafka refuses the record as too large: {error}")
    return BrokerUnavailable(
        f"Kafka does not answer: {error!r}.", hint="`dateline status` says whether it runs."
    )
