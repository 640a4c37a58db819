"""Rewrite ``config/servers.toml`` (developers only: ``python -m dateline.local.pin``).

Resolves the dependency closure of the Kafka version below, downloads every file into a temporary
folder and records its size and SHA-256. Change a version here, run it, read the diff.
"""

from __future__ import annotations

import hashlib
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path

from jgo.maven import Artifact, MavenContext

from dateline.local.pins import PINS_PATH

KAFKA = "org.apache.kafka:kafka_2.13:4.1.0"
# Kafka's own class path has an slf4j interface and log4j, but nothing that joins them: without
# this jar the broker logs nothing at all. Its version is that of the log4j in the closure.
KAFKA_LOGGING = ("org.apache.logging.log4j", "log4j-slf4j-impl", "2.24.3")
ELASTICSEARCH = ("org.elasticsearch.distribution.integ-test-zip", "elasticsearch", "9.5.3")

_HEADER = """\
# Files of the embedded servers: Maven coordinates, size and SHA-256 of each.
# Written by `python -m dateline.local.pin`; a file that differs from its pin is never used.
"""


def main() -> None:
    """Write the pins.

    Effects: downloads about 180 MB into a temporary folder and replaces ``config/servers.toml``.
    """
    with tempfile.TemporaryDirectory() as folder:
        context = MavenContext(repo_cache=Path(folder))
        broker = context.create_dependency(KAFKA)
        _, closure = context.resolver.resolve([broker])
        bridge = context.project(*KAFKA_LOGGING[:2]).at_version(KAFKA_LOGGING[2]).artifact()
        jars = [broker.artifact, bridge, *sorted((d.artifact for d in closure), key=str)]
        archive = context.project(*ELASTICSEARCH[:2]).at_version(ELASTICSEARCH[2])
        text = "\n".join(
            [
                _HEADER,
                *_table("kafka", KAFKA.rpartition(":")[2], jars),
                *_table("elasticsearch", ELASTICSEARCH[2], [archive.artifact(packaging="zip")]),
            ]
        )
    PINS_PATH.write_text(text, encoding="utf-8")
    sys.stdout.write(f"{PINS_PATH}: {len(jars) + 1} files pinned\n")


def _table(server: str, version: str, artifacts: Iterable[Artifact]) -> list[str]:
    lines = [f"[{server}]", f'version = "{version}"', ""]
    for artifact in artifacts:
        content = artifact.resolve().read_bytes()
        lines += [
            f"[[{server}.files]]",
            f'coordinates = "{artifact.groupId}:{artifact.artifactId}:{artifact.version}"',
            f'packaging = "{artifact.packaging}"',
            f"size_bytes = {len(content)}",
            f'sha256 = "{hashlib.sha256(content).hexdigest()}"',
            "",
        ]
    return lines


if __name__ == "__main__":
    main()
