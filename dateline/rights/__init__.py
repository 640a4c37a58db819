"""What may be done with an article: licence statements read, weighed, decided and attributed."""
