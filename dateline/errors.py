"""Return one kind of error for each kind of failure, with a code that never changes.

::

    DatelineError(code)
    |- ConfigError            E1xx  stop at start, exit code 2; says where and what to do
    |  |- QueryInvalid         E102  a watch's query cannot be read; points at the character
    |  |- QueryTooBroad        E103  a watch's query is true of nearly every article
    |- RecordRejected         E2xx  can never pass: dead letter with the original bytes, go on
    |  |- PayloadUndecodable  E201  not JSON, not UTF-8, too large
    |  |- SchemaMismatch      E202  wrong schema, version, field or type; names the JSON path
    |  |- ArticleInvalid      E203  well formed, but no article: empty, too long, bad id
    |  |- DocumentRefused     E204  Elasticsearch refused the document for good (4xx)
    |  |- ArticleCrashed      E205  the article killed or hung its worker process
    |- DependencyUnavailable  E3xx  wait and retry the same record; nothing is acknowledged
    |  |- BrokerUnavailable   E301
    |  |- SearchUnavailable   E302
    |  |- SearchThrottled     E303
    |- InvariantBroken        E9xx  our bug: loud, alone, commit nothing
       |- RecordCrashesStage  E901  the record raised an unforeseen error three times, alone
       |- WriterFenced        E902  a newer writer took over; this process must end

``docs/errors.md`` lists every code; a test compares it with this tree.
"""

from __future__ import annotations

from typing import ClassVar


class DatelineError(Exception):
    """Root of all errors raised on purpose; the message says what, where and what to do."""

    code: ClassVar[str] = "E000"
    exit_code: ClassVar[int] = 1

    def __init__(self, message: str, *, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(f"{message} {hint}".strip())


class ConfigError(DatelineError):
    """Something the operator can mend before the start; ends the command with exit code 2."""

    code = "E101"
    exit_code = 2


class QueryInvalid(ConfigError):
    """The query of a watch cannot be read.

    ``position`` is the character that it is about, from 0; the message shows it with a caret.
    """

    code = "E102"

    def __init__(self, message: str, *, position: int = 0, hint: str = "") -> None:
        self.position = position
        super().__init__(message, hint=hint)


class QueryTooBroad(ConfigError):
    """The query of a watch would be true of nearly every article."""

    code = "E103"


class RecordRejected(DatelineError):
    """A record that can never pass; it goes to the dead letters and the stream goes on."""

    code = "E200"


class PayloadUndecodable(RecordRejected):
    """The bytes are no JSON document, or too many."""

    code = "E201"


class SchemaMismatch(RecordRejected):
    """The JSON is no record of ours; the message names the JSON path."""

    code = "E202"


class ArticleInvalid(RecordRejected):
    """The record is well formed but holds no usable article."""

    code = "E203"


class DocumentRefused(RecordRejected):
    """Elasticsearch refused the document for a reason that will not change."""

    code = "E204"


class ArticleCrashed(RecordRejected):
    """The article killed its worker process or ran past its time limit, alone and repeatedly."""

    code = "E205"


class DependencyUnavailable(DatelineError):
    """A server is away; the same record is tried again."""

    code = "E300"


class BrokerUnavailable(DependencyUnavailable):
    """Kafka does not answer or does not acknowledge."""

    code = "E301"


class SearchUnavailable(DependencyUnavailable):
    """Elasticsearch does not answer, or answers with a server error."""

    code = "E302"


class SearchThrottled(DependencyUnavailable):
    """Elasticsearch asks for a pause (429)."""

    code = "E303"


class InvariantBroken(DatelineError):
    """Our own bug; the process says so loudly and acknowledges nothing."""

    code = "E900"
    exit_code = 70


class RecordCrashesStage(InvariantBroken):
    """A record raised an unforeseen error every time it was tried alone."""

    code = "E901"


class WriterFenced(InvariantBroken):
    """A newer writer of the same stage holds the transactional id; this one must end."""

    code = "E902"
