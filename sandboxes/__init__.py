"""What plays the outside services of a shop in development, tests and demonstrations."""
