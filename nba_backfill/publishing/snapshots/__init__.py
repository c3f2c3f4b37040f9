"""Documents of the newest date, overwritten."""
