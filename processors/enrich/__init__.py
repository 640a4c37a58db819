"""Stage ``enrich``: raw articles in; clean text, language, rights and names out."""
