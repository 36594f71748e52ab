"""Writes that every feature makes: the staff log, versions of pages, limits of rates."""
