"""Everything that leaves the machine: one guarded, polite HTTP client."""
