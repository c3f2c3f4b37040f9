"""A season's documents are replaced by a later day of it, and by no other season's."""

import datetime as dt

from nba_backfill.core.season import GameCalendar, ScheduledGame
from nba_backfill.materialization.settle import made_days, wanted_days
from nba_backfill.publishing.players import player_profiles, player_season
from nba_backfill.warehouse.ledger import DayHistory, PartitionRecord, Status

OLD, NEW = dt.date(2022, 4, 10), dt.date(2024, 4, 14)
DAYS = [OLD - dt.timedelta(1), OLD, NEW - dt.timedelta(1), NEW]
CALENDAR = GameCalendar.of(
    ScheduledGame(f"{day:%Y%m%d}_NYK_BOS", day, ("BOS", "NYK"), is_over=True) for day in DAYS
)


def published(day) -> DayHistory:
    """The history of a table of which one day is published."""
    return DayHistory("t", [PartitionRecord("t", day, Status.COMPLETE, "", 1, "f")])


def test_each_season_has_its_newest_day_and_profiles_have_one():
    assert made_days(player_season.TABLE, CALENDAR, DAYS) == [OLD, NEW]
    assert made_days(player_profiles.TABLE, CALENDAR, DAYS) == [NEW]


def test_an_earlier_season_may_follow_a_later_one():
    assert wanted_days(player_season.TABLE, CALENDAR, published(NEW), DAYS[:2]) == [OLD]
    assert wanted_days(player_season.TABLE, CALENDAR, published(NEW), DAYS[2:3]) == []
    assert wanted_days(player_profiles.TABLE, CALENDAR, published(NEW), DAYS[:2]) == []


def test_seasons_and_reports_are_made_by_name_only():
    assert not player_season.TABLE.publication.kind.is_by_default
    assert player_profiles.TABLE.publication.kind.is_by_default
