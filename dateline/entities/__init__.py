"""Who is who across documents: ids that are one by evidence or by hand, and their names."""
