"""Stocktakes: what staff count, saved as they type or scan, compared, and booked once."""
