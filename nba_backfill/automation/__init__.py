"""Staying complete by itself: what is due is computed in bounded batches, whatever made it due."""
