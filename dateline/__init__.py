"""Shared by producers and processors: records, wire format, settings, errors, servers, search."""

__version__ = "0.1.0"
