"""A site of the toy league: one exporter of each kind, small enough to know every document."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

from nba_backfill.core.window import Window
from nba_backfill.materialization.catalogue import Catalogue
from nba_backfill.publishing.document import Document, Part
from nba_backfill.publishing.exporter import Kind, Withheld, exporter
from nba_backfill.publishing.gathered import records
from nba_backfill_tests.core.toy_league import TOY

HERE = Path(__file__).parent
LEAKED = 198
"""Points by which the toy league's alarm goes off."""


class Score(Part):
    """A club's points."""

    team: str
    points: int


class Scores(Document):
    """The points of a day."""

    game_date: dt.date
    scores: list[Score]


class Leaders(Document):
    """The points of a season."""

    as_of_date: dt.date
    leaders: list[Score]


class Club(Document):
    """A club that plays."""

    game_date: dt.date
    points_before: int


def scores(day, rows):
    """The document of a day."""
    found = [{"team": r["team"], "points": r["points"]} for r in records(rows)]
    path = f"scores/{day}.json"
    if any(score["points"] == LEAKED for score in found):
        return {path: Withheld("too good to be true")}
    return {path: {"game_date": day, "scores": sorted(found, key=lambda s: s["team"])}}


def leaders(day, rows):
    """The document as of a day."""
    found = [{"team": r["team"], "points": int(r["points"])} for r in records(rows)]
    ordered = sorted(found, key=lambda s: (-s["points"], s["team"]))
    return {"leaders.json": {"as_of_date": day, "leaders": ordered}}


def clubs(day, rows):
    """A document per club that plays."""
    return {
        f"clubs/{r['team'].lower()}.json": {"game_date": day, "points_before": r["points_before"]}
        for r in records(rows)
    }


def newest(_day, rows):
    """The newest scores."""
    return {r["path"]: Scores.model_validate_json(r["document"]) for r in records(rows)}


SCORES = exporter(
    name="site_scores",
    kind=Kind.DATED,
    paths="scores/{date}.json",
    max_age=60,
    model=Scores,
    reads={"team_points": Window.same_day()},
    shape=scores,
    description="Points.",
    source=str(HERE / "site_scores.py"),
)
LEADERS = exporter(
    name="site_leaders",
    kind=Kind.SNAPSHOT,
    paths="leaders.json",
    max_age=60,
    model=Leaders,
    reads={
        "games": Window.same_day(),
        "team_points": Window.season_to_date(before=False),
    },
    shape=leaders,
    description="Leaders.",
    source=str(HERE / "site_leaders.py"),
)
CLUBS = exporter(
    name="site_clubs",
    kind=Kind.PRE_GAME,
    paths="clubs/{player_lookup}.json",
    max_age=30,
    model=Club,
    reads={"season_points": Window.same_day()},
    shape=clubs,
    expires=True,
    description="Clubs that play.",
    source=str(HERE / "site_clubs.py"),
)
NEWEST = exporter(
    name="site_newest",
    kind=Kind.POINTER,
    paths="scores/latest.json",
    max_age=5,
    model=Scores,
    reads={"games": Window.same_day(), "site_scores": Window.season_to_date(before=False)},
    shape=newest,
    points_at={"scores/latest.json": SCORES},
    description="The newest scores.",
    source=str(HERE / "site_newest.py"),
)
ONLINE = exporter(
    name="site_online",
    kind=Kind.LIVE,
    paths="online/{date}.json",
    max_age=1,
    model=Scores,
    reads={"team_points": Window.same_day()},
    shape=scores,
    description="Points as they come.",
    source=str(HERE / "site_scores.py"),
)
SITE = Catalogue([*TOY.by_name.values(), SCORES, LEADERS, CLUBS, NEWEST])
EXPORTERS = (SCORES, LEADERS, CLUBS, NEWEST)
