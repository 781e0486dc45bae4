"""A run in a terminal: its short form, laid out by rich."""
