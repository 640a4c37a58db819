"""The alerts stage: grouped articles in, alerts out."""
