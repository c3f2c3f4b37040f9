"""The static page, kept as the one file that browsers get."""
