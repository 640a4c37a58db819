"""Names of people and organisations: folded, compared and found again, in several scripts."""
