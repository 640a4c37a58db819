"""Return the embedded broker's configuration, its command lines and whether it answers."""

from __future__ import annotations

import os
import socket
from dataclasses import dataclass
from pathlib import Path

from dateline.local.folders import Folders
from dateline.local.java import Java
from dateline.local.ports import HOST
from dateline.local.processes import ServerCommand

# One cluster a project folder, for ever; the id only has to be 16 bytes in base64.
CLUSTER_ID = "RGF0ZWxpbmVfbG9jYWxfMQ"
NODE_ID = 1
# News records go up to 5 MB, their dead letters carry more: see config/topics.toml.
MESSAGE_MAX_BYTES = 17_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class KafkaPlan:
    """What one start of the broker needs."""

    folders: Folders
    java: Java
    jars: tuple[Path, ...]
    heap_mb: int
    port: int
    controller_port: int

    @property
    def data_dir(self) -> Path:
        """The folder of the topics."""
        return self.folders.kafka_dir / "data"

    @property
    def config_path(self) -> Path:
        """The file of ``broker_properties``."""
        return self.folders.kafka_dir / "server.properties"


def broker_properties(plan: KafkaPlan, data_dir: Path) -> str:
    """Return the KRaft properties of one node that is broker and controller.

    The voters stand in this file (a static quorum): a dynamic one keeps the controller's address in
    the data, which would be wrong after a restart on another port.
    """
    rows = {
        "process.roles": "broker,controller",
        "node.id": NODE_ID,
        "controller.quorum.voters": f"{NODE_ID}@{HOST}:{plan.controller_port}",
        "listeners": f"PLAINTEXT://{HOST}:{plan.port},CONTROLLER://{HOST}:{plan.controller_port}",
        "advertised.listeners": f"PLAINTEXT://{HOST}:{plan.port}",
        "controller.listener.names": "CONTROLLER",
        "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
        # A backslash is an escape sign in a properties file.
        "log.dirs": str(data_dir).replace("\\", "\\\\"),
        "auto.create.topics.enable": "false",
        "message.max.bytes": MESSAGE_MAX_BYTES,
        "replica.fetch.max.bytes": MESSAGE_MAX_BYTES,
        "group.initial.rebalance.delay.ms": 0,
        # One node: the inner topics cannot have the three copies that are the default, and their
        # default of 50 partitions each costs a second of every start.
        "offsets.topic.replication.factor": 1,
        "offsets.topic.num.partitions": 4,
        "transaction.state.log.replication.factor": 1,
        "transaction.state.log.min.isr": 1,
        "transaction.state.log.num.partitions": 2,
        "share.coordinator.state.topic.replication.factor": 1,
        "share.coordinator.state.topic.min.isr": 1,
        "share.coordinator.state.topic.num.partitions": 1,
        # After a kill the restarted broker waits until its old session is over (default 9 s).
        "broker.session.timeout.ms": 4000,
        "broker.heartbeat.interval.ms": 1000,
        "log.cleaner.dedupe.buffer.size": 16 * 1024 * 1024,
    }
    return "".join(f"{key}={value}\n" for key, value in rows.items())


def logging_properties() -> str:
    """Return a log4j configuration: one readable line an event, to standard output."""
    return (
        "status=error\n"
        "appender.console.type=Console\n"
        "appender.console.name=console\n"
        "appender.console.layout.type=PatternLayout\n"
        "appender.console.layout.pattern=[%d] %p %m (%c{1})%n%throwable{short}\n"
        "rootLogger.level=info\n"
        # Each start would print a thousand lines of settings.
        "logger.config.name=org.apache.kafka.common.config.AbstractConfig\n"
        "logger.config.level=warn\n"
        "logger.server.name=kafka.server.KafkaConfig\n"
        "logger.server.level=warn\n"
        "rootLogger.appenderRef.console.ref=console\n"
    )


def format_command(plan: KafkaPlan, config_path: Path) -> list[str]:
    """Return the command that prepares an empty data folder."""
    tool = ["kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", str(config_path)]
    return [*_java_command(plan, heap_mb=128), *tool]


def broker_command(plan: KafkaPlan) -> ServerCommand:
    """Return the command that runs the broker."""
    return ServerCommand(
        arguments=[
            *_java_command(plan, heap_mb=plan.heap_mb),
            "kafka.Kafka",
            str(plan.config_path),
        ],
        environment={},
        working_dir=plan.folders.kafka_dir,
        log_path=plan.folders.log_path("kafka"),
    )


def kafka_answers(port: int) -> bool:
    """Say whether the broker has joined its cluster and serves clients.

    The port opens before that, so an open port is only the sign to ask.
    """
    with socket.socket() as probe:
        probe.settimeout(0.5)
        if probe.connect_ex((HOST, port)) != 0:
            return False
    # Imported late: every stage reads the endpoints, and this client costs 0.1 s.
    from kafka import KafkaAdminClient
    from kafka.errors import KafkaError

    try:
        client = KafkaAdminClient(
            bootstrap_servers=f"{HOST}:{port}", bootstrap_timeout_ms=2000, request_timeout_ms=2000
        )
        try:
            return bool(client.describe_cluster()["brokers"])
        finally:
            client.close()
    except (KafkaError, OSError):
        return False


def _java_command(plan: KafkaPlan, *, heap_mb: int) -> list[str]:
    folder = plan.folders.kafka_dir
    return [
        str(plan.java.home / "bin" / "java"),
        f"-Xmx{heap_mb}m",
        "-XX:+UseSerialGC",
        "-XX:TieredStopAtLevel=1",
        "-XX:+ExitOnOutOfMemoryError",
        "-Djava.awt.headless=true",
        # Native libraries are unpacked here: /tmp may forbid to run them.
        f"-Djava.io.tmpdir={folder / 'tmp'}",
        f"-Dlog4j2.configurationFile={folder / 'log4j2.properties'}",
        f"-Ddateline.server={plan.folders.mark('kafka')}",
        "-cp",
        os.pathsep.join(str(jar) for jar in plan.jars),
    ]
