"""Documents of one player."""
