"""Embedded Kafka and Elasticsearch: real servers without Docker (``dateline up``)."""

from dateline.local.options import (
    SERVER_NAMES,
    Endpoints,
    Progress,
    ServerName,
    ServerOptions,
    ServerStatus,
    SilentProgress,
)
from dateline.local.servers import (
    read_endpoints,
    server_status,
    start_server,
    start_servers,
    stop_server,
    stop_servers,
)

__all__ = [
    "SERVER_NAMES",
    "Endpoints",
    "Progress",
    "ServerName",
    "ServerOptions",
    "ServerStatus",
    "SilentProgress",
    "read_endpoints",
    "server_status",
    "start_server",
    "start_servers",
    "stop_server",
    "stop_servers",
]
