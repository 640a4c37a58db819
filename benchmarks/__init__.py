"""Measurements: speed, latency and memory, as ratios within one run."""
