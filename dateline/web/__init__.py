"""Serve alerts over HTTP: JSON API, Server-Sent Events, Atom feeds and a page."""
