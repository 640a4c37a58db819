from __future__ import annotations

import gzip
import sys

import pytest
from aiokafka.partitioner import DefaultPartitioner
from aiokafka.record import default_records
from aiokafka.record.default_records import DefaultRecordBatchBuilder

from processors import kafka_gzip, kafka_out

GZIP = 1  # of the attributes of a batch


def test_batches_are_compressed_and_read_by_the_fast_compressor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
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
    assert stream == kafka_gzip.compress(records)
    asked: list[bytes] = []
    monkeypatch.setattr(
        sys.modules[default_records.DefaultRecordBatch.__module__],
        "gzip_decode",
        lambda data: (asked.append(data), gzip.decompress(data))[1],
    )
    (record,) = default_records.DefaultRecordBatch(written)
    assert (record.value, len(asked)) == (b"value " * 100, 1)


@pytest.mark.parametrize("count", [1, 2, 6])
def test_records_go_where_kafkas_own_partitioner_sends_them(count: int) -> None:
    partitions = list(range(count))
    for number in range(50):
        key = f"{number:064x}".encode()
        expected = DefaultPartitioner()(key, partitions, partitions)
        assert kafka_out.Partitioner()(key, partitions, partitions) == expected
