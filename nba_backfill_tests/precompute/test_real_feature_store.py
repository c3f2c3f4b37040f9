import math

import numpy as np
import pandas as pd
import pytest

from nba_backfill.precompute.features import FEATURE_VERSION, FEATURES

STORE = "nba_predictions.ml_feature_store_v2"
NAMES = [feature.name for feature in FEATURES]
DEFAULTS = {feature.name: feature.default for feature in FEATURES}
SAMPLE_SHARE = 150
"""One row in so many is recomputed by hand."""


@pytest.fixture(scope="module")
def frame(real_warehouse):
    def read(sql):
        return real_warehouse.warehouse.connection.execute(sql).df()

    return read


@pytest.fixture(scope="module")
def sample(frame):
    """Rows of every season and stage of it, chosen by hash."""
    rows = frame(
        f"""
        SELECT s.*, u.opponent_days_rest, u.player_status, u.season_phase
        FROM {STORE} AS s
        JOIN (
          SELECT player_lookup, game_date, opponent_days_rest, player_status, season_phase
          FROM nba_analytics.upcoming_player_game_context
        ) AS u USING (player_lookup, game_date)
        WHERE hash(player_lookup, game_date) % {SAMPLE_SHARE} = 0
        """
    )
    assert rows.season_year.nunique() == 3
    assert len(rows) > 700
    return rows


@pytest.fixture(scope="module")
def games(frame):
    """Games that count as played, newest first within a player."""
    played = frame(
        """
        SELECT player_lookup, season_year, game_date, opponent_team_abbr, points, ft_makes,
          minutes_played::DOUBLE AS minutes
        FROM nba_analytics.player_game_summary
        WHERE is_active AND (minutes_played > 0 OR fg_attempts > 0 OR points > 0)
        ORDER BY game_date DESC
        """
    )
    return dict(tuple(played.groupby("player_lookup")))


def steps(value, near, far):
    """-2..2 by how far a value is beyond two thresholds."""
    size = 2 if abs(value) >= far else 1 if abs(value) >= near else 0
    return math.copysign(size, value) if size else 0


def recomputed(row, games):
    """The features that follow from game facts, from the facts, by plain means."""
    of_player = games.get(row.player_lookup, pd.DataFrame(columns=["game_date", "season_year"]))
    before = of_player[of_player.game_date < row.game_date]
    season = before[before.season_year == row.season_year]
    if season.empty:
        return {}
    ten, points = season.head(10), season.points.to_numpy()
    found = {
        "points_avg_last_10": ten.points.mean(),
        "points_avg_season": season.points.mean(),
        "minutes_avg_last_10": ten.minutes.mean(),
        "minutes_change": steps(
            round(ten.minutes.mean() / season.minutes.mean() - 1, 9), 0.10, 0.20
        )
        if ten.minutes.sum()
        else 0,
    }
    timed = ten[ten.minutes > 0]
    if len(timed):
        found["ppm_avg_last_10"] = (timed.points / timed.minutes).mean()
    if len(season) >= 5:
        found["points_avg_last_5"] = points[:5].mean()
        found["points_std_last_10"] = points[:10].std(ddof=1)
        found["recent_trend"] = steps(points[:2].mean() - points[2:5].mean(), 2, 5)
        if ten.points.sum():
            found["pct_free_throw"] = min(ten.ft_makes.sum() / ten.points.sum(), 0.5)
    return found


def same(stored, expected):
    return math.isclose(stored, expected, rel_tol=1e-9, abs_tol=1e-9)


def test_form_features_equal_plain_means_of_the_game_facts(sample, games):
    compared, wrong = 0, []
    for row in sample.itertuples():
        for name, expected in recomputed(row, games).items():
            compared += 1
            if not same(getattr(row, name), expected):
                wrong.append((row.player_lookup, row.game_date, name, expected))
    assert compared > 6000
    assert wrong == []


def test_a_player_without_games_of_the_season_has_every_form_feature_at_default(sample):
    newcomers = sample[sample.window_games_found == 0]
    assert len(newcomers) > 10
    for name in ("points_avg_last_5", "points_avg_season", "minutes_avg_last_10", "recent_trend"):
        assert set(newcomers[name]) == {DEFAULTS[name]}, name


def test_opponent_history_reaches_back_three_years_over_seasons_and_no_further(sample, games):
    for row in sample.itertuples():
        past = games.get(row.player_lookup)
        met = (
            past[
                (past.opponent_team_abbr == row.opponent_team_abbr)
                & (past.game_date < row.game_date)
                & (past.game_date >= row.game_date - pd.Timedelta(days=1096))
            ]
            if past is not None
            else []
        )
        assert row.games_vs_opponent == len(met)
        if len(met):
            assert same(row.avg_points_vs_opponent, met.points.mean())
    crossing = sample[sample.games_vs_opponent > 8]
    assert len(crossing) > 0


def test_team_features_are_of_the_club_he_is_at_on_the_day(sample, frame):
    team_games = frame(
        """
        SELECT team_abbr, season_year, game_date, win_flag, pace::DOUBLE AS pace,
          offensive_rating::DOUBLE AS rating
        FROM nba_analytics.team_offense_game_summary ORDER BY game_date DESC
        """
    )
    by_team = dict(tuple(team_games.groupby(["team_abbr", "season_year"])))
    for row in sample.itertuples():
        season = by_team[(row.team_abbr, row.season_year)]
        before = season[season.game_date < row.game_date]
        assert len(before) >= 5
        assert same(row.team_win_pct, round(before.win_flag.mean(), 9))
        assert same(row.team_pace, before.head(10).pace.mean())
        assert same(row.team_off_rating, before.head(10).rating.mean())


def test_a_defence_is_rated_as_if_it_had_played_five_more_games_at_the_leagues_mean(sample, frame):
    rated = frame(
        """
        SELECT analysis_date AS game_date, team_abbr AS opponent_team_abbr,
          defensive_rating_last_15 AS rating, games_in_sample AS games
        FROM nba_precompute.team_defense_zone_analysis
        """
    )
    means = rated.groupby("game_date").rating.mean()
    compared = sample.merge(rated, on=["game_date", "opponent_team_abbr"])
    assert len(compared) == len(sample)
    assert compared.games.min() < 10
    for row in compared.itertuples():
        expected = (row.games * row.rating + 5 * means[row.game_date]) / (row.games + 5)
        assert same(row.opponent_def_rating, round(expected, 9))


def test_no_rating_is_outside_what_the_models_accept(real_warehouse):
    [(raw, outside)] = real_warehouse.query(
        f"""
        SELECT
          (SELECT count_if(defensive_rating_last_15 NOT BETWEEN 95 AND 125)
            FROM nba_precompute.team_defense_zone_analysis),
          count_if(opponent_def_rating NOT BETWEEN 95 AND 125)
        FROM {STORE}
        """
    )
    assert raw > 0
    assert outside == 0


def test_gold_takes_a_line(real_warehouse):
    [(gold, without)] = real_warehouse.query(
        f"""
        SELECT count_if(quality_tier = 'gold'),
          max(feature_quality_score) FILTER (has_vegas_line = 0)
        FROM {STORE}
        """
    )
    assert gold > 0
    assert without == pytest.approx(92.42, abs=0.01)


def test_features_known_before_tip_follow_from_the_players_context(sample):
    risk = {"probable": 1, "questionable": 2, "doubtful": 3}
    for row in sample.itertuples():
        rested = pd.notna(row.days_rest) and pd.notna(row.opponent_days_rest)
        expected = np.clip(row.days_rest - row.opponent_days_rest, -2, 2) if rested else 0
        assert row.rest_advantage == expected
        assert row.back_to_back == (pd.notna(row.days_rest) and row.days_rest == 1)
        assert row.home_away == row.is_home
        assert row.playoff_game == (row.season_phase == "playoffs")
        assert row.injury_risk == risk.get(row.player_status, 0)


def test_vegas_features_are_the_staged_line_or_the_season_average(real_warehouse):
    with_line, moved, differing = real_warehouse.query(
        f"""
        SELECT count(*), count_if(s.vegas_line_move != 0), count_if(
          s.has_vegas_line != 1 OR s.vegas_points_line != l.points_line
          OR s.vegas_opening_line != l.opening_line
          OR s.vegas_line_move != l.points_line - l.opening_line
        )
        FROM {STORE} AS s
        JOIN nba_staging.prop_lines AS l USING (game_date, player_lookup)
        """
    )[0]
    assert with_line > 8000
    assert moved > 100
    assert differing == 0
    [(invented, substituted)] = real_warehouse.query(
        f"""
        SELECT count_if(has_vegas_line != 0 OR vegas_line_move != 0), count_if(
          vegas_points_line != CASE WHEN list_contains(default_features, 'points_avg_season')
            THEN 15 ELSE points_avg_season END
        )
        FROM {STORE} AS s
        ANTI JOIN nba_staging.prop_lines AS l USING (game_date, player_lookup)
        """
    )
    assert (invented, substituted) == (0, 0)


def test_the_array_is_the_contract_and_the_columns_hold_its_values(real_warehouse):
    assert len(NAMES) == 33
    listed = ", ".join(f"{name}::DOUBLE" for name in NAMES)
    [(differing, nulls)] = real_warehouse.query(
        f"""
        SELECT count_if(features != [{listed}]), count_if(list_count(features) != 33)
        FROM {STORE}
        """
    )
    assert (differing, nulls) == (0, 0)
    [(names, count, version)] = real_warehouse.query(
        f"SELECT DISTINCT feature_names, feature_count, feature_version FROM {STORE}"
    )
    assert (names, count, version) == (NAMES, 33, FEATURE_VERSION)


def test_a_feature_called_default_has_the_declared_default(real_warehouse):
    conditions = ", ".join(
        f"count_if(list_contains(default_features, '{name}') AND {name} != {default})"
        for name, default in DEFAULTS.items()
    )
    [offences] = real_warehouse.query(f"SELECT {conditions} FROM {STORE}")
    assert dict(zip(NAMES, offences, strict=True)) == dict.fromkeys(NAMES, 0)


def test_quality_weighs_features_by_where_they_came_from(real_warehouse):
    [(wrong, best, worst_with_games, best_without)] = real_warehouse.query(
        f"""
        SELECT
          count_if(feature_quality_score != round(
            (3300 - 100 * n_default_features - 25 * n_substituted_features) / 33, 2)),
          max(feature_quality_score),
          min(feature_quality_score) FILTER (window_games_found >= 5),
          max(feature_quality_score) FILTER (window_games_found = 0 AND has_vegas_line = 0)
        FROM {STORE}
        """
    )
    assert wrong == 0
    assert best == 96.97
    assert worst_with_games >= 70
    assert best_without < 50


def test_defaults_are_few_and_never_the_opponents(real_warehouse):
    for season, default_share, opponents in real_warehouse.query(
        f"""
        SELECT season_year, avg(n_default_features) / 33,
          count_if(list_contains(default_features, 'opponent_def_rating'))
        FROM {STORE} GROUP BY season_year
        """
    ):
        assert default_share < 0.15, season
        assert opponents == 0, season


def test_nobody_of_the_pool_lacks_features_and_nobody_else_has_them(real_warehouse):
    [(only_here, only_there)] = real_warehouse.query(
        f"""
        SELECT count(*) FILTER (u.player_lookup IS NULL), count(*) FILTER (s.player_lookup IS NULL)
        FROM {STORE} AS s
        FULL JOIN (
          SELECT * FROM nba_analytics.upcoming_player_game_context WHERE NOT backfill_bootstrap_mode
        ) AS u USING (game_date, player_lookup)
        """
    )
    assert (only_here, only_there) == (0, 0)


def test_a_row_says_how_full_its_last_ten_games_are(real_warehouse):
    rows = real_warehouse.query(
        f"""
        SELECT window_status, count(*), min(window_games_found), max(window_games_found),
          min(window_games_missing)
        FROM {STORE} GROUP BY window_status
        """
    )
    by_status = {status: rest for status, *rest in rows}
    assert set(by_status) == {"complete", "bootstrap", "truncated"}
    assert by_status["complete"][1:3] == [10, 10]
    assert by_status["bootstrap"][1:3] == [0, 9]
    assert by_status["truncated"][3] > 0


def test_ready_rows_rest_on_enough_games_and_history(real_warehouse):
    [(ready, weak, share)] = real_warehouse.query(
        f"""
        SELECT count_if(is_production_ready), count_if(is_production_ready AND (
          feature_quality_score < 70 OR window_games_found < 5 OR completeness_percentage < 90
        )), avg(is_production_ready::INT)
        FROM {STORE}
        """
    )
    assert ready > 0
    assert weak == 0
    assert share > 0.8


def test_every_feature_varies_but_the_one_declared_empty(real_warehouse):
    counts = ", ".join(f"count(DISTINCT {name})" for name in NAMES)
    [distinct] = real_warehouse.query(f"SELECT {counts} FROM {STORE}")
    assert [n for n, c in zip(NAMES, distinct, strict=True) if c == 1] == ["usage_spike_score"]
