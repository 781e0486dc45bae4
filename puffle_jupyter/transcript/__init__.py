"""What a run said. Pure: JSON in, frozen dataclasses out."""
