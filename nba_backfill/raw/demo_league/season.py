"""A season played: regular season, Cup final, play-in and play-offs, up to a day.

The numbers a game needs are drawn from (seed, season, day), so a season cut short is the
beginning of the whole one. Play-off series take the lengths they really took, because the days
of the play-offs follow from them: who wins which game is settled first, then each game is
played until it ends that way.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nba_backfill.core.season import Season
from nba_backfill.raw.demo_league.bracket import Bracket, play_in_pairs, standings
from nba_backfill.raw.demo_league.calendar import SeasonDays, season_days
from nba_backfill.raw.demo_league.campaign import Campaign, campaign_of
from nba_backfill.raw.demo_league.clubs import CLUBS
from nba_backfill.raw.demo_league.players import Pool, Ratings, players_of, ratings_of, stream
from nba_backfill.raw.demo_league.possessions import (
    DRAWS,
    STEPS,
    Attributes,
    Engine,
    Result,
)
from nba_backfill.raw.demo_league.record import Played, combine
from nba_backfill.raw.demo_league.rotation import (
    ROTATION_UNIFORMS,
    Rotation,
    dressed,
    expectation,
    plan,
)
from nba_backfill.raw.demo_league.schedule import (
    PLAY_IN,
    Fixture,
    cup_final,
    make_fixture,
    regular_season,
    season_id,
)

HOME_EDGE = 0.0085
"""Added to the home club's chance of making a shot, taken from the visitors': 2-3 points."""

NEUTRAL = 0.0
OFFENCE_SPREAD, DEFENCE_SPREAD, PACE_SPREAD = 0.017, 0.020, 0.02
PLAY_IN_NUMBERS = ((101, 111), (121, 131), (201, 211))
_SCHEDULE, _CLUBS, _COACH, _GAMES, _BRACKET = 31, 32, 33, 34, 35
COPIES, RETRIES, BIAS = 6, 8, 0.006
"""A play-off game is played COPIES times at once, again up to RETRIES times, the scripted winner
helped by BIAS more in each copy; the first copy with the right winner counts."""


@dataclass(frozen=True, slots=True)
class SeasonPlayed:
    """Everything that is true of one season of the demo league, before any vendor saw it."""

    season: Season
    days: SeasonDays
    pool: Pool
    ratings: Ratings
    campaign: Campaign
    games: Played


class _Conditions:
    """Strengths of the clubs in a season and how they bear on one game."""

    def __init__(self, seed: int, year: int) -> None:
        # Half of a club's quality stays from year to year.
        drawn = [
            stream(seed, _CLUBS, one).normal(0, 1, (3, len(CLUBS))) for one in (year, year - 1)
        ]
        quality = sum(drawn) / np.sqrt(2)
        self.offence, self.defence = OFFENCE_SPREAD * quality[0], DEFENCE_SPREAD * quality[1]
        self.pace = 1 + PACE_SPREAD * quality[2]

    def rows(self, fixtures: Sequence[Fixture]) -> tuple[np.ndarray, np.ndarray]:
        """Edge and pace of every team-game."""
        home = np.array([one.home for one in fixtures])
        away = np.array([one.away for one in fixtures])
        court = np.array([NEUTRAL if one.is_neutral else HOME_EDGE for one in fixtures])
        edge = np.empty(2 * len(fixtures))
        edge[0::2] = self.offence[home] - self.defence[away] + court
        edge[1::2] = self.offence[away] - self.defence[home] - court
        pace = np.repeat((self.pace[home] + self.pace[away]) / 2, 2)
        return edge, pace


class _Stadium:
    """Plays batches of games of one season."""

    def __init__(self, seed: int, days: SeasonDays) -> None:
        year = days.season.year
        self.seed, self.year = seed, year
        self.pool = players_of(seed, year)
        self.ratings = ratings_of(self.pool, seed, year)
        self.campaign = campaign_of(self.pool, self.ratings.value, days, seed)
        self.conditions = _Conditions(seed, year)

    def _draws(self, fixtures: Sequence[Fixture], purpose: int, attempt: int, shape: tuple) -> list:
        """Uniform numbers day by day; games of a day share a generator in order of their ids."""
        parts, n = [], 0
        while n < len(fixtures):
            day = fixtures[n].day
            count = 1
            while n + count < len(fixtures) and fixtures[n + count].day == day:
                count += 1
            # Two batches may share a day (the Cup final never does, the play-offs never do).
            rng = stream(self.seed, purpose, self.year, day.toordinal(), attempt)
            parts.append(rng.random((count, *shape), dtype=np.float32))
            n += count
        return parts

    def _rotation(self, fixtures: Sequence[Fixture], attempt: int) -> Rotation:
        uniforms = np.concatenate(
            self._draws(fixtures, _COACH, attempt, (2, ROTATION_UNIFORMS))
        ).reshape(-1, ROTATION_UNIFORMS)
        return plan(dressed(fixtures, self.campaign, self.ratings.value), uniforms)

    def play(
        self, fixtures: Sequence[Fixture], attempt: int = 0, bias: np.ndarray | None = None
    ) -> Played:
        """Play games, which must stand in order of their days."""
        rotation = self._rotation(fixtures, attempt)
        edge, pace = self.conditions.rows(fixtures)
        expected = expectation(rotation, self.ratings, edge, pace)
        places = np.maximum(rotation.players, 0).ravel()
        attributes = Attributes(
            **{name: getattr(self.ratings, name)[places] for name in Attributes.__slots__}
        )
        games = np.concatenate(self._draws(fixtures, _GAMES, attempt, (STEPS, DRAWS)))
        draws = np.ascontiguousarray(games.transpose(1, 2, 0))
        helped = edge if bias is None else edge + bias
        result: Result = Engine(rotation, attributes, helped, pace).play(draws)
        return Played.of(list(fixtures), rotation, expected, result)

    def play_scripted(self, fixtures: Sequence[Fixture], home_wins: Sequence[bool]) -> Played:
        """Play games until each ends as scripted; raises RuntimeError if one never does."""
        waiting, wanted = np.arange(len(fixtures)), np.array(home_wins)
        parts, found = [], []
        for attempt in range(RETRIES):
            copies = np.repeat(waiting, COPIES)
            help_given = BIAS * (np.arange(len(copies)) % COPIES + COPIES * attempt)
            sign = np.where(wanted[copies], help_given, -help_given)
            bias = np.stack([sign, -sign], axis=1).ravel()
            played = self.play([fixtures[n] for n in copies], attempt, bias)
            good = (played.score[:, 0] > played.score[:, 1]) == wanted[copies]
            done, first = np.unique(copies[good], return_index=True)
            parts.append(played.take(np.flatnonzero(good)[first]))
            found.append(done)
            waiting = np.setdiff1d(waiting, done)
            if not len(waiting):
                return combine(parts).take(np.argsort(np.concatenate(found)))
        raise RuntimeError(f"{len(waiting)} play-off games never ended as the bracket says")


def _cup(stadium: _Stadium, days: SeasonDays, regular: Played) -> Played:
    """The Cup final between the best clubs of the two conferences so far."""
    best = standings(regular, until=days.cup_final)
    east, west = (next(c for c in best if CLUBS[c].conference == side) for side in (0, 1))
    return stadium.play([cup_final(days, west, east)])


def _play_in(
    stadium: _Stadium, days: SeasonDays, order: list[int], rng: np.random.Generator
) -> tuple[Played, dict[int, list[int]]]:
    """The play-in; returns its games and the eight clubs of each conference by seed."""
    parts: list[Played] = []

    def evening(number: int, pairs: list[tuple[int, int]]) -> tuple[list[int], list[int]]:
        """Play one day's game of each conference; returns winners and losers, East first."""
        fixtures = [
            make_fixture(
                season_id(days.season, "005", PLAY_IN_NUMBERS[number][side]),
                days.play_in[number],
                pair,
                rng,
                kind=PLAY_IN,
                round_name="play_in",
            )
            for side, pair in enumerate(pairs)
        ]
        played = stadium.play(fixtures)
        parts.append(played)
        home_won = played.score[:, 0] > played.score[:, 1]
        ends = [pair if won else pair[::-1] for pair, won in zip(pairs, home_won, strict=True)]
        return [first for first, _ in ends], [second for _, second in ends]

    sevenths, losers = evening(0, play_in_pairs(order, 6, 7))
    survivors, _ = evening(1, play_in_pairs(order, 8, 9))
    eighths, _ = evening(2, list(zip(losers, survivors, strict=True)))
    seeds = {}
    for side in (0, 1):
        top = [club for club in order if CLUBS[club].conference == side][:6]
        seeds[side] = [*top, sevenths[side], eighths[side]]
    return combine(parts), seeds


def play_season(season: Season, seed: int, through: dt.date | None = None) -> SeasonPlayed:
    """Play one season up to ``through``, or to its end.

    Raises ValueError for a season whose days are unknown or that starts after ``through``.
    """
    days = season_days(season)
    last = through or days.played_through
    if last < days.first:
        raise ValueError(f"season {season} starts on {days.first}, after {last}")
    stadium = _Stadium(seed, days)
    schedule = regular_season(days, stream(seed, _SCHEDULE, season.year))
    regular = stadium.play([game for game in schedule if game.day <= last])
    parts = [regular]
    if days.cup_final and days.cup_final <= last:
        parts.append(_cup(stadium, days, regular))
    if days.play_in and days.play_in[0] <= last:
        rng = stream(seed, _BRACKET, season.year)
        order = standings(regular)
        qualified, seeds = _play_in(stadium, days, order, rng)
        bracket = Bracket(days, seeds, order, rng)
        playoffs = stadium.play_scripted(bracket.fixtures, bracket.home_wins)
        parts += [qualified, playoffs]
    games = combine(parts)
    when = [(game.day, game.tip, game.official_id) for game in games.fixtures]
    order = sorted(range(len(when)), key=when.__getitem__)
    order = [n for n in order if games.fixtures[n].day <= last]
    return SeasonPlayed(
        season=season,
        days=days,
        pool=stadium.pool,
        ratings=stadium.ratings,
        campaign=stadium.campaign,
        games=games.take(np.array(order)),
    )
