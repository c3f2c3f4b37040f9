"""Phase 5: predictions, their grading and the feedback drawn from it."""
