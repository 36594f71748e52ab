"""The first page of the staff: what needs a hand, how the day goes, what a new shop lacks."""
