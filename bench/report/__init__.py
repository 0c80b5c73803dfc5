"""Turning measurements into figures, a table, plots and a page."""
