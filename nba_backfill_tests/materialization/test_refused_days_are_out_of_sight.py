"""What a statement can read and what the gate judged are one set: a refused day is in neither.

A past day of an input is refused and its rows are scrambled and doubled; a later day of each reader
must come out as if those rows were not there. So it must for a refused day of an earlier season,
where a window reaches so far. That the scrambled rows would be noticed, were they read, is proven
beside it: without that the equality would say nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pytest

from nba_backfill.core.season import HISTORY_START, Season
from nba_backfill.core.table import RawTable
from nba_backfill.core.window import Reach
from nba_backfill.definitions import CATALOGUE
from nba_backfill.materialization.computation import ComputationError, stage_days
from nba_backfill.materialization.gate import Gate
from nba_backfill.materialization.judge import Judge
from nba_backfill.warehouse.ledger import Status
from nba_backfill_tests.conftest import DEMO_SEASON, copied

DAY = dt.date(2024, 11, 20)
EARLIER = dt.date(2024, 4, 10)
FIGURES = ("INT64", "FLOAT64")


UNNOTICED = {
    ("player_shot_zone_analysis", "games"),
    ("team_defense_zone_analysis", "games"),
    ("player_daily_cache", "games"),
}
"""Who asks of a day how many games are lacking: that is a game without its day's boxes, of which the
demo league has none."""

UNNOTICED_EARLIER = {
    ("ml_feature_store_v2", "player_game_summary"),
    ("upcoming_player_game_context", "player_boxes"),
}
"""The first asks an earlier season only about games against the opponent of the day, the second
about a club that has not played this season. Documents are not asked whether they notice: few
players come into a list of the best, and a pointer shows the newest document whatever it says."""

PAIRS = [
    (table.name, name)
    for table in CATALOGUE
    for name, window in table.reads.items()
    if not isinstance(CATALOGUE.by_name[name], RawTable) and window.bounds(DAY)[0] < DAY
]
"""Reader and input, for every window over a computed table that reaches into the past."""

WITHIN_SEASON = [
    pair
    for pair in PAIRS
    if CATALOGUE.table(pair[0]).reads[pair[1]].reach is not Reach.HISTORY_BEFORE_MONTH
]
"""Without those that end before the month: the demo season begins a week before November."""

ACROSS_SEASONS = [
    pair for pair in PAIRS if CATALOGUE.table(pair[0]).reads[pair[1]].bounds(DAY)[0] <= EARLIER
]
CANDIDATES = 4
"""Past days tried until one is met that the reader notices: two clubs may not have played."""


@pytest.fixture(scope="module")
def warehouse(demo_warehouse, tmp_path_factory):
    copy = copied(demo_warehouse, tmp_path_factory.mktemp("refused") / "copy.duckdb")
    for table in CATALOGUE.by_name.values():
        copy.ensure_table(table)
    yield copy
    copy.close()


def days_with_rows(warehouse, upstream, first, last):
    """Days of a table with rows before DAY, within bounds, the last first."""
    history = warehouse.histories([upstream.relation])[upstream.relation]
    return [
        day
        for day, record in reversed(history.by_day.items())
        if first <= day <= last and day < DAY and record.row_count
    ]


def scramble(warehouse, table, source, day):
    """Put on a day what stands on another, twice and with other figures."""
    temporary, when = f"scrambled_{table.name}", {table.date_column: f"DATE '{day}'"}
    when["season_year"] = str(Season.of(day).year)
    columns = ", ".join(
        when.get(column.name)
        or (f'"{column.name}" * 7 + 13' if column.type in FIGURES else f'"{column.name}"')
        for column in table.columns
    )
    names = ", ".join(f'"{column.name}"' for column in table.columns)
    warehouse.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {temporary} AS SELECT {columns} FROM {table.relation}"
        f" WHERE \"{table.date_column}\" = '{source}'"
    )
    delete(warehouse, table, source, day)
    for _ in range(2):
        warehouse.connection.execute(f"INSERT INTO {table.relation} ({names}) FROM {temporary}")


def delete(warehouse, table, _source, day):
    """Leave a day without rows."""
    warehouse.connection.execute(
        f"DELETE FROM {table.relation} WHERE \"{table.date_column}\" = '{day}'"
    )


def record_day(warehouse, table, source, day, status):
    """Let the ledger say of a day what it says of another, with a status of its own."""
    record = warehouse.histories([table.relation])[table.relation].get(source)
    warehouse.write_records([replace(record, day=day, status=status)])


def computed(warehouse, table):
    """DAY of a table as it would come out now: its rows and what is found in them."""
    try:
        staged = stage_days(table, CATALOGUE, warehouse, [DAY])
    except ComputationError as error:
        # A document refuses scrambled figures by its units.
        return None, str(error)
    calendar = CATALOGUE.calendar(warehouse, CATALOGUE.seasons_read([table], [DEMO_SEASON]))
    profile = Judge(table, CATALOGUE, warehouse, calendar).profiles(staged, [DAY])[DAY]
    rows = warehouse.fingerprints(table, staged).get(DAY)
    warehouse.drop_staged(staged)
    return rows, profile.findings


def judged(warehouse, table):
    """What the gate says of DAY: inputs that keep it shut, input days wanted and found."""
    inputs = CATALOGUE.inputs(table)
    histories = warehouse.histories(upstream.relation for upstream in inputs.values())
    gate = Gate.of(
        table,
        inputs,
        CATALOGUE.calendar(warehouse, CATALOGUE.seasons_read([table], [DEMO_SEASON])),
        {name: histories[upstream.relation] for name, upstream in inputs.items()},
        warehouse.acceptances(),
    )
    return gate.shut_for(DAY), *gate.window_counts(DAY)


def tried(warehouse, table, upstream, source, day, change, status):
    """Rows, findings and the gate's word with a day of an input changed and judged so."""
    with warehouse.rolled_back():
        change(warehouse, upstream, source, day)
        record_day(warehouse, upstream, source, day, status)
        return *computed(warehouse, table), judged(warehouse, table)


@pytest.mark.slow
@pytest.mark.parametrize(("reader", "name"), WITHIN_SEASON, ids=map(" reads ".join, WITHIN_SEASON))
def test_a_refused_past_day_is_out_of_sight_whatever_its_rows_are(warehouse, reader, name):
    table, upstream = CATALOGUE.table(reader), CATALOGUE.by_name[name]
    days = days_with_rows(warehouse, upstream, *table.reads[name].bounds(DAY))
    noticed = False
    for past in days[:CANDIDATES]:
        seen, absent, refused, failed = (
            tried(warehouse, table, upstream, past, past, change, status)
            for change, status in (
                (scramble, Status.COMPLETE),
                (delete, Status.COMPLETE),
                (scramble, Status.REJECTED),
                (scramble, Status.FAILED),
            )
        )
        assert refused == failed
        assert refused[:2] == absent[:2]
        shut, wanted, found = refused[2]
        assert not shut
        assert (shut, wanted, found + 1) == absent[2]
        noticed = seen[:2] != absent[:2]
        if noticed:
            break
    if table.publication is None:
        assert noticed is ((reader, name) not in UNNOTICED)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("reader", "name"), ACROSS_SEASONS, ids=map(" reads ".join, ACROSS_SEASONS)
)
def test_a_refused_day_of_an_earlier_season_is_out_of_sight_too(warehouse, reader, name):
    table, upstream = CATALOGUE.table(reader), CATALOGUE.by_name[name]
    # What is joined with it must be there on that day too, or nobody would notice it.
    joined = [CATALOGUE.by_name[other] for at, other in ACROSS_SEASONS if at == reader]
    joined.remove(upstream)
    source = max(
        set.intersection(
            *(set(days_with_rows(warehouse, t, HISTORY_START, DAY)) for t in [upstream, *joined])
        )
    )

    def with_joined(change, status):
        with warehouse.rolled_back():
            for other in joined:
                scramble(warehouse, other, source, EARLIER)
                record_day(warehouse, other, source, EARLIER, Status.COMPLETE)
            change(warehouse, upstream, source, EARLIER)
            record_day(warehouse, upstream, source, EARLIER, status)
            return computed(warehouse, table)

    absent = with_joined(delete, Status.COMPLETE)
    assert with_joined(scramble, Status.REJECTED) == absent
    seen = with_joined(scramble, Status.COMPLETE)
    if table.publication is None:
        assert (seen != absent) is ((reader, name) not in UNNOTICED_EARLIER)
