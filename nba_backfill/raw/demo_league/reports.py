"""Injury reports, exhibitions of the schedule and the tables without dates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence

import numpy as np
import pyarrow as pa

from nba_backfill.raw.demo_league.campaign import REASONS
from nba_backfill.raw.demo_league.clubs import CLUBS, journeys
from nba_backfill.raw.demo_league.columns import table_of
from nba_backfill.raw.demo_league.names import injury_lookup, lookup_of
from nba_backfill.raw.demo_league.players import stream
from nba_backfill.raw.demo_league.schedule import EASTERN, eastern, season_id
from nba_backfill.raw.demo_league.tables import CLUB_CODES, DAY, Ledger

REPORT_HOUR = 17
EVE = ((0.72, "out"), (0.84, "doubtful"), (1.0, "questionable"))
"""What the evening before says of a player who will not play, cumulated."""

DOUBTS_PER_CLUB = 0.55
DOUBT_EVE = ((0.6, "questionable"), (1.0, "probable"))
DOUBT_DAY = ((0.7, "available"), (0.9, "probable"), (1.0, "questionable"))
"""What reports say of a player who is listed and plays all the same."""

ALL_STAR_CODES = ("EST", "WST", "RSG", "SPH")
FOREIGN_CODES = ("NZB", "MEL", "RMD")
CURRENT = dt.datetime(2026, 1, 4, 12, tzinfo=dt.UTC)
"""When the tables of the current state were written."""

_DOUBTS, _EXHIBITIONS = 51, 52


def _say(scale: Sequence[tuple[float, str]], uniform: float) -> str:
    return next(word for limit, word in scale if uniform < limit)


def printed_last_first(name: str) -> str:
    """``Robert Williams III`` as the report prints it: ``Williams III, Robert``."""
    first, _, rest = name.partition(" ")
    return f"{rest}, {first}" if rest else name


def _entries(
    ledger: Ledger, game: int, side: int, rng: np.random.Generator
) -> Iterator[tuple[int, str, str, int]]:
    """Player, status on the eve, status on game day and reason, for one club of one game."""
    played = ledger.played
    row = 2 * game + side
    column = played.campaign.column(played.games.fixtures[game].day)
    here = played.campaign.club[:, column] == ledger.clubs[row]
    absence = played.campaign.absence[:, column]
    for player in np.flatnonzero(here & (absence >= 0)):
        yield int(player), _say(EVE, rng.random()), "out", int(absence[player])
    active = played.games.players[row][played.games.seconds[row] > 0]
    for player in rng.permutation(active)[: rng.poisson(DOUBTS_PER_CLUB)]:
        reason = int(rng.integers(9))
        yield int(player), _say(DOUBT_EVE, rng.random()), _say(DOUBT_DAY, rng.random()), reason


def injury_report(ledger: Ledger) -> pa.Table:
    """One report the evening before and one on game day, an hour before an early tip-off."""
    rows: list[tuple] = []
    rng, day = stream(0), None
    for game, fixture in enumerate(ledger.played.games.fixtures):
        if fixture.day != day:
            day = fixture.day
            rng = stream(ledger.seed, _DOUBTS, day.toordinal())
        tip = fixture.tip.astimezone(EASTERN)
        hour = min(REPORT_HOUR, tip.hour - 1)
        for side in (0, 1):
            club = CLUB_CODES[ledger.clubs[2 * game + side]]
            for player, eve, status, why in _entries(ledger, game, side, rng):
                about = (day, ledger.canonical[game], club, ledger.names[player], REASONS[why])
                rows.append((day - DAY, REPORT_HOUR, eve, *about))
                rows.append((day, hour, status, *about))
    rows.sort(key=lambda row: (row[3], row[0]))
    dates, hours, statuses, days, ids, clubs, names, reasons = zip(*rows, strict=True)
    return table_of(
        "nbac_injury_report",
        {
            "report_date": dates,
            "report_hour": hours,
            "game_date": days,
            "game_id": ids,
            "team": clubs,
            "player_name_original": [printed_last_first(name) for name in names],
            "player_full_name": names,
            "player_lookup": [injury_lookup(name) for name in names],
            "injury_status": statuses,
            "reason": [text for _, text in reasons],
            "reason_category": [kind for kind, _ in reasons],
            "confidence_score": np.ones(len(rows)),
            "processed_at": [
                eastern(date, 60 * hour + 20) for date, hour in zip(dates, hours, strict=True)
            ],
        },
    )


def exhibitions(ledger: Ledger, last: dt.date) -> dict[str, list]:
    """Schedule rows of preseason and All-Star games up to ``last``; none of them counts."""
    days, rng = ledger.played.days, stream(ledger.seed, _EXHIBITIONS, ledger.year)
    games: list[tuple[str, dt.date, str, str, bool]] = []
    day, number = days.preseason_first, 0
    while day < days.first - 2 * DAY:
        codes = [*rng.permutation(CLUB_CODES)[: 2 * int(rng.integers(1, 8))]]
        if rng.random() < 0.2:
            codes[-1] = str(rng.choice(FOREIGN_CODES))
        for home, away in zip(codes[::2], codes[1::2], strict=True):
            number += 1
            games.append((season_id(ledger.played.season, "001", number), day, home, away, False))
        day += DAY
    for number, day in enumerate((days.all_star[0], days.all_star[1])):
        if day <= last:
            pair = ALL_STAR_CODES[2:] if number == 0 else ALL_STAR_CODES[:2]
            official = season_id(ledger.played.season, "003", number + 1)
            games.append((official, day, *pair, True))
    size = len(games)
    scores = rng.integers(88, 131, (size, 2))
    scores[:, 1] += scores[:, 0] == scores[:, 1]
    return {
        "game_id": [str(game[0]) for game in games],
        "game_date": [game[1] for game in games],
        "game_date_est": [eastern(game[1], 20 * 60) for game in games],
        "home_team_tricode": [str(game[2]) for game in games],
        "away_team_tricode": [str(game[3]) for game in games],
        "home_team_score": scores[:, 0].tolist(),
        "away_team_score": scores[:, 1].tolist(),
        "is_regular_season": [False] * size,
        "is_playoffs": [False] * size,
        "is_all_star": [game[4] for game in games],
        "is_emirates_cup": [False] * size,
        "playoff_round": [None] * size,
        "neutral_site_flag": [game[4] for game in games],
        "arena_timezone": [None] * size,
    }


def undated(ledgers: Sequence[Ledger]) -> dict[str, pa.Table]:
    """Registry, aliases, player list, arenas and distances for the seasons at hand."""
    latest = ledgers[-1]
    registry: list[tuple] = []
    for ledger in ledgers:
        club = ledger.played.campaign.club
        season = str(ledger.played.season)
        for player in np.flatnonzero((club >= 0).any(axis=1)):
            teams = dict.fromkeys(club[player][club[player] >= 0].tolist())
            registry.extend((int(player), team, season) for team in teams)
    pool, campaign = latest.played.pool, latest.played.campaign
    now = campaign.club[:, campaign.column(latest.played.games.fixtures[-1].day)]
    seen = sorted({player for player, _, _ in registry})
    last_year = {player: int(season[:4]) for player, _, season in registry}
    last_club = {player: team for player, team, _ in registry}
    names, lookups = latest.names, latest.lookups
    variants = latest.variants
    return {
        "nba_players_registry": table_of(
            "nba_players_registry",
            {
                "universal_player_id": [f"{lookups[p]}_001" for p, _, _ in registry],
                "player_name": [names[p] for p, _, _ in registry],
                "player_lookup": [lookups[p] for p, _, _ in registry],
                "team_abbr": [CLUB_CODES[team] for _, team, _ in registry],
                "season": [season for _, _, season in registry],
                "processed_at": [CURRENT] * len(registry),
            },
        ),
        "player_aliases": table_of(
            "player_aliases",
            {
                "alias_lookup": [lookup_of(variant) for variant in variants.values()],
                "nba_canonical_lookup": [lookup_of(name) for name in variants],
                "is_active": [True] * len(variants),
                "processed_at": [CURRENT] * len(variants),
            },
        ),
        "nbac_player_list_current": table_of(
            "nbac_player_list_current",
            {
                "player_lookup": [lookups[p] for p in seen],
                "player_id": [int(pool.ids[p]) for p in seen],
                "player_full_name": [names[p] for p in seen],
                "team_abbr": [CLUB_CODES[now[p] if now[p] >= 0 else last_club[p]] for p in seen],
                "birth_date": pool.birth[seen],
                "is_active": [bool(now[p] >= 0) for p in seen],
                "season_year": [last_year[p] for p in seen],
                "processed_at": [CURRENT] * len(seen),
            },
        ),
        "team_locations": table_of(
            "team_locations",
            {
                "team_abbr": CLUB_CODES,
                "latitude": [club.latitude for club in CLUBS],
                "longitude": [club.longitude for club in CLUBS],
                "timezone": [club.timezone for club in CLUBS],
            },
        ),
        "travel_distances": table_of(
            "travel_distances",
            dict(
                zip(
                    ("from_team", "to_team", "distance_miles", "time_zones_crossed"),
                    zip(*journeys(), strict=True),
                    strict=True,
                )
            ),
        ),
    }
