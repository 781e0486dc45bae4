"""The tables of a run: found, named, shown, and written for spreadsheets."""
