"""Serve search, watches and alerts over HTTP: pages, JSON API, Server-Sent Events, Atom."""
