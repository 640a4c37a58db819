"""News sites on loopback, simulated from a seed: honest, lying, slow and hostile ones.

Imports inside are relative: tests know this package as ``web``, benchmarks as ``tests.web``.
"""
