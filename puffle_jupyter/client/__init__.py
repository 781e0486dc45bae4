"""One request to Puffle: connections, the key, a bounded body, an answer or an error."""
