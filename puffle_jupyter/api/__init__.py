"""The wire: what Puffle says and how to ask. No Jupyter, no HTML."""
