from __future__ import annotations

import gzip

import pytest
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from processors import kafka_out

GZIP = 1  # of the attributes of a batch


def test_batches_are_compressed_by_the_fast_compressor() -> None:
    """aiokafka has no setting for it: a new version of it may call its compressor otherwise."""
    batch = DefaultRecordBatchBuilder(
        magic=2, compression_type=GZIP, is_transactional=0,
        producer_id=-1, producer_epoch=-1, base_sequence=-1, batch_size=10_000,
    )  # fmt: skip
    batch.append(0, timestamp=1, key=b"k", value=b"value " * 100, headers=[])

    written = bytes(batch.build())

    stream = written[written.index(b"\x1f\x8b") :]
    records = gzip.decompress(stream)
    assert b"value value" in records
    assert stream == kafka_out.compress(records)


@pytest.mark.parametrize("count", [1, 2, 6])
def test_records_go_where_kafkas_own_partitioner_sends_them(count: int) -> None:
    partitions = list(range(count))
    for number in range(50):
        key = f"{number:064x}".encode()
        expected = DefaultPartitioner()(key, partitions, partitions)
        assert kafka_out.Partitioner()(key, partitions, partitions) == expected
