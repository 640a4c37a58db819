"""Text in, RawArticle on Kafka."""
