"""Documents of what happens now; no backfill makes them."""
