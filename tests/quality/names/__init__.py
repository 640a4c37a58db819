"""How well names are compared and found again: `python -m tests.quality.names`."""
