"""Stage ``stories``: the one writer of revisions; groups copies into stories."""
