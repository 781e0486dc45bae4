"""Runs as html, for notebooks and standalone pages."""
