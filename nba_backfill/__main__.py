"""python -m nba_backfill: the same as nba-backfill."""

from nba_backfill.cli import main

main()
