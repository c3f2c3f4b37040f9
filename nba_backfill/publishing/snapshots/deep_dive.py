"""The teaser of the month's topic, with a number that is counted or none (spec 50, 4.7)."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Annotated, Any

import pandas as pd
from pydantic import Field

from nba_backfill.core.window import Window
from nba_backfill.publishing import gathered, overs
from nba_backfill.publishing.document import Document, Part
from nba_backfill.publishing.exporter import Kind, exporter
from nba_backfill.publishing.gathered import records
from nba_backfill.publishing.overs import Overs

PATH = "trends/deep-dive-current.json"
DAYS = 90
CTA = "Read the deep dive"


@dataclass(frozen=True, slots=True)
class Topic:
    """What the platform looks at in a month."""

    focus: str
    title: str
    subtitle: str
    teaser: str


REST_IMPACT = Topic(
    "rest_impact",
    "What rest is worth",
    "Back-to-backs against days off",
    "How often players go over their line with two days off or more, and without any.",
)
TOPICS = {
    1: Topic(
        "schedule_density",
        "The densest month",
        "Many games in few days",
        "What a crowded calendar does to points against the line.",
    ),
    2: Topic(
        "all_star_break",
        "Around the break",
        "Before and after the All-Star weekend",
        "Whether a week off moves players over or under their line.",
    ),
    3: Topic(
        "playoff_race",
        "The race",
        "Clubs with something to play for",
        "How players do against the line while seeds are decided.",
    ),
    4: Topic(
        "season_end",
        "The last weeks",
        "Rested regulars and new faces",
        "What lines miss when rotations change.",
    ),
    10: Topic(
        "season_start",
        "Opening weeks",
        "Lines that know last season only",
        "How good first lines are before there is a season to judge by.",
    ),
    11: Topic(
        "early_season",
        "Early form",
        "Small samples, new roles",
        "How players do against lines that are still finding their level.",
    ),
    12: REST_IMPACT,
}


class HeroStat(Part):
    """The number of the topic, counted from games."""

    value: Annotated[str, Field(pattern=r"^\d{1,3}\.\d%$")]
    label: str
    context: str


class DeepDive(Document):
    """The topic of the as-of day's month; without games to count there is no number."""

    as_of_date: dt.date
    month: str
    title: str
    subtitle: str
    hero_stat: HeroStat | None
    teaser: str
    slug: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]
    cta: str


def shape(day: dt.date, rows: pd.DataFrame) -> dict[str, Document]:
    """The document of a day."""
    topic = TOPICS.get(day.month, REST_IMPACT)
    counts = next(iter(records(rows)), None)
    hero = None
    if counts is not None:
        hero = _rest_stat(counts) if topic is REST_IMPACT else _month_stat(day, counts)
    return {
        PATH: DeepDive(
            as_of_date=day,
            month=f"{day:%B %Y}",
            title=topic.title,
            subtitle=topic.subtitle,
            hero_stat=hero,
            teaser=topic.teaser,
            slug=f"{topic.focus.replace('_', '-')}-{day:%B-%Y}".lower(),
            cta=CTA,
        )
    }


def _rest_stat(counts: dict[str, Any]) -> HeroStat | None:
    rested = Overs(counts["rested_games"], counts["rested_overs"])
    tired = Overs(counts["b2b_games"], counts["b2b_overs"])
    if not rested.games or not tired.games:
        return None
    return HeroStat(
        value=rested.stat,
        label="went over with two days off or more",
        context=(
            f"{tired.stat} on back-to-backs; {rested.games} and {tired.games} games"
            f" of the last {DAYS} days"
        ),
    )


def _month_stat(day: dt.date, counts: dict[str, Any]) -> HeroStat | None:
    month = Overs(counts["month_games"], counts["month_overs"])
    if not month.games:
        return None
    return HeroStat(
        value=month.stat,
        label=f"of players' games in {day:%B} went over the line",
        context=f"{month.overs} of {month.games} games, pushes left out",
    )


TABLE = exporter(
    name="deep_dive",
    kind=Kind.SNAPSHOT,
    paths=PATH,
    max_age=86400,
    model=DeepDive,
    reads={
        "games": Window.same_day(),
        "player_game_summary": Window.days(DAYS, before=False),
    },
    steps=("../shared/as_of_days", "../shared/games_in_order"),
    shape=shape,
    code=(gathered, overs),
    description="The topic of the month, with a number counted from games or none.",
    source=__file__,
    entries=lambda made: int(made.hero_stat is not None),
)
