"""Delivery proved on the real servers: kills, outages, poison; see ``docs/faults.md``."""
