"""Event loops of our threads, and results that cross threads."""
