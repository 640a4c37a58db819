"""The stages: each reads one topic, does one thing, and writes the next."""
