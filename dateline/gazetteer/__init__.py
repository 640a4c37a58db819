"""Find names of countries, cities, organisations and people in a text, and say who they are."""
