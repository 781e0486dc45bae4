"""Outputs and widgets of a notebook."""
