"""What people watch: queries, and whether they are true of an article. Pure."""
