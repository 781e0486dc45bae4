"""Tool calls joined with their results."""
