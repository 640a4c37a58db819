"""Stage ``index``: grouped articles in, Elasticsearch documents out."""
