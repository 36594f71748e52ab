"""The parts of our pages on one table, for whoever changes the look. Development and tests only."""
