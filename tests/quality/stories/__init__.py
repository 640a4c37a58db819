"""How well articles are grouped into stories, on the development data."""
