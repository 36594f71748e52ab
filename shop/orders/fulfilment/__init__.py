"""What is sent of a paid order."""
