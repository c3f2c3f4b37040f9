"""After the final whistle: each prediction against what was scored, by day, system and period."""
