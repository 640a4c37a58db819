"""Poll feeds and sitemaps for weeks: schedule, cursor, rechecks."""
