"""The days on which the league played, season by season: facts, compressed.

A season is its first and last regular-season day, the days between without games, and for each
play-off series one digit per game: the first is the offset from the round's first day, the
others the days since the series' previous game. Series stand in the order of the official game
ids: East before West; in the first round 1-8, 2-7, 3-6, 4-5 by seed; first and fourth winner,
second and third meet in the second.

The dates were read from the league's schedule; 2022-23 and 2025-26 are written from general
knowledge.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from nba_backfill.core.season import Season

DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Round:
    """One play-off round: first day and, per series, the digits described in the module."""

    name: str
    first: dt.date
    series: tuple[str, ...]

    def days(self) -> list[list[dt.date]]:
        """Game days of each series, in order of the official ids."""
        found = []
        for digits in self.series:
            day, games = self.first, []
            for digit in digits:
                day += int(digit) * DAY
                games.append(day)
            found.append(games)
        return found


@dataclass(frozen=True, slots=True)
class SeasonDays:
    """Days of one season. ``played_through``: the last day the demo plays unless asked for more."""

    season: Season
    first: dt.date
    regular_end: dt.date
    played_through: dt.date
    without_games: frozenset[dt.date]
    preseason_first: dt.date
    all_star: tuple[dt.date, dt.date]
    cup_final: dt.date | None = None
    play_in: tuple[dt.date, ...] = ()
    rounds: tuple[Round, ...] = ()

    def regular_days(self) -> list[dt.date]:
        """Days with regular-season games; the Cup final has its day to itself."""
        span = ((self.regular_end - self.first).days + 1) * [DAY]
        days = [self.first + n * step for n, step in enumerate(span)]
        return [day for day in days if day not in self.without_games and day != self.cup_final]

    def game_days(self, through: dt.date | None = None) -> list[dt.date]:
        """Every day with a game that counts, in order, up to ``through`` or the season's end."""
        days = {*self.regular_days(), *self.play_in}
        if self.cup_final:
            days.add(self.cup_final)
        for one in self.rounds:
            days.update(day for series in one.days() for day in series)
        last = through or self.played_through
        return sorted(day for day in days if day <= last)


def _date(year: int, text: str) -> dt.date:
    """``1119`` of season 2021 is 2021-11-19; January to September belong to the next year."""
    month = int(text[:2])
    return dt.date(year if month >= 10 else year + 1, month, int(text[2:]))


def _season(
    year: int,
    first: str,
    regular_end: str,
    without_games: str,
    *,
    preseason: str,
    all_star: str,
    cup_final: str = "",
    play_in: str = "",
    rounds: tuple[tuple[str, str], ...] = (),
    played_through: str = "",
) -> SeasonDays:
    """Read one season's compact form; ``without_games`` takes ranges like ``0218-0223``."""
    names = ("first_round", "conf_semifinals", "conf_finals", "nba_finals")
    bracket = tuple(
        Round(name, _date(year, start), tuple(series.split()))
        for name, (start, series) in zip(names, rounds, strict=False)
    )
    free: set[dt.date] = set()
    for part in without_games.split():
        head, _, tail = part.partition("-")
        day, last = _date(year, head), _date(year, tail or head)
        while day <= last:
            free.add(day)
            day += DAY
    last_played = bracket[-1].days()[0][-1] if bracket else _date(year, played_through)
    friday, sunday = all_star.split()
    return SeasonDays(
        season=Season(year),
        first=_date(year, first),
        regular_end=_date(year, regular_end),
        played_through=last_played,
        without_games=frozenset(free),
        preseason_first=_date(year, preseason),
        all_star=(_date(year, friday), _date(year, sunday)),
        cup_final=_date(year, cup_final) if cup_final else None,
        play_in=tuple(_date(year, day) for day in play_in.split()),
        rounds=bracket,
    )


_SEASONS = (
    _season(
        2021,
        "1019",
        "0410",
        "1125 1224 0218-0223 0404",
        preseason="1003",
        all_star="0218 0220",
        play_in="0412 0413 0415",
        rounds=(
            ("0416", "12322 1332 13223 022323 123222 032233 02333 023223"),
            ("0501", "122222 0242222 1222223 024222"),
            ("0517", "0222222 12222"),
            ("0602", "033233"),
        ),
    ),
    _season(
        2022,
        "1018",
        "0409",
        "1108 1124 1224 0217-0222 0403",
        preseason="1001",
        all_star="0217 0219",
        play_in="0411 0412 0414",
        rounds=(
            ("0415", "13322 033222 0232 03323 13222 133222 0233322 12223"),
            ("0429", "124222 2222223 024222 322222"),
            ("0516", "1222222 0222"),
            ("0601", "03323"),
        ),
    ),
    _season(
        2023,
        "1024",
        "0414",
        "1107 1123 1203 1210 1224 0216-0221 0408 0413",
        preseason="1005",
        all_star="0216 0218",
        cup_final="1209",
        play_in="0416 0417 0419",
        rounds=(
            ("0420", "13322 023322 123222 0232332 1332 02322 0332 123232"),
            ("0504", "32222 2222232 322223 0242223"),
            ("0521", "0222 12222"),
            ("0606", "03323"),
        ),
    ),
    _season(
        2024,
        "1022",
        "0413",
        "1105 1128 1218 1224 0214-0218 0412",
        preseason="1004",
        all_star="0214 0216",
        cup_final="1217",
        play_in="0415 0416 0418",
        rounds=(
            ("0419", "1332 13222 023322 03322 1222 1332222 03323 0232322"),
            ("0504", "02322 123222 1222223 22222"),
            ("0520", "122222 02222"),
            ("0605", "0332333"),
        ),
    ),
    # 8 and 17 December held few games; without them the five seasons have the 918 dates that
    # the migration's documents count through 2026-01-03.
    _season(
        2025,
        "1021",
        "0412",
        "1127 1208 1217 1224 0213-0218 0411",
        preseason="1002",
        all_star="0213 0215",
        cup_final="1216",
        played_through="0103",
    ),
)

SEASON_DAYS: dict[Season, SeasonDays] = {one.season: one for one in _SEASONS}
"""What is known of each season, by season."""


def season_days(season: Season) -> SeasonDays:
    """Days of one season.

    Raises ValueError naming the known seasons for any other.
    """
    if season not in SEASON_DAYS:
        known = ", ".join(str(one) for one in SEASON_DAYS)
        raise ValueError(f"the demo league knows no game days of {season}; it plays {known}")
    return SEASON_DAYS[season]
