"""The reports desk: sales of any days, divided by what one asks for."""
