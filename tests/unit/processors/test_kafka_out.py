from __future__ import annotations

import gzip

from aiokafka.record.default_records import DefaultRecordBatchBuilder

from processors import kafka_out

# What the header of a gzip stream says of its level (RFC 1952, XFL).
FASTEST = 4
GZIP = 1  # of the attributes of a batch


def test_batches_are_compressed_at_the_fastest_level() -> None:
    """aiokafka has no setting for it: a new version of it may call its compressor otherwise."""
    assert kafka_out.GZIP_LEVEL == 1
    batch = DefaultRecordBatchBuilder(
        magic=2, compression_type=GZIP, is_transactional=0,
        producer_id=-1, producer_epoch=-1, base_sequence=-1, batch_size=10_000,
    )  # fmt: skip
    batch.append(0, timestamp=1, key=b"k", value=b"value " * 100, headers=[])

    written = bytes(batch.build())

    stream = written[written.index(b"\x1f\x8b") :]
    assert stream[8] == FASTEST
    assert b"value value" in gzip.decompress(stream)
