"""Phase 5 in three rooms: forecasts and picks, their grading, and what is learned from it."""
