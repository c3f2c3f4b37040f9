"""Documents of one game date, for every date of history."""
