"""The documents of player profiles: an index, and a file a player (spec 50, 5.1)."""

from __future__ import annotations

import datetime as dt
from typing import Literal

from pydantic import Field

from nba_backfill.publishing.document import Document, Part
from nba_backfill.publishing.players.figures import Result
from nba_backfill.publishing.units import Club, Count, Lookup, Margin, Points, Share

GAMES_LOGGED = 50
NEWS_SHOWN = 5


class IndexEntry(Part):
    """One player of the index."""

    player_lookup: Lookup
    player_full_name: str
    team: Club
    games_predicted: Count
    recommendations: Count
    mae: Points | None
    win_rate: Share | None
    bias: Margin | None
    within_5_pct: Share | None


class PlayerIndex(Document):
    """Every player with enough graded predictions, the most predicted first."""

    total_players: Count
    players: list[IndexEntry]


class News(Part):
    """One headline about a player."""

    headline: str
    category: str
    source: str
    source_url: str | None
    published_at: str


class DateRange(Part):
    """First and last of some days."""

    first: dt.date
    last: dt.date


class Summary(Part):
    """How the predictions of a player came out."""

    team: Club
    games_predicted: Count
    total_recommendations: Count
    correct: Count
    mae: Points | None
    win_rate: Share | None
    bias: Margin | None
    avg_confidence: Share | None
    within_3_pct: Share | None
    within_5_pct: Share | None
    date_range: DateRange


class Interpretation(Part):
    """The same in words; of the win rate only where there are enough picks."""

    bias: str | None
    accuracy: str | None
    sample_size: str


class LoggedGame(Part):
    """One line of a player's game log."""

    game_date: dt.date
    opponent: Club
    home_game: bool
    team_result: Literal["W", "L"] | None
    points: Count
    minutes: float | None
    fg: str | None
    three: str | None
    ft: str | None
    rebounds: Count | None
    assists: Count | None
    steals: Count | None
    blocks: Count | None
    turnovers: Count | None
    line: Points | None
    over_under: Result | None
    margin: Margin | None


class Split(Part):
    """Points a game, and overs by overs and unders, in some of a player's games."""

    avg: Points | None
    games: Count
    vs_line_pct: Share | None


class OpponentSplit(Split):
    """A split against one club."""

    opponent: Club


class RestSplits(Part):
    """By calendar days since his last game of the season: 1, 2, 3, and 4 or more."""

    b2b: Split
    one_day: Split
    two_day: Split
    three_plus: Split


class LocationSplits(Part):
    """By where he played."""

    home: Split
    away: Split


class Splits(Part):
    """A player's games of all seasons, divided."""

    rest: RestSplits
    location: LocationSplits
    opponents: list[OpponentSplit]


class Record(Part):
    """Picks that came out; a push is neither won nor lost."""

    wins: Count
    losses: Count
    pct: Share | None


class Calls(Record):
    """Picks of one side; ``total`` counts pushes too."""

    total: Count


class TrackRecord(Part):
    """How right we were about a player."""

    total_predictions: Count
    overall: Record
    over_calls: Calls
    under_calls: Calls
    avg_error: Points | None
    bias: Margin | None
    within_3_pts: Share | None
    within_5_pts: Share | None


class NextGame(Part):
    """The game he plays next, as the schedule has it."""

    game_date: dt.date
    game_id: str
    opponent: Club
    home_game: bool
    has_prediction: bool


class PlayerProfile(Document):
    """One player's file."""

    player_lookup: Lookup
    player_full_name: str
    recent_news: list[News] = Field(max_length=NEWS_SHOWN)
    summary: Summary
    interpretation: Interpretation
    game_log: list[LoggedGame] = Field(max_length=GAMES_LOGGED)
    splits: Splits
    our_track_record: TrackRecord
    next_game: NextGame | None
