"""Who said what in a document: quoted and reported speech with its speakers."""
