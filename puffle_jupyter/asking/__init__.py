"""Asking Puffle: conversations, the note before each message, and what was asked in which run."""
