"""What every part may use: it knows no request, and no model."""
