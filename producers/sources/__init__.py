"""One module a source kind: bytes in, parsed articles or refusals out; no Kafka."""
