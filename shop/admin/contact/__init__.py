"""Whom an order is for and where it goes, mended by staff."""
