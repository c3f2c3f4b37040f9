"""What the vendors publish of a season: results, box scores, events and rosters as raw tables.

The vendors' habits of the raw-input specification that are no defects are always on: BDL and
BigDataBall drop accented letters from lookups, BigDataBall puts the numeric id in front since
October 2024, BDL prints minutes in two forms and lists players who never came on with ``00``.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import pyarrow as pa

from nba_backfill.raw.demo_league.calendar import DAY
from nba_backfill.raw.demo_league.clubs import CLUBS
from nba_backfill.raw.demo_league.columns import (
    blank,
    instants,
    moments,
    table_of,
    words,
)
from nba_backfill.raw.demo_league.names import lookup_of, name_variants, unfolded_lookup
from nba_backfill.raw.demo_league.players import age_on
from nba_backfill.raw.demo_league.record import box_scores
from nba_backfill.raw.demo_league.rotation import SLOTS
from nba_backfill.raw.demo_league.schedule import CUP_FINAL, PLAY_IN, PLAYOFFS, REGULAR
from nba_backfill.raw.demo_league.season import SeasonPlayed

CLUB_CODES = [club.abbr for club in CLUBS]
ESPN_CODES = [club.espn for club in CLUBS]
LONGEST_SECONDS = 6_000
CLOCK = [f"{s // 60}:{s % 60:02d}" for s in range(LONGEST_SECONDS)]
NOT_PLAYED = "DNP - Coach's Decision"


class Ledger:
    """A season's games as columns that every table picks from, by game or by place."""

    def __init__(self, played: SeasonPlayed, seed: int) -> None:
        """``seed`` of the league, for what vendors add to the games."""
        self.played, self.seed, games = played, seed, played.games
        self.year = played.season.year
        fixtures = games.fixtures
        self.days = np.array([game.day for game in fixtures], dtype="datetime64[D]")
        self.canonical = [game.canonical_id for game in fixtures]
        self.official = [game.official_id for game in fixtures]
        self.home = np.array([game.home for game in fixtures])
        self.away = np.array([game.away for game in fixtures])
        self.clubs = np.stack([self.home, self.away], axis=1).ravel()
        self.tips = moments([game.tip for game in fixtures])
        self.names = played.pool.names
        self.lookups = [lookup_of(name) for name in self.names]
        self.variants = name_variants(self.names)

    @cached_property
    def box(self) -> dict[str, np.ndarray]:
        """Counts per place: rows x SLOTS."""
        return box_scores(self.played.games)

    def game_columns(self, game: np.ndarray, hours: float) -> dict[str, pa.Array | np.ndarray]:
        """The columns most tables share, for the games of these indexes.

        ``hours``: from midnight UTC of the game's day to the vendor's load.
        """
        return {
            "game_id": words(self.canonical, game),
            "game_date": self.days[game],
            "season_year": np.full(len(game), self.year),
            "home_team_abbr": words(CLUB_CODES, self.home[game]),
            "away_team_abbr": words(CLUB_CODES, self.away[game]),
            "processed_at": instants(self.days, hours)[game],
        }


def gamebook(ledger: Ledger) -> pa.Table:
    """Official box score: everybody who dressed; NULL figures for those who did not play."""
    games = ledger.played.games
    place = np.flatnonzero(games.players.ravel() >= 0)
    player, row = games.players.ravel()[place], place // SLOTS
    seconds = games.seconds.ravel()[place]
    idle = seconds == 0
    figures = {name: blank(counts.ravel()[place], idle) for name, counts in ledger.box.items()}
    rebounds = ledger.box["offensive_rebounds"] + ledger.box["defensive_rebounds"]
    return table_of(
        "nbac_gamebook_player_stats",
        ledger.game_columns(row // 2, 32.0)
        | figures
        | {
            "player_name": words(ledger.names, player),
            "player_lookup": words(ledger.lookups, player),
            "team_abbr": words(CLUB_CODES, ledger.clubs[row]),
            "player_status": words(["active", "dnp"], idle.astype(int)),
            "dnp_reason": words([NOT_PLAYED], np.where(idle, 0, -1)),
            "minutes": words(CLOCK, np.where(idle, -1, seconds)),
            "minutes_decimal": blank(np.round(seconds / 60, 3), idle),
            "total_rebounds": blank(rebounds.ravel()[place], idle),
            "plus_minus": blank(games.plus_minus.ravel()[place], idle),
        },
    )


def bdl_box(ledger: Ledger) -> pa.Table:
    """The second vendor's box score: zeros where the first has NULL, minutes in two forms."""
    games = ledger.played.games
    place = np.flatnonzero(games.players.ravel() >= 0)
    player, row = games.players.ravel()[place], place // SLOTS
    seconds = games.seconds.ravel()[place]
    forms = [*CLOCK, *(str(minute) for minute in range(100)), "00"]
    whole = LONGEST_SECONDS + np.round(seconds / 60).astype(int)
    form = np.where((row + place) % 2 == 0, seconds, whole)
    form = np.where(seconds == 0, len(forms) - 1, form)
    box = ledger.box
    rebounds = box["offensive_rebounds"] + box["defensive_rebounds"]
    lookups = [unfolded_lookup(name) for name in ledger.names]
    return table_of(
        "bdl_player_boxscores",
        ledger.game_columns(row // 2, 30.0)
        | {name: counts.ravel()[place] for name, counts in box.items()}
        | {
            "team_abbr": words(CLUB_CODES, ledger.clubs[row]),
            "player_full_name": words(ledger.names, player),
            "player_lookup": words(lookups, player),
            "minutes": words(forms, form),
            "rebounds": rebounds.ravel()[place],
        },
    )


def team_box(ledger: Ledger) -> pa.Table:
    """Official team box score: two rows per game, minutes summed over five players."""
    games = ledger.played.games
    row = np.arange(len(games.players))
    total = {name: counts.sum(axis=1) for name, counts in ledger.box.items()}
    minutes = 240 + 25 * (np.repeat(games.periods, 2) - 4)
    renamed = {
        "fg_made": total["field_goals_made"],
        "fg_attempted": total["field_goals_attempted"],
        "three_pt_made": total["three_pointers_made"],
        "three_pt_attempted": total["three_pointers_attempted"],
        "ft_made": total["free_throws_made"],
        "ft_attempted": total["free_throws_attempted"],
        "total_rebounds": total["offensive_rebounds"] + total["defensive_rebounds"],
    }
    return table_of(
        "nbac_team_boxscore",
        ledger.game_columns(row // 2, 33.0)
        | total
        | renamed
        | {
            "nba_game_id": words(ledger.official, row // 2),
            "team_abbr": words(CLUB_CODES, ledger.clubs),
            "is_home": row % 2 == 0,
            "minutes": words([f"{m}:00" for m in range(800)], minutes),
        },
    )


def schedule(ledger: Ledger, exhibitions: dict[str, list]) -> pa.Table:
    """The league's schedule, with the exhibition games that staging must leave out."""
    games = ledger.played.games
    fixtures = games.fixtures
    kinds = [game.kind for game in fixtures]
    columns = {
        "game_id": ledger.official,
        "game_date": [game.day for game in fixtures],
        "game_date_est": [game.tip for game in fixtures],
        "home_team_tricode": [CLUB_CODES[game.home] for game in fixtures],
        "away_team_tricode": [CLUB_CODES[game.away] for game in fixtures],
        "home_team_score": games.score[:, 0].tolist(),
        "away_team_score": games.score[:, 1].tolist(),
        "is_regular_season": [kind in (REGULAR, CUP_FINAL) for kind in kinds],
        "is_playoffs": [kind in (PLAY_IN, PLAYOFFS) for kind in kinds],
        "is_all_star": [False] * len(fixtures),
        "is_emirates_cup": [game.is_cup for game in fixtures],
        "playoff_round": [game.round_name for game in fixtures],
        "neutral_site_flag": [game.is_neutral for game in fixtures],
        "arena_timezone": [game.timezone for game in fixtures],
    }
    columns = {name: [*values, *exhibitions[name]] for name, values in columns.items()}
    days = columns["game_date"]
    found = table_of(
        "nbac_schedule",
        columns
        | {
            "season_year": [ledger.year] * len(days),
            "game_status": [3] * len(days),
            "processed_at": instants(days, 34.0),
        },
    )
    return found.sort_by([("game_date", "ascending"), ("game_id", "ascending")])


def scoreboard(ledger: Ledger) -> pa.Table:
    """ESPN's results: its own ids and club codes beside the canonical game id."""
    games = ledger.played.games
    every = np.arange(len(games.fixtures))
    return table_of(
        "espn_scoreboard",
        ledger.game_columns(every, 33.0)
        | {
            "espn_game_id": [f"4{official[3:]}7" for official in ledger.official],
            "home_team_abbr": words(ESPN_CODES, ledger.home),
            "away_team_abbr": words(ESPN_CODES, ledger.away),
            "is_completed": np.ones(len(every), dtype=bool),
            "scheduled_start_time": ledger.tips,
            "home_team_score": games.score[:, 0],
            "away_team_score": games.score[:, 1],
        },
    )


def rosters(ledger: Ledger) -> pa.Table:
    """Every club's players on the eve of opening night and every Monday after it."""
    played = ledger.played
    first, last = played.days.first, played.games.fixtures[-1].day
    monday = first + DAY * ((7 - first.weekday()) % 7 or 7)
    mondays = [monday + 7 * n * DAY for n in range((last - monday).days // 7 + 1)]
    parts = []
    for day in [first - DAY, *mondays]:
        club = played.campaign.club[:, played.campaign.column(day)]
        members = np.flatnonzero(club >= 0)
        members = members[np.argsort(club[members], kind="stable")]
        birth = played.pool.birth[members]
        when = np.datetime64(day)
        size = len(members)
        parts.append(
            table_of(
                "espn_team_rosters",
                {
                    "roster_date": np.full(size, when),
                    "scrape_hour": np.full(size, 8),
                    "season_year": np.full(size, ledger.year),
                    "team_abbr": words(CLUB_CODES, club[members].astype(int)),
                    "player_full_name": words(ledger.names, members),
                    "player_lookup": words(ledger.lookups, members),
                    "age": age_on(birth, when).astype(int),
                    "birth_date": birth,
                    "processed_at": np.full(size, instants([day], 13.0)[0]),
                },
            )
        )
    return pa.concat_tables(parts).combine_chunks()
