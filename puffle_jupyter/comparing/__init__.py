"""What two runs have in common and where they differ: facts about two answers, without a word of display."""
