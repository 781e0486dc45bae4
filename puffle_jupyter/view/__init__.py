"""What a person sees. Everything hangs off snapshots."""
