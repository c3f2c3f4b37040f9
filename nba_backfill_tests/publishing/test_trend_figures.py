"""What documents of trends share: the clock, the rate, and that no day knows a later one."""

import random
from contextlib import contextmanager

import duckdb
import pandas as pd
import pytest

from nba_backfill.definitions import CATALOGUE
from nba_backfill.publishing.overs import Overs
from nba_backfill.publishing.tonight import eastern_time
from nba_backfill.warehouse.dialect import duckdb_ddl, select_statement, to_duckdb
from nba_backfill_tests.publishing.player_rows import before, expected, graded, scheduled
from nba_backfill_tests.publishing.test_team_tendencies import game, zone
from nba_backfill_tests.publishing.trend_rows import decided, shaped

TRENDS = (
    "streaks",
    "whos_hot",
    "bounce_back",
    "what_matters",
    "team_tendencies",
    "quick_hits",
    "deep_dive",
    "tonight_trend_plays",
)


@pytest.mark.parametrize(
    ("minute", "told"),
    [
        (0, "12:00 AM ET"),
        (59, "12:59 AM ET"),
        (660, "11:00 AM ET"),
        (720, "12:00 PM ET"),
        (785, "1:05 PM ET"),
        (1439, "11:59 PM ET"),
        (None, None),
    ],
)
def test_a_minute_of_the_day_is_told_as_clocks_do(minute, told):
    assert eastern_time(minute) == told


@pytest.mark.parametrize(
    ("games", "overs", "tenths"),
    [(2000, 1, 1), (2001, 1, 0), (3, 2, 667), (7, 0, 0), (7, 7, 1000)],
)
def test_a_rate_is_in_tenths_of_a_percent_halves_up(games, overs, tenths):
    assert Overs(games, overs).tenths == tenths


def test_no_games_have_no_rate_and_zero_overs_have_one():
    assert Overs(0, 0).percent is None
    assert Overs(5, 0).percent == 0.0
    assert Overs.total([]) == Overs(0, 0)
    assert Overs.total([Overs(5, 1), Overs(5, 2)]) == Overs(10, 3)


DAYS = [before(n) for n in (40, 21, 3, 0)]


class World:
    """Rows of a few players and clubs, before, on and after some days."""

    def __init__(self, memory):
        self.memory = memory
        self.memory.execute("SET TimeZone = 'UTC'")
        for source in {s.name: s for n in TRENDS for s in _inputs(n)}.values():
            memory.execute(f"CREATE SCHEMA IF NOT EXISTS {source.dataset}")
            memory.execute(duckdb_ddl(source.relation, source.columns))
            rows = pd.DataFrame(ROWS[source.name])
            memory.register("rows", rows)
            memory.execute(f"INSERT INTO {source.relation} BY NAME FROM rows")

    def gathered(self, name, first, last):
        """What the SELECT of an exporter gathers for a range of days."""
        table = CATALOGUE.table(name)
        statement = select_statement(table, CATALOGUE.inputs(table), first, last)
        found = self.memory.execute(to_duckdb(statement.sql), dict(statement.parameters))
        names = [column[0] for column in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]

    @contextmanager
    def until(self, name, day):
        """The world as it is at the end of a day, which has no later rows."""
        self.memory.execute("BEGIN")
        for source in _inputs(name):
            self.memory.execute(
                f"DELETE FROM {source.relation} WHERE {source.date_column} > ?", [day]
            )
        yield
        self.memory.execute("ROLLBACK")


def _inputs(name):
    return CATALOGUE.inputs(CATALOGUE.table(name)).values()


CHANCE = random.Random(7)
CLUBS = ("BOS", "NYK", "LAL", "MIA")
SPAN = range(-20, 110)
POINTS = [
    decided(n, CHANCE.randint(-16, 16), f"p{who}", club=CLUBS[who % 4], home=n % 3 == 0)
    for n in SPAN
    for who in range(8)
    if CHANCE.random() < 0.6
]
ROWS = {
    "player_game_summary": POINTS,
    "prediction_accuracy": [
        graded(row["game_date"], row["player_lookup"], right=CHANCE.random() < 0.8)
        for row in POINTS
    ],
    "team_offense_game_summary": [
        game(n, club, CHANCE.randint(90, 130), home=CHANCE.random() < 0.5, pace=100.0 + n % 7)
        for n in SPAN
        for club in CLUBS
        if CHANCE.random() < 0.6
    ],
    "team_defense_zone_analysis": [
        zone(n, club, paint=CHANCE.random()) for n in SPAN for club in CLUBS
    ],
    "games": [scheduled(before(n), score=None) for n in SPAN],
    "upcoming_player_game_context": [expected(before(n), f"p{n % 4 * 2}") for n in SPAN],
}


@pytest.fixture(scope="module")
def world():
    with duckdb.connect() as memory:
        yield World(memory)


@pytest.mark.parametrize("name", TRENDS)
def test_a_day_of_a_range_says_what_it_says_alone_while_nothing_later_exists(name, world):
    table = CATALOGUE.table(name)
    ranged = world.gathered(name, DAYS[0], DAYS[-1])
    for day in DAYS:
        with world.until(name, day):
            alone = world.gathered(name, day, day)
        of_day = [row for row in ranged if row[table.date_column] == day]
        assert of_day
        assert shaped(table, of_day, day) == shaped(table, alone, day)
