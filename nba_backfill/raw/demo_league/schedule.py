"""Who plays whom and when: 82 games per club on the season's real days, tip times, ids.

Opponents follow the league's formula: four games against each division rival, four against six
and three against four clubs of the other two divisions of the conference, two against each club
of the other conference; 41 at home.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from zoneinfo import ZoneInfo

import numpy as np

from nba_backfill.core.season import Season
from nba_backfill.raw.demo_league.calendar import SeasonDays
from nba_backfill.raw.demo_league.clubs import CLUBS

EASTERN = ZoneInfo("America/New_York")
GAMES_BY_WEEKDAY = np.array([7.4, 6.4, 10.2, 4.6, 10.0, 7.6, 7.4])
"""How full the league's week is, Monday to Sunday."""

REGULAR, CUP_FINAL, PLAY_IN, PLAYOFFS = "regular_season", "cup_final", "play_in", "playoffs"
MATINEES = (12 * 60, 13 * 60, 15 * 60 + 30, 15 * 60 + 30, 18 * 60, 18 * 60)
EVENINGS = {
    "east": (1140, 1140, 1140, 1170, 1170, 1200),
    "central": (1200, 1200, 1200, 1230, 1170),
    "mountain": (1260, 1260, 1290, 1320),
    "pacific": (1320, 1320, 1350, 1290),
}
"""Minutes after Eastern midnight at which games tip off, by the home club's zone."""

ZONE_GROUPS = {
    "America/Chicago": "central",
    "America/Denver": "mountain",
    "America/Phoenix": "mountain",
    "America/Los_Angeles": "pacific",
}
ABROAD = (("America/Mexico_City", 11, 19 * 60 + 30), ("Europe/Paris", 1, 14 * 60))
"""One game a season in each: zone, month, Eastern minute of tip-off."""


@dataclass(frozen=True, slots=True)
class Fixture:
    """One game of the schedule; ``home`` and ``away`` are indexes of clubs."""

    official_id: str
    day: dt.date
    home: int
    away: int
    kind: str
    tip: dt.datetime
    timezone: str
    round_name: str | None = None
    is_neutral: bool = False
    is_cup: bool = False

    @property
    def canonical_id(self) -> str:
        """``YYYYMMDD_AWAY_HOME``."""
        return f"{self.day:%Y%m%d}_{CLUBS[self.away].abbr}_{CLUBS[self.home].abbr}"


def eastern(day: dt.date, minutes: int) -> dt.datetime:
    """The UTC instant of an Eastern wall clock, ``minutes`` after midnight."""
    local = dt.datetime(day.year, day.month, day.day, tzinfo=EASTERN) + dt.timedelta(
        minutes=minutes
    )
    return local.astimezone(dt.UTC)


def tip_minutes(home: int, day: dt.date, rng: np.random.Generator) -> int:
    """Eastern minute of tip-off: weekend matinees, else the evening of the home zone."""
    group = ZONE_GROUPS.get(CLUBS[home].timezone, "east")
    early = day.weekday() >= 5 and rng.random() < 0.3
    choices = MATINEES if early else EVENINGS[group]
    return int(choices[int(rng.integers(len(choices)))])


def make_fixture(
    official_id: str,
    day: dt.date,
    pair: tuple[int, int],
    rng: np.random.Generator,
    *,
    kind: str,
    round_name: str | None = None,
) -> Fixture:
    """A game at the home club's arena at an ordinary tip time; the home club comes first."""
    home, away = pair
    tip = eastern(day, tip_minutes(home, day, rng))
    return Fixture(official_id, day, home, away, kind, tip, CLUBS[home].timezone, round_name)


def pairings(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Home and away clubs of the 1,230 games, in no order of days."""
    home: list[int] = []
    away: list[int] = []

    def play(one: int, other: int, at_one: int, at_other: int) -> None:
        home.extend([one] * at_one + [other] * at_other)
        away.extend([other] * at_one + [one] * at_other)

    divisions = [[n for n, club in enumerate(CLUBS) if club.division == d] for d in range(6)]
    for d, members in enumerate(divisions):
        for n, one in enumerate(members):
            for other in members[n + 1 :]:
                play(one, other, 2, 2)
        for e in range(d + 1, 6):
            shift = int(rng.integers(5))
            for n, one in enumerate(members):
                for m, other in enumerate(divisions[e]):
                    if d // 3 != e // 3:
                        play(one, other, 1, 1)
                        continue
                    # Two of five rivals are met three times: one of them twice at home.
                    step = (m - n - shift) % 5
                    at_one, at_other = ((2, 1), (1, 2), (2, 2), (2, 2), (2, 2))[step]
                    play(one, other, at_one, at_other)
    return np.array(home), np.array(away)


def _sizes(days: Sequence[dt.date], games: int, rng: np.random.Generator) -> np.ndarray:
    """Games on each day: busy Wednesdays and Fridays, two on opening night, 15 on the last."""
    weight = GAMES_BY_WEEKDAY[[day.weekday() for day in days]] * rng.uniform(0.7, 1.3, len(days))
    weight[0], weight[-1] = 0, 0
    rest = games - 17
    sizes = np.clip(np.floor(weight / weight.sum() * rest), 1, 14).astype(int)
    sizes[0], sizes[-1] = 2, 15
    short = games - int(sizes.sum())
    middle = np.arange(1, len(days) - 1)
    while short:
        open_days = middle[sizes[middle] < 14] if short > 0 else middle[sizes[middle] > 1]
        chosen = rng.permutation(open_days)[: abs(short)]
        sizes[chosen] += 1 if short > 0 else -1
        short = games - int(sizes.sum())
    return sizes


def _final_day(home: np.ndarray, away: np.ndarray, rng: np.random.Generator) -> list[int]:
    """Fifteen games in which every club plays once."""
    while True:
        busy: set[int] = set()
        chosen = []
        for game in rng.permutation(len(home)):
            pair = {int(home[game]), int(away[game])}
            if not busy & pair:
                busy |= pair
                chosen.append(int(game))
        if len(chosen) == len(CLUBS) // 2:
            return chosen


class _Planner:
    """Puts games on days one day after the other, the clubs most behind first."""

    def __init__(
        self, days: Sequence[dt.date], home: np.ndarray, away: np.ndarray, rng: np.random.Generator
    ) -> None:
        self.ordinals = np.array([day.toordinal() for day in days])
        self.home, self.away, self.rng = home, away, rng
        self.day_of = np.full(len(home), -1)
        width = int(self.ordinals[-1] - self.ordinals[0]) + 7
        # Three empty days before the first, so that looking back needs no bounds.
        self.plays = np.zeros((len(CLUBS), width), dtype=bool)
        self.left = np.bincount(np.concatenate([home, away]), minlength=len(CLUBS)).astype(float)

    def put(self, game: int, slot: int) -> None:
        """Play a game on the day with this index."""
        at = self.ordinals[slot] - self.ordinals[0] + 3
        for club in (self.home[game], self.away[game]):
            self.plays[club, at] = True
            self.left[club] -= 1
        self.day_of[game] = slot

    def fill(self, slot: int, size: int) -> None:
        """Choose up to ``size`` games for one day."""
        at = self.ordinals[slot] - self.ordinals[0] + 3
        recent = self.plays[:, at - 3 : at]
        days_left = len(self.ordinals) - slot
        merit = self.left / days_left * 6.0
        merit = merit - 0.8 * recent[:, 2] - 0.5 * (recent.sum(axis=1) >= 2)
        merit = merit + 0.8 * (recent.sum(axis=1) == 0)
        merit[recent[:, 1] & recent[:, 2]] = -1e6
        score = merit[self.home] + merit[self.away] + self.rng.normal(0, 0.25, len(self.home))
        score[self.day_of >= 0] = -np.inf
        for _ in range(size):
            game = int(np.argmax(score))
            if score[game] < -1e5:
                return
            self.put(game, slot)
            pair = (self.home[game], self.away[game])
            score[np.isin(self.home, pair) | np.isin(self.away, pair)] = -np.inf

    def place_leftovers(self) -> None:
        """Give every game left over a day on which both clubs rest, not a third in a row."""
        at = self.ordinals - self.ordinals[0] + 3
        for game in np.flatnonzero(self.day_of < 0):
            both = self.plays[self.home[game]].astype(int) + self.plays[self.away[game]]
            free = both[at] == 0
            crowd = both[at - 1] + both[at + 1] + 0.2 * (both[at - 2] + both[at + 2])
            crowd = crowd + self.rng.uniform(0, 0.1, len(at))
            self.put(int(game), int(np.argmin(np.where(free, crowd, np.inf))))


def regular_season(days: SeasonDays, rng: np.random.Generator) -> list[Fixture]:
    """The 1,230 games of a regular season, in order of day and tip-off."""
    home, away = pairings(rng)
    dates = days.regular_days()
    planner = _Planner(dates, home, away, rng)
    last = _final_day(home, away, rng)
    for game in last:
        planner.put(game, len(dates) - 1)
    sizes = _sizes(dates, len(home), rng)
    for slot in range(len(dates) - 1):
        planner.fill(slot, int(sizes[slot]))
    planner.place_leftovers()
    order = np.lexsort((home, planner.day_of))
    drafts = []
    for game in order:
        day, at_home = dates[planner.day_of[game]], int(home[game])
        drafts.append((day, at_home, int(away[game]), tip_minutes(at_home, day, rng)))
    drafts.sort(key=lambda draft: (draft[0], draft[3], draft[1]))
    year = days.season.year
    abroad = {}
    for zone, month, minute in ABROAD:
        inside = [n for n, draft in enumerate(drafts) if draft[0].month == month]
        abroad[inside[int(rng.integers(len(inside)))]] = (zone, minute)
    games = []
    for n, (day, at_home, visitor, minute) in enumerate(drafts):
        zone, start = abroad.get(n, (CLUBS[at_home].timezone, minute))
        cup = days.cup_final is not None and day.month == 11 and day.weekday() in (1, 4)
        games.append(
            Fixture(
                official_id=f"002{year % 100:02d}{n + 1:05d}",
                day=day,
                home=at_home,
                away=visitor,
                kind=REGULAR,
                tip=eastern(day, start),
                timezone=zone,
                is_neutral=n in abroad,
                is_cup=cup,
            )
        )
    return games


def cup_final(days: SeasonDays, home: int, away: int) -> Fixture:
    """The Cup final in Las Vegas; it counts for no club's 82 games."""
    if days.cup_final is None:
        raise ValueError(f"season {days.season} has no Cup final")
    return Fixture(
        official_id=f"006{days.season.year % 100:02d}00001",
        day=days.cup_final,
        home=home,
        away=away,
        kind=CUP_FINAL,
        tip=eastern(days.cup_final, 20 * 60 + 30),
        timezone="America/Los_Angeles",
        is_neutral=True,
        is_cup=True,
    )


def season_id(season: Season, prefix: str, number: int) -> str:
    """Official id of a game outside the regular season: prefix, year, five digits."""
    return f"{prefix}{season.year % 100:02d}{number:05d}"
