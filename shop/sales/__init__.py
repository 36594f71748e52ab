"""The sums of every day: what was sold and what went back."""
