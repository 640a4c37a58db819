"""The guard of everything that leaves this machine: fetching and telling."""
