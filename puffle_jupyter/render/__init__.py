"""Runs as html, plain text and Markdown."""
