"""Three days of the demo league with the automation on: every table, and documents, by themselves.

The raw folder shows at each moment what vendors would have written by then. On the way one file is
late, one game is postponed, one comes in with figures that cannot be, and a box score is corrected.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import dagster as dg
import duckdb
import pytest

from nba_backfill.automation.catch_up import build_catch_up_job
from nba_backfill.automation.sight import look
from nba_backfill.automation.triggers import build_schedules, build_sensor
from nba_backfill.automation.watch import alerts_now
from nba_backfill.backfill.alerts import Condition
from nba_backfill.backfill.apply import carry
from nba_backfill.backfill.plan import plan
from nba_backfill.backfill.world import World
from nba_backfill.core.publication import Kind
from nba_backfill.definitions import CATALOGUE
from nba_backfill.materialization.asset import build_asset, raw_spec
from nba_backfill.resources import Settings, build_resources
from nba_backfill.warehouse.duckdb import DuckDBWarehouse
from nba_backfill.warehouse.ledger import Status
from nba_backfill_tests.automation.conftest import LivingLeague
from nba_backfill_tests.conftest import DEMO_SEASON, compute, season_days

pytestmark = pytest.mark.slow

EAST = ZoneInfo("America/New_York")
FIRST, SECOND, THIRD = (dt.date(2024, 11, n) for n in (11, 12, 13))
BEFORE = FIRST - dt.timedelta(days=1)
KNOWN_BEFORE_TIP = {
    "odds_api_player_points_props",
    "bettingpros_player_points_props",
    "odds_api_game_lines",
    "nbac_injury_report",
    "espn_team_rosters",
}
AFTER_THE_GAME = {
    "espn_scoreboard",
    "nbac_gamebook_player_stats",
    "bdl_player_boxscores",
    "nbac_team_boxscore",
    "bigdataball_play_by_play",
}
DAILY = [
    table
    for table in CATALOGUE
    if table.publication is None or table.publication.kind is Kind.DATED
]
"""Tables with rows of every day; snapshots and pointers have those of the newest."""


class Vendors:
    """What the vendors have written by a moment, out of all that they will have written."""

    def __init__(self, whole: Path, folder: Path) -> None:
        self.whole, self.folder = whole, folder
        self.played, self.announced = BEFORE, BEFORE
        self.late: dict[str, dt.date] = {}
        self.changes: dict[str, str] = {}
        with duckdb.connect() as connection:
            of_day = f"(SELECT * FROM '{whole}/nba_raw/nbac_schedule/*.parquet' WHERE game_date"
            [self.postponed] = connection.execute(
                f"SELECT home_team_tricode FROM {of_day} = '{THIRD}') AS later WHERE NOT EXISTS"
                f" (SELECT 1 FROM {of_day} = '{SECOND}') AS earlier WHERE"
                " list_has_any([earlier.home_team_tricode, earlier.away_team_tricode],"
                " [later.home_team_tricode, later.away_team_tricode])) ORDER BY 1 LIMIT 1"
            ).fetchone()

    def write(self) -> None:
        """Write every file that is otherwise than it was, each whole."""
        for path in sorted(self.whole.rglob("*.parquet")):
            name = path.parent.name
            target = self.folder / path.relative_to(self.whole)
            target.parent.mkdir(parents=True, exist_ok=True)
            with duckdb.connect() as connection:
                connection.execute(f"CREATE TABLE raw AS FROM '{path}'")
                self._cut(connection, name)
                if change := self.changes.get(name):
                    connection.execute(change)
                written = self.folder.parent / "written.parquet"
                connection.execute(f"COPY raw TO '{written}' (FORMAT parquet)")
                same = (
                    target.exists()
                    and not connection.execute(
                        f"(FROM '{written}' EXCEPT ALL FROM '{target}') UNION ALL"
                        f" (FROM '{target}' EXCEPT ALL FROM '{written}')"
                    ).fetchall()
                )
            if same:
                written.unlink()
            else:
                written.replace(target)

    def _cut(self, connection: duckdb.DuckDBPyConnection, name: str) -> None:
        if name in AFTER_THE_GAME:
            through = self.late.get(name, self.played)
            connection.execute(f"DELETE FROM raw WHERE game_date > '{through}'")
        elif name in KNOWN_BEFORE_TIP:
            column = "roster_date" if name == "espn_team_rosters" else "game_date"
            connection.execute(f"DELETE FROM raw WHERE {column} > '{self.announced}'")
        elif name == "nbac_schedule":
            connection.execute(f"DELETE FROM raw WHERE game_date > '{THIRD}'")
            connection.execute(
                "UPDATE raw SET game_status = 1, home_team_score = NULL, away_team_score = NULL,"
                f" processed_at = TIMESTAMPTZ '{self.played} 10:00Z' + INTERVAL 1 DAY"
                f" WHERE game_date > '{self.played}'"
            )
            if self.played < SECOND:
                connection.execute(
                    "UPDATE raw SET game_date = game_date - INTERVAL 1 DAY,"
                    " game_date_est = game_date_est - INTERVAL 1 DAY"
                    f" WHERE game_date = '{THIRD}' AND home_team_tricode = '{self.postponed}'"
                )


class LivingDemo(LivingLeague):
    """The platform as it is, over raw files that grow."""

    def __init__(self, vendors: Vendors, path: Path, instance: dg.DagsterInstance) -> None:
        self.vendors, self.path, self.instance = vendors, path, instance
        self.now = dt.datetime.combine(FIRST, dt.time(11), EAST)
        self.sensor = build_sensor(CATALOGUE, look, running=True, clock=lambda: self.now)
        self.schedules = build_schedules(running=True)
        settings = Settings.from_environment()
        self.definitions = dg.Definitions(
            assets=[
                *(raw_spec(table, settings.home) for table in CATALOGUE.raw),
                *(build_asset(table, CATALOGUE, carry, settings.home) for table in CATALOGUE),
            ],
            jobs=[build_catch_up_job(CATALOGUE)],
            resources=build_resources(settings),
            executor=dg.in_process_executor,
        )
        self.cursor = None

    def at(self, day: dt.date, hour: int, **vendors) -> None:
        """Let time pass, and the vendors write."""
        self.now = dt.datetime.combine(day, dt.time(hour), EAST)
        for name, value in vendors.items():
            setattr(self.vendors, name, value)
        self.vendors.write()

    def wrote(self, runs: list[dg.ExecuteInProcessResult]) -> dict[str, set[dt.date]]:
        """Days of each computed table that some runs wrote."""
        ids = {run.run_id for run in runs}
        warehouse = DuckDBWarehouse(self.path)
        found = warehouse.histories(table.relation for table in CATALOGUE)
        warehouse.close()
        by_table = {
            table.name: {r.day for r in found[table.relation].by_day.values() if r.run_id in ids}
            for table in CATALOGUE
        }
        return {name: days for name, days in by_table.items() if days}

    def statuses(self, name: str) -> list[str]:
        """How the three days of a table stand."""
        warehouse = DuckDBWarehouse(self.path)
        relation = CATALOGUE.table(name).relation
        records = warehouse.histories([relation])[relation].by_day
        warehouse.close()
        return [records[d].status.value if d in records else "" for d in (FIRST, SECOND, THIRD)]

    def left_to_do(self) -> dict[str, list[dt.date]]:
        """What a plan of everything would run."""
        days = season_days(DEMO_SEASON, THIRD)
        with look() as sight:
            world = World.look(CATALOGUE, sight.warehouse, days, later=True)
            names = [
                t.name
                for t in CATALOGUE
                if t.publication is None or t.publication.kind.is_by_default
            ]
            made = plan(world, names, days, missing_only=True)
            return {planned.table: sorted(planned.days) for planned in made.tables}

    def alerts(self) -> list:
        """Everything that is wrong now."""
        with look() as sight:
            return alerts_now(CATALOGUE, sight.warehouse, self.now)


@pytest.fixture
def living(demo_folder, tmp_path, monkeypatch) -> Iterator[LivingDemo]:
    """The demo league on the morning of the first day, all that was before computed."""
    vendors = Vendors(demo_folder, tmp_path / "raw")
    vendors.write()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NBA_RAW_DIR", str(vendors.folder))
    monkeypatch.setenv("NBA_DUCKDB_PATH", str(tmp_path / "living.duckdb"))
    monkeypatch.setenv("NBA_EXPORT_URL", str(tmp_path / "living_exports"))
    computed = compute(tmp_path / "living.duckdb", vendors.folder, season_days(DEMO_SEASON, BEFORE))
    computed.warehouse.close()
    with dg.DagsterInstance.ephemeral() as instance:
        yield LivingDemo(vendors, tmp_path / "living.duckdb", instance)


def test_every_table_is_complete_at_the_end_without_a_hand(living, tmp_path):
    # The first morning: lines, reports and rosters are in, so tonight is predicted.
    living.at(FIRST, 11, announced=FIRST)
    morning = living.run(living.scheduled("before_tip", living.now))
    assert morning.success
    wrote = living.wrote([morning])
    assert FIRST in wrote["player_prop_predictions"]
    assert FIRST in wrote["predictions"]
    assert "player_game_summary" not in wrote, "nothing that needs a result"

    # The games end; the first vendor's box scores are late, the second vendor's are not.
    living.at(SECOND, 6, played=FIRST, late={"nbac_gamebook_player_stats": BEFORE})
    living.catch_up()
    assert living.why == "nothing is due"
    assert living.statuses("player_game_summary")[0] in ("complete", "unavailable")
    # They come at noon: what they give otherwise is computed anew, and the days before are not.
    living.at(SECOND, 12, late={}, announced=SECOND)
    noon = living.wrote(living.catch_up())
    assert FIRST in noon["player_boxes"]
    assert all(min(days) >= FIRST for days in noon.values())
    assert living.statuses("player_game_summary")[0] == "complete"

    # The second night: one game is postponed, and one club is said to have shot 170 times.
    changes = {
        "nbac_team_boxscore": f"UPDATE raw SET fg_attempted = 170 WHERE game_date = '{SECOND}' AND"
        f" team_abbr = (SELECT min(team_abbr) FROM raw WHERE game_date = '{SECOND}')"
    }
    living.at(THIRD, 6, played=SECOND, changes=changes)
    night = living.catch_up()
    assert not all(run.success for run in night), "what was refused is not passed over"
    assert len(night) <= 2, "and it is not tried again and again"
    assert living.statuses("games")[1] == "complete"
    told = {alert.condition for alert in living.alerts()}
    assert Condition.REFUSED in told
    assert all("nba-backfill" in alert.command for alert in living.alerts())

    # The third night: the bad game is mended, the postponed one is played.
    living.at(THIRD, 12, changes={}, announced=THIRD)
    living.catch_up()
    living.at(THIRD + dt.timedelta(days=1), 6, played=THIRD)
    living.catch_up()
    assert living.why == "nothing is due"
    assert living.statuses("player_game_summary") == ["complete"] * 3
    assert living.statuses("prediction_accuracy") == ["complete"] * 3

    # A correction of the first day restates what reads it, and no day before.
    corrected = f"UPDATE raw SET plus_minus = plus_minus + 1 WHERE game_date = '{FIRST}'"
    living.at(THIRD + dt.timedelta(days=1), 12, changes={"nbac_gamebook_player_stats": corrected})
    restated = living.wrote(living.catch_up())
    assert restated["player_boxes"] == {FIRST}
    assert restated["player_game_summary"] == {FIRST}
    # The team's box reads the players' and comes out as it was, so nothing behind it is restated.
    assert restated["team_boxes"] == {FIRST}
    assert not restated.keys() & {"injuries", "game_lines", "team_offense_game_summary"}
    assert all(min(days) >= FIRST for days in restated.values())

    assert living.left_to_do() == {}
    told = {alert.condition for alert in living.alerts()}
    assert told <= {Condition.CONTRADICTED, Condition.NOT_FRESH}, "what raw files themselves say"
    assert_as_if_computed_once_in_the_end(living, tmp_path)


def assert_as_if_computed_once_in_the_end(living, folder):
    """All tables of the grown warehouse against those of one computed from the final files."""
    grown = DuckDBWarehouse(living.path)
    days = season_days(DEMO_SEASON, THIRD)
    anew = compute(folder / "anew.duckdb", living.vendors.folder, days, DAILY).warehouse
    for table in DAILY:
        assert grown.fingerprints(table, table.relation) == anew.fingerprints(
            table, table.relation
        ), table.name
        records = grown.histories([table.relation])[table.relation].by_day.values()
        assert not {r.status for r in records} & {Status.FAILED, Status.REJECTED}
    grown.close()
    anew.close()
