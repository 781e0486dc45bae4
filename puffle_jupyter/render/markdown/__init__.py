"""Runs as Markdown documents."""
