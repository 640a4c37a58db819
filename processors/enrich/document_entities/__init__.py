"""Who and what one document is about: its names as entities, each with all its mentions."""
