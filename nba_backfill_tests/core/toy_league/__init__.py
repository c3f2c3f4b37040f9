"""A league of four clubs with three tables: small enough to say what every row must be."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import dagster as dg

from nba_backfill.core.table import Column, Layer, RawTable, Reconciliation, Rows, Rule, Table
from nba_backfill.core.window import Window
from nba_backfill.materialization.asset import Carry, build_asset, gate_only, raw_spec
from nba_backfill.materialization.catalogue import Catalogue
from nba_backfill.materialization.checks import build_checks
from nba_backfill.warehouse.duckdb import DuckDBWarehouse
from nba_backfill.warehouse.ledger import LEDGER, PartitionRecord, Status

HERE = Path(__file__).parent
FIRST_DAY = dt.date(2023, 10, 24)
CLUBS = ("ATL", "BOS", "CHI", "DEN")
PAIRS = (("ATL", "BOS"), ("CHI", "DEN"))

FIXTURES = RawTable(
    name="fixtures",
    dataset="nba_raw",
    grain=("game_date", "home"),
    date_column="game_date",
    description="Who plays whom.",
    write_discipline="as the test says",
    columns=(
        Column("game_date", "DATE", "Day"),
        Column("home", "STRING", "Home club"),
        Column("away", "STRING", "Away club"),
        Column("final", "BOOL", "Whether it is over"),
    ),
)
SCORES = RawTable(
    name="scores",
    dataset="nba_raw",
    grain=("game_date", "team_abbr"),
    date_column="game_date",
    description="Points.",
    write_discipline="as the test says",
    facts=True,
    columns=(
        Column("game_date", "DATE", "Day"),
        Column("team_abbr", "STRING", "Club"),
        Column("points", "INT64", "Points"),
    ),
)
GAMES = Table(
    name="games",
    dataset="nba_staging",
    layer=Layer.STAGING,
    date_column="game_date",
    grain=("game_date", "game_id"),
    reads={"fixtures": Window.whole_season()},
    description="Games.",
    source=str(HERE / "games.py"),
    expects=Rows.one_per_game(before_tip=True),
    columns=(
        Column("game_date", "DATE", "Day", required=True),
        Column("game_id", "STRING", "Game", required=True),
        Column("home_team_abbr", "STRING", "Home club", required=True),
        Column("away_team_abbr", "STRING", "Away club", required=True),
        Column("is_over", "BOOL", "Over", required=True),
    ),
)
TEAM_POINTS = Table(
    name="team_points",
    dataset="nba_analytics",
    layer=Layer.ANALYTICS,
    date_column="game_date",
    grain=("game_date", "team_abbr"),
    reads={"games": Window.same_day(), "scores": Window.same_day()},
    description="Points by team and day.",
    source=str(HERE / "team_points.py"),
    expects=Rows.one_per_team_game(),
    columns=(
        Column("game_date", "DATE", "Day", required=True),
        Column("game_id", "STRING", "Game", required=True),
        Column("team_abbr", "STRING", "Club", required=True),
        Column("points", "INT64", "Points", between=(50, 200), max_null_rate=0.1),
    ),
    rules=(Rule("points_even", "MOD(points, 2) = 0", "even points", blocking=False),),
    reconciliations=(
        Reconciliation(
            "points_equal_raw",
            "points differ from the raw score",
            reads=("team_points", "scores"),
            sql=(
                "SELECT p.game_date AS day, p.game_id, p.team_abbr, p.points,"
                " s.points AS raw_points"
                " FROM team_points AS p INNER JOIN scores AS s"
                " ON s.game_date = p.game_date AND s.team_abbr = p.team_abbr"
                " WHERE s.points <> p.points"
            ),
        ),
    ),
)
SEASON_POINTS = Table(
    name="season_points",
    dataset="nba_analytics",
    layer=Layer.ANALYTICS,
    date_column="game_date",
    grain=("game_date", "team_abbr"),
    reads={"games": Window.same_day(), "team_points": Window.season_to_date(before=True)},
    description="Points before the day.",
    source=str(HERE / "season_points.py"),
    expects=Rows.one_per_team_game(before_tip=True),
    columns=(
        Column("game_date", "DATE", "Day", required=True),
        Column("team_abbr", "STRING", "Club", required=True),
        Column("points_before", "INT64", "Points of the season before the day", required=True),
    ),
)
TOY = Catalogue([FIXTURES, SCORES, GAMES, TEAM_POINTS, SEASON_POINTS])


def day(n: int) -> dt.date:
    """Day n of the toy season; day 0 is opening night."""
    return FIRST_DAY + dt.timedelta(days=n)


class ToyLeague:
    """A warehouse with raw tables that a test fills and spoils as it likes.

    Days 0, 1, 2, 4, 5 have two games each; day 3 has none.
    """

    GAME_DAYS = (0, 1, 2, 4, 5)

    def __init__(self, path: Path) -> None:
        self.warehouse = DuckDBWarehouse(path, patience=0.5)
        for table in TOY.raw:
            self.warehouse.ensure_table(table)
        fixtures = [f"('{day(n)}', '{h}', '{a}', true)" for n in self.GAME_DAYS for h, a in PAIRS]
        scores = [
            f"('{day(n)}', '{club}', {100 + 2 * i + 10 * n})"
            for n in self.GAME_DAYS
            for i, club in enumerate(CLUBS)
        ]
        self.raw(
            f"INSERT INTO nba_raw.fixtures VALUES {', '.join(fixtures)};"
            f"INSERT INTO nba_raw.scores VALUES {', '.join(scores)}"
        )

    @classmethod
    def of(cls, warehouse: DuckDBWarehouse) -> ToyLeague:
        """The toy league that a warehouse holds already."""
        league = cls.__new__(cls)
        league.warehouse = warehouse
        return league

    def raw(self, sql: str) -> None:
        """Change the raw tables and their ledger records, at once as a load does."""
        with self.warehouse.transaction():
            self.warehouse.connection.execute(sql)
            for table in TOY.raw:
                self.warehouse.connection.execute(
                    f"DELETE FROM {LEDGER} WHERE table_name = ?", [table.relation]
                )
                found = self.warehouse.fingerprints(table, table.relation)
                self.warehouse.write_records(
                    PartitionRecord(table.relation, d, Status.COMPLETE, "", n, fingerprint)
                    for d, (n, fingerprint) in found.items()
                )

    def score(self, n: int, club: str, points: int) -> None:
        """Give a club other points on day n."""
        self.raw(
            f"UPDATE nba_raw.scores SET points = {points}"
            f" WHERE game_date = '{day(n)}' AND team_abbr = '{club}'"
        )

    def spoil(self, n: int, *clubs: str) -> None:
        """Give clubs points on day n that no club can score."""
        for club in clubs:
            self.score(n, club, 400)

    def rows(self, table: Table) -> list[tuple]:
        """All rows of a table, in order of all columns."""
        self.warehouse.ensure_table(table)
        return self.warehouse.connection.execute(f"FROM {table.relation} ORDER BY ALL").fetchall()

    def status(self, table: Table, n: int) -> Status | None:
        """The recorded status of day n."""
        record = self.record(table, n)
        return record.status if record else None

    def record(self, table: Table, n: int) -> PartitionRecord | None:
        """The ledger record of day n."""
        return self.warehouse.histories([table.relation])[table.relation].get(day(n))


class OpenWarehouse(dg.ConfigurableResource):
    """Hands a test's open warehouse to the assets."""

    def __init__(self, warehouse: DuckDBWarehouse) -> None:
        super().__init__()
        self._warehouse = warehouse

    @property
    def warehouse(self) -> DuckDBWarehouse:
        """The test's warehouse."""
        return self._warehouse


def toy_definitions(league: ToyLeague, carry: Carry = gate_only) -> dg.Definitions:
    """The toy league's assets and checks over its warehouse."""
    return dg.Definitions(
        assets=[
            *(raw_spec(table) for table in TOY.raw),
            *(build_asset(table, TOY, carry) for table in TOY),
        ],
        asset_checks=[build_checks(table, TOY) for table in TOY],
        resources={
            "warehouse": dg.ResourceDefinition.hardcoded_resource(OpenWarehouse(league.warehouse))
        },
        executor=dg.in_process_executor,
    )
