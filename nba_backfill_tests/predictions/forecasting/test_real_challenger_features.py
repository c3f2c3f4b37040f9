"""challenger_features on three real seasons, against pandas written from the column meanings."""

import datetime as dt

import duckdb
import numpy as np
import pandas as pd
import pytest

from nba_backfill.core.season import Season
from nba_backfill.definitions import CATALOGUE
from nba_backfill.predictions.forecasting import challenger_features
from nba_backfill.predictions.forecasting.challenger_features import CHALLENGER_FEATURES
from nba_backfill.warehouse.dialect import duckdb_ddl, select_statement, to_duckdb
from nba_backfill_tests.precompute.replica import stored

TABLE = challenger_features.TABLE
POOL = "nba_analytics.upcoming_player_game_context"
FACTS = ("player_game_summary", "team_offense_game_summary")
DAYS = [
    dt.date(2021, 11, 10),
    dt.date(2023, 11, 8),
    dt.date(2024, 2, 12),
    dt.date(2025, 3, 3),
    dt.date(2025, 6, 22),
]
FORMS = {
    "points": ("points", (12, 40, 120)),
    "minutes": ("minutes_played", (12, 40, 120)),
    "fg_attempts": ("fg_attempts", (12, 40, 120)),
    "ft_attempts": ("ft_attempts", (12, 40, 120)),
    "usage": ("usage_rate", (12, 40, 120)),
    "three_pt_attempts": ("three_pt_attempts", (40,)),
    "rebounds": ("rebounds", (40,)),
    "assists": ("assists", (40,)),
}


def recompute(real_warehouse, first, last, *, edits=None, limited=True):
    """The table's rows for first..last over inputs of all seasons, changed by ``edits``.

    ``edits`` maps an input to the SELECT that takes the place of its rows, read as ``{rows}``.
    """
    inputs = CATALOGUE.inputs(TABLE)
    with duckdb.connect() as memory:
        memory.execute("SET TimeZone = 'UTC'")
        for name, source in inputs.items():
            edit = (edits or {}).get(name, "SELECT * FROM {rows}").format(rows=source.relation)
            copied = real_warehouse.warehouse.connection.sql(edit).to_arrow_table()
            memory.execute(f"CREATE SCHEMA IF NOT EXISTS {source.dataset}")
            memory.execute(duckdb_ddl(source.relation, source.columns))
            memory.register("copied", copied)
            memory.execute(f"INSERT INTO {source.relation} SELECT * FROM copied")
            memory.unregister("copied")
        statement = select_statement(TABLE, inputs, first, last, limited=limited)
        return memory.execute(
            f"SELECT * FROM ({to_duckdb(statement.sql)}) ORDER BY {', '.join(TABLE.grain)}",
            dict(statement.parameters),
        ).df()


@pytest.fixture(scope="module")
def played(real_warehouse):
    found = real_warehouse.warehouse.connection.execute(
        "SELECT * FROM nba_analytics.player_game_summary WHERE minutes_played > 0"
    ).df()
    found["game_date"] = found["game_date"].dt.date
    found["rebounds"] = found["offensive_rebounds"] + found["defensive_rebounds"]
    return found.astype({"minutes_played": float, "usage_rate": float}).sort_values("game_date")


@pytest.fixture(scope="module")
def club_games(real_warehouse):
    found = real_warehouse.warehouse.connection.execute(
        "SELECT game_date, season_year, team_abbr, points_scored, margin_of_victory"
        " FROM nba_analytics.team_offense_game_summary"
    ).df()
    found["game_date"] = found["game_date"].dt.date
    return found


def falling_mean(values, n):
    """Mean of the last ``n`` values, oldest first, the newest weighing n, the one before n - 1."""
    newest = values.to_numpy(float)[-n:]
    return np.average(newest, weights=np.arange(n - len(newest) + 1, n + 1))


def form_by_hand(games):
    form = {
        f"{name}_form_{n}": falling_mean(games[column], n)
        for name, (column, windows) in FORMS.items()
        for n in windows
    }
    form["games_in_history"] = len(games)
    form["points_last_game"] = games.points.iloc[-1]
    form["minutes_last_game"] = games.minutes_played.iloc[-1]
    form["minutes_second_last_game"] = games.minutes_played.iloc[-2] if len(games) > 1 else np.nan
    for n in (40, 120):
        form[f"points_per_minute_form_{n}"] = form[f"points_form_{n}"] / form[f"minutes_form_{n}"]
    return form


def part_in_the_game(form):
    attempts = form["fg_attempts_form_40"]
    return np.array(
        [
            form["rebounds_form_40"] / form["minutes_form_40"] / 0.08,
            form["assists_form_40"] / form["minutes_form_40"] / 0.06,
            (form["three_pt_attempts_form_40"] / attempts if attempts else np.nan) / 0.25,
        ]
    )


class Day:
    """Everything known before one day, game by game."""

    def __init__(self, played, club_games, day):
        self.day, self.season = day, Season.of(day).year
        self.before = played[played.game_date < day]
        self.games = dict(tuple(self.before.groupby("player_lookup")))
        self.forms = {player: form_by_hand(games) for player, games in self.games.items()}
        season = self.before[self.before.season_year == self.season]
        self.club_dates = {c: sorted(set(g.game_date)) for c, g in season.groupby("team_abbr")}
        self.last_clubs = season.groupby("player_lookup").team_abbr.last()
        self.season_games = season.groupby("player_lookup").size()
        known = club_games[(club_games.game_date < day) & (club_games.season_year == self.season)]
        self.records = known.groupby("team_abbr")[["points_scored", "margin_of_victory"]].mean()

    def missed(self, player, club):
        """Club games since his last one for it this season; None if that was elsewhere."""
        if self.last_clubs.get(player) != club:
            return None
        last = self.games[player].game_date.iloc[-1]
        return sum(date > last for date in self.club_dates[club])

    def rotation(self, club):
        return {
            player: (self.forms[player], 0.9 * 0.5 ** self.missed(player, club))
            for player in self.last_clubs.index[self.last_clubs == club]
        }

    def teammates(self, player, club):
        others = {p: found for p, found in self.rotation(club).items() if p != player}
        own = self.forms.get(player)
        regulars = [(f, a) for f, a in others.values() if f["minutes_form_40"] >= 10]
        found = {
            "teammate_minutes_expected": sum(f["minutes_form_40"] * a for f, a in others.values()),
            "teammate_points_expected": sum(f["points_form_40"] * a for f, a in others.values()),
            "rotation_expected": sum(a for _, a in regulars),
            "teammate_minutes_lost": sum(f["minutes_form_40"] * (1 - a) for f, a in regulars),
            "teammate_points_lost": sum(f["points_form_40"] * (1 - a) for f, a in regulars),
        }
        if own is None:
            return found
        everyone = own["minutes_form_40"] + found["teammate_minutes_expected"]
        found["minutes_projected"] = 240 * own["minutes_form_40"] / everyone
        found["points_projected"] = 240 * own["points_form_40"] / everyone
        alike = [
            (np.exp(-0.5 * np.sum((part_in_the_game(own) - part_in_the_game(f)) ** 2)), f, a)
            for f, a in regulars
        ]
        # One who has not yet tried a shot is like nobody.
        alike = [(like, f["minutes_form_40"], a) for like, f, a in alike if not np.isnan(like)]
        if alike:
            there = sum(like * minutes * a for like, minutes, a in alike)
            found["alike_minutes_expected"] = there
            found["alike_minutes_lost"] = sum(like * m * (1 - a) for like, m, a in alike)
            found["share_among_alike"] = own["minutes_form_40"] / (own["minutes_form_40"] + there)
        return found

    def market(self, club, opponent, spread, total):
        implied = (total - spread) / 2
        margin = self.records.margin_of_victory
        return {
            "club_spread": spread,
            "game_total_line": total,
            "implied_club_points": implied,
            "spread_surprise": -spread - (margin[club] - margin[opponent]),
            "implied_points_surprise": implied - self.records.points_scored[club],
        }


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_rows_equal_an_independent_computation(real_warehouse, played, club_games, day):
    known = Day(played, club_games, day)
    pool = real_warehouse.query(
        "SELECT player_lookup, team_abbr, opponent_team_abbr, game_spread::DOUBLE,"
        f" game_total::DOUBLE FROM {POOL} WHERE game_date = '{day}' ORDER BY player_lookup"
    )
    rows = stored(real_warehouse, TABLE, day, day).set_index("player_lookup")
    assert list(rows.index) == [player for player, *_ in pool]
    for player, club, opponent, spread, total in pool:
        lines = (np.nan if spread is None else spread, np.nan if total is None else total)
        season_games = int(known.season_games.get(player, 0))
        expected = dict.fromkeys(CHALLENGER_FEATURES, np.nan) | {
            "games_in_history": 0,
            **known.forms.get(player, {}),
            **known.teammates(player, club),
            **known.market(club, opponent, *lines),
            "games_this_season": season_games,
            "share_of_club_games": season_games / len(known.club_dates[club]),
            "club_games_missed": known.missed(player, club),
        }
        if player in known.games:
            expected["days_since_any_game"] = (day - known.games[player].game_date.iloc[-1]).days
        got = pd.to_numeric(rows.loc[player, list(CHALLENGER_FEATURES)], errors="coerce")
        wanted = pd.Series(expected, dtype=float)[list(CHALLENGER_FEATURES)]
        wrong = ~np.isclose(got, wanted, rtol=0, atol=2e-6, equal_nan=True)
        assert not wrong.any(), (day, player, got[wrong], wanted[wrong])


def test_every_row_of_the_pool_has_a_row_after_the_bootstrap_days(real_warehouse):
    ((pool, rows),) = real_warehouse.query(
        f"SELECT COUNT(*), COUNT(c.player_lookup) FROM {POOL} AS u"
        " LEFT JOIN nba_predictions.challenger_features AS c USING (game_date, player_lookup)"
        " WHERE NOT u.backfill_bootstrap_mode"
    )
    assert pool == rows > 100_000


@pytest.mark.parametrize("day", [DAYS[1], DAYS[3], DAYS[4]], ids=str)
def test_no_fact_of_the_day_or_later_enters_its_row(real_warehouse, day):
    earlier = f"SELECT * FROM {{rows}} WHERE game_date < '{day}'"
    rows = recompute(real_warehouse, day, day, edits=dict.fromkeys(FACTS, earlier), limited=False)
    pd.testing.assert_frame_equal(stored(real_warehouse, TABLE, day, day), rows, check_exact=True)


def test_noise_in_results_from_a_day_on_leaves_its_row_and_in_those_before_does_not(
    real_warehouse,
):
    day = dt.date(2025, 1, 15)
    noise = (
        "SELECT * REPLACE (points + CAST(HASH(player_lookup) % 7 AS BIGINT) + 1 AS points,"
        " assists + 3 AS assists) FROM {{rows}} WHERE game_date {where} UNION ALL"
        " SELECT * FROM {{rows}} WHERE NOT (game_date {where})"
    )
    kept = stored(real_warehouse, TABLE, day, day)
    after = recompute(
        real_warehouse,
        day,
        day,
        edits={"player_game_summary": noise.format(where=f">= '{day}'")},
        limited=False,
    )
    pd.testing.assert_frame_equal(kept, after, check_exact=True)
    before = recompute(
        real_warehouse,
        day,
        day,
        edits={"player_game_summary": noise.format(where=f"< '{day}'")},
    )
    moved = (kept.points_form_40 != before.points_form_40) & kept.points_form_40.notna()
    assert moved.sum() == kept.points_form_40.notna().sum()


def test_a_season_at_once_gives_the_days_one_by_one(real_warehouse):
    day = dt.date(2024, 11, 20)
    alone = recompute(real_warehouse, day, day)
    season = recompute(real_warehouse, dt.date(2024, 10, 1), dt.date(2025, 9, 30))
    among = season[season.game_date == pd.Timestamp(day)].reset_index(drop=True)
    pd.testing.assert_frame_equal(alone, among, check_exact=True)


def test_row_order_of_the_inputs_changes_nothing(real_warehouse):
    first, last = dt.date(2024, 11, 10), dt.date(2024, 11, 16)
    shuffled = dict.fromkeys(TABLE.reads, "SELECT * FROM {rows} ORDER BY RANDOM()")
    pd.testing.assert_frame_equal(
        stored(real_warehouse, TABLE, first, last),
        recompute(real_warehouse, first, last, edits=shuffled),
        check_exact=True,
    )


def test_form_carries_over_from_season_to_season(real_warehouse):
    """Buddy Hield played 2021-22 and 2023-24; in November 2023 a dozen games cannot fill 120."""
    ((history, season, days),) = real_warehouse.query(
        "SELECT games_in_history, games_this_season, days_since_any_game"
        " FROM nba_predictions.challenger_features"
        " WHERE player_lookup = 'buddyhield' AND game_date = '2023-11-08'"
    )
    assert season < 10
    assert history > 80
    assert days < 10


def test_who_changed_clubs_has_missed_none_of_the_new_clubs_games(real_warehouse):
    """OG Anunoby came from TOR to NYK on 2023-12-30 and played there first on 2024-01-01."""
    found = real_warehouse.query(
        "SELECT game_date, club_games_missed FROM nba_predictions.challenger_features"
        " WHERE player_lookup = 'oganunoby' AND game_date BETWEEN '2024-01-01' AND '2024-01-03'"
        " ORDER BY game_date"
    )
    assert found == [(dt.date(2024, 1, 1), None), (dt.date(2024, 1, 3), 0)]
