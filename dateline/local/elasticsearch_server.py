"""Return the embedded Elasticsearch's configuration, its command line and whether it answers."""

from __future__ import annotations

import http
import http.client
import json
import os
from dataclasses import dataclass
from pathlib import Path

from dateline.local.folders import Folders
from dateline.local.java import Java
from dateline.local.ports import HOST
from dateline.local.processes import ServerCommand


@dataclass(frozen=True, slots=True, kw_only=True)
class ElasticsearchPlan:
    """What one start of Elasticsearch needs."""

    folders: Folders
    java: Java
    home: Path
    heap_mb: int
    port: int
    transport_port: int

    @property
    def folder(self) -> Path:
        """The folder of data, configuration and temporary files; belongs to the server's user."""
        return self.folders.elasticsearch_dir


def elasticsearch_yml(plan: ElasticsearchPlan) -> str:
    """Return the configuration of a single node that only this machine can reach."""
    rows = {
        "cluster.name": "dateline",
        "node.name": "dateline",
        "discovery.type": "single-node",
        "network.host": HOST,
        "http.host": HOST,
        "http.port": plan.port,
        "transport.port": plan.transport_port,
        "path.data": json.dumps(str(plan.folder / "data")),
        "path.logs": json.dumps(str(plan.folder / "logs")),
        # Loopback only; with it every client would need a certificate.
        "xpack.security.enabled": "false",
        # A missing index template must be an error, not an index with guessed types.
        "action.auto_create_index": '"-*news-*,+*"',
        # At the default 95 % a developer's nearly full disk turns every index read-only.
        "cluster.routing.allocation.disk.threshold_enabled": "false",
    }
    return "".join(f"{key}: {value}\n" for key, value in rows.items())


def jvm_options(plan: ElasticsearchPlan) -> str:
    """Return the options of the distribution's own file, with our heap, folders and mark.

    Left out: the garbage collector's log, which would grow to 2 GB.
    """
    return "\n".join(
        [
            f"-Xms{plan.heap_mb}m",
            f"-Xmx{plan.heap_mb}m",
            "-XX:+UseSerialGC",
            "-Djava.io.tmpdir=${ES_TMPDIR}",
            "20-:--add-modules=jdk.incubator.vector",
            "23:-XX:CompileCommand=dontinline,java/lang/invoke/MethodHandle.setAsTypeCache",
            "23:-XX:CompileCommand=dontinline,java/lang/invoke/MethodHandle.asTypeUncached",
            "-Dorg.apache.lucene.store.defaultReadAdvice=normal",
            "-Dorg.apache.lucene.store.MMapDirectory.sharedArenaMaxPermits=1",
            "--add-opens=java.base/java.nio=org.apache.arrow.memory.core,ALL-UNNAMED",
            "--add-opens=java.base/jdk.internal.misc=ALL-UNNAMED",
            "-XX:+ExitOnOutOfMemoryError",
            f"-Ddateline.server={plan.folders.mark('elasticsearch')}",
            "",
        ]
    )


def logging_properties() -> str:
    """Return a log4j configuration: one readable line an event, to standard output."""
    return (
        "status = error\n"
        "appender.console.type = Console\n"
        "appender.console.name = console\n"
        "appender.console.layout.type = PatternLayout\n"
        "appender.console.layout.pattern = [%d{ISO8601}] %p %c{1.}: %m%consoleException%n\n"
        "rootLogger.level = info\n"
        "rootLogger.appenderRef.console.ref = console\n"
    )


def server_command(plan: ElasticsearchPlan) -> ServerCommand:
    """Return the command that runs the server (a small launcher with the server as its child)."""
    mark = plan.folders.mark("elasticsearch")
    return ServerCommand(
        # The setting only carries the mark into the launcher's command line.
        arguments=["/bin/bash", plan.home / "bin" / "elasticsearch", f"-Enode.attr.mark={mark}"],
        environment={
            "PATH": os.defpath,
            "ES_JAVA_HOME": str(plan.java.home),
            "ES_PATH_CONF": str(plan.folder / "config"),
            "ES_TMPDIR": str(plan.folder / "tmp"),
            "CLI_JAVA_OPTS": "-XX:TieredStopAtLevel=1",
        },
        working_dir=plan.folder,
        log_path=plan.folders.log_path("elasticsearch"),
        user=plan.folders.elasticsearch_user,
    )


def elasticsearch_answers(port: int) -> bool:
    """Say whether the cluster is at least yellow: every primary shard can be read and written.

    The distribution has no ``GET /``, so the cluster's health is asked. ``http.client`` knows
    nothing of proxy settings, which must not apply to this address.
    """
    connection = http.client.HTTPConnection(HOST, port, timeout=3)
    try:
        connection.request("GET", "/_cluster/health?wait_for_status=yellow&timeout=1s")
        response = connection.getresponse()
        return response.status == http.HTTPStatus.OK and b'"timed_out":false' in response.read()
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
