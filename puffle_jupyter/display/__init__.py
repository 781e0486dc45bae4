"""What a person sees: the badge, outputs and widgets of a notebook, lines of a terminal."""
