"""The thirty clubs: names, codes, arenas, zones; distances between them by great circle."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from math import asin, cos, radians, sin, sqrt
from zoneinfo import ZoneInfo

EARTH_RADIUS_MILES = 3958.8


@dataclass(frozen=True, slots=True)
class Club:
    """One club. ``conference`` 0 East, 1 West; ``division`` 0-5, three per conference."""

    abbr: str
    city: str
    nickname: str
    conference: int
    division: int
    latitude: float
    longitude: float
    timezone: str

    @property
    def full_name(self) -> str:
        """Name as bookmakers print it."""
        return f"{self.city} {self.nickname}"

    @property
    def espn(self) -> str:
        """ESPN's code, where it differs from the league's."""
        return ESPN_CODES.get(self.abbr, self.abbr)


ESPN_CODES = {"GSW": "GS", "NYK": "NY", "NOP": "NO", "SAS": "SA", "UTA": "UTAH", "WAS": "WSH"}

_EAST, _CENTRAL = "America/New_York", "America/Chicago"
_MOUNTAIN, _PACIFIC = "America/Denver", "America/Los_Angeles"

_ROWS = (
    ("ATL", "Atlanta", "Hawks", 2, 33.757, -84.396, _EAST),
    ("BKN", "Brooklyn", "Nets", 0, 40.683, -73.975, _EAST),
    ("BOS", "Boston", "Celtics", 0, 42.366, -71.062, _EAST),
    ("CHA", "Charlotte", "Hornets", 2, 35.225, -80.839, _EAST),
    ("CHI", "Chicago", "Bulls", 1, 41.881, -87.674, _CENTRAL),
    ("CLE", "Cleveland", "Cavaliers", 1, 41.497, -81.688, _EAST),
    ("DAL", "Dallas", "Mavericks", 5, 32.790, -96.810, _CENTRAL),
    ("DEN", "Denver", "Nuggets", 3, 39.749, -105.008, _MOUNTAIN),
    ("DET", "Detroit", "Pistons", 1, 42.341, -83.055, _EAST),
    ("GSW", "Golden State", "Warriors", 4, 37.768, -122.388, _PACIFIC),
    ("HOU", "Houston", "Rockets", 5, 29.751, -95.362, _CENTRAL),
    ("IND", "Indiana", "Pacers", 1, 39.764, -86.155, _EAST),
    ("LAC", "LA", "Clippers", 4, 33.945, -118.343, _PACIFIC),
    ("LAL", "Los Angeles", "Lakers", 4, 34.043, -118.267, _PACIFIC),
    ("MEM", "Memphis", "Grizzlies", 5, 35.138, -90.051, _CENTRAL),
    ("MIA", "Miami", "Heat", 2, 25.781, -80.187, _EAST),
    ("MIL", "Milwaukee", "Bucks", 1, 43.045, -87.917, _CENTRAL),
    ("MIN", "Minnesota", "Timberwolves", 3, 44.980, -93.276, _CENTRAL),
    ("NOP", "New Orleans", "Pelicans", 5, 29.949, -90.082, _CENTRAL),
    ("NYK", "New York", "Knicks", 0, 40.750, -73.993, _EAST),
    ("OKC", "Oklahoma City", "Thunder", 3, 35.463, -97.515, _CENTRAL),
    ("ORL", "Orlando", "Magic", 2, 28.539, -81.384, _EAST),
    ("PHI", "Philadelphia", "76ers", 0, 39.901, -75.172, _EAST),
    ("PHX", "Phoenix", "Suns", 4, 33.446, -112.071, "America/Phoenix"),
    ("POR", "Portland", "Trail Blazers", 3, 45.532, -122.667, _PACIFIC),
    ("SAC", "Sacramento", "Kings", 4, 38.580, -121.500, _PACIFIC),
    ("SAS", "San Antonio", "Spurs", 5, 29.427, -98.437, _CENTRAL),
    ("TOR", "Toronto", "Raptors", 0, 43.643, -79.379, "America/Toronto"),
    ("UTA", "Utah", "Jazz", 3, 40.768, -111.901, _MOUNTAIN),
    ("WAS", "Washington", "Wizards", 2, 38.898, -77.021, _EAST),
)

CLUBS: tuple[Club, ...] = tuple(
    Club(abbr, city, nickname, int(division >= 3), division, latitude, longitude, timezone)
    for abbr, city, nickname, division, latitude, longitude, timezone in _ROWS
)
"""All clubs in order of their code; a club's place here is its index in every array."""


def miles_between(here: Club, there: Club) -> int:
    """Great-circle distance between two arenas in whole miles (haversine)."""
    lat1, lat2 = radians(here.latitude), radians(there.latitude)
    chord = (
        sin((lat2 - lat1) / 2) ** 2
        + cos(lat1) * cos(lat2) * sin(radians(there.longitude - here.longitude) / 2) ** 2
    )
    return round(2 * EARTH_RADIUS_MILES * asin(sqrt(chord)))


def zones_between(here: Club, there: Club) -> int:
    """Hours between the winter clocks of two arenas, never negative."""
    winter = dt.datetime(2024, 1, 15, 12, tzinfo=dt.UTC)
    offsets = [winter.astimezone(ZoneInfo(one.timezone)).utcoffset() for one in (here, there)]
    seconds = [offset.total_seconds() for offset in offsets if offset is not None]
    return int(abs(seconds[0] - seconds[1]) // 3600)


def journeys() -> Iterator[tuple[str, str, int, int]]:
    """Every ordered pair of clubs with miles and time zones between them: 30 x 29."""
    for here in CLUBS:
        for there in CLUBS:
            if here is not there:
                yield here.abbr, there.abbr, miles_between(here, there), zones_between(here, there)
