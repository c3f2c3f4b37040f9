"""Standings and the play-off bracket: who meets whom, who wins which game on which day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np

from nba_backfill.raw.demo_league.calendar import SeasonDays
from nba_backfill.raw.demo_league.clubs import CLUBS
from nba_backfill.raw.demo_league.record import Played
from nba_backfill.raw.demo_league.schedule import PLAYOFFS, Fixture, make_fixture, season_id

AT_HOME = (True, True, False, False, True, False, True)
"""Games of a series at the better seed's arena."""

FIRST_ROUND = ((0, 7), (1, 6), (2, 5), (3, 4))
FEEDS = (0, 3, 1, 2)
"""First-round series in the order in which neighbours meet in the second round."""

WINS_PER_LOGIT = 11.0


def standings(regular: Played, until: dt.date | None = None) -> list[int]:
    """Clubs by wins in the regular season so far, best first; ties by point difference."""
    wins, difference = np.zeros(len(CLUBS)), np.zeros(len(CLUBS))
    for game, (home, away) in zip(regular.fixtures, regular.score, strict=True):
        if until is None or game.day < until:
            wins[game.home if home > away else game.away] += 1
            difference[game.home] += home - away
            difference[game.away] += away - home
    return sorted(range(len(CLUBS)), key=lambda club: (-wins[club], -difference[club], club))


def play_in_pairs(order: Sequence[int], better: int, worse: int) -> list[tuple[int, int]]:
    """Home and away club of both conferences for two places of the table, counted from 0."""
    found = []
    for side in (0, 1):
        table = [club for club in order if CLUBS[club].conference == side]
        found.append((table[better], table[worse]))
    return found


class Bracket:
    """The scripted play-offs: ``fixtures`` in order of day and id, ``home_wins`` beside them."""

    def __init__(
        self,
        days: SeasonDays,
        seeds: dict[int, list[int]],
        order: Sequence[int],
        rng: np.random.Generator,
    ) -> None:
        self.days, self.rng = days, rng
        self.rank = {club: place for place, club in enumerate(order)}
        self.seed_of = {c: n for side in seeds.values() for n, c in enumerate(side)}
        games: list[tuple[Fixture, bool]] = []
        pairs = [(seeds[side][a], seeds[side][b]) for side in (0, 1) for a, b in FIRST_ROUND]
        for number, one in enumerate(days.rounds):
            winners = []
            for series, (pair, dates) in enumerate(zip(pairs, one.days(), strict=True)):
                winner = self._series(
                    number=number + 1,
                    series=series,
                    pair=pair,
                    dates=dates,
                    name=one.name,
                    games=games,
                )
                winners.append(winner)
            if number == 0:
                winners = [winners[4 * side + n] for side in (0, 1) for n in FEEDS]
            pairs = [
                self._by_seed(winners[n], winners[n + 1]) for n in range(0, len(winners) - 1, 2)
            ]
        games.sort(key=lambda game: (game[0].day, game[0].official_id))
        self.fixtures = [game for game, _ in games]
        self.home_wins = [home for _, home in games]

    def _by_seed(self, one: int, other: int) -> tuple[int, int]:
        """The two clubs, the one with the right to four home games first."""
        same = CLUBS[one].conference == CLUBS[other].conference
        key = self.seed_of if same else self.rank
        return (one, other) if key[one] < key[other] else (other, one)

    def _series(
        self,
        *,
        number: int,
        series: int,
        pair: tuple[int, int],
        dates: list[dt.date],
        name: str,
        games: list[tuple[Fixture, bool]],
    ) -> int:
        """Script one series over its real dates; returns the winner."""
        better, worse = pair
        gap = self.rank[worse] - self.rank[better]
        better_wins = self.rng.random() < 1 / (1 + np.exp(-gap / WINS_PER_LOGIT))
        winner = better if better_wins else worse
        lost = set(self.rng.choice(len(dates) - 1, len(dates) - 4, replace=False).tolist())
        for n, day in enumerate(dates):
            home, away = (better, worse) if AT_HOME[n] else (worse, better)
            game_winner = winner if n not in lost else (worse if better_wins else better)
            official = season_id(self.days.season, "004", 100 * number + 10 * series + n + 1)
            fixture = make_fixture(
                official, day, (home, away), self.rng, kind=PLAYOFFS, round_name=name
            )
            games.append((fixture, game_winner == home))
        return winner
