"""Read the rights signals that stand beside an article's text, one module a protocol."""

from dateline.rights.signals.read_signals import read_signals

__all__ = ["read_signals"]
