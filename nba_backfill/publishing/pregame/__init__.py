"""Documents of the games to come."""
