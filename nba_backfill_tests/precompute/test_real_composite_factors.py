import json

import pytest

FACTORS = "nba_precompute.player_composite_factors"
CONTEXT = "nba_analytics.upcoming_player_game_context"
PHASE_4_CONTEXT = f"(SELECT * FROM {CONTEXT} WHERE NOT backfill_bootstrap_mode)"


@pytest.fixture(scope="module")
def sample(real_warehouse):
    """Factors of a spread of players beside what they are computed from, as dicts."""
    names = (
        "back_to_back, days_rest, games_in_last_7_days, minutes_in_last_7_days,"
        " avg_minutes_per_game_last_7, back_to_backs_last_14_days, player_age, pace_differential"
    )
    zones = (
        "primary_scoring_zone, paint_rate_last_10, mid_range_rate_last_10, three_pt_rate_last_10"
    )
    gaps = "paint_defense_vs_league_avg, mid_range_defense_vs_league_avg"
    found = real_warehouse.warehouse.connection.execute(
        f"""
        SELECT
          u.player_lookup, u.game_date, {names}, {zones}, {gaps}, three_pt_defense_vs_league_avg,
          z.player_lookup IS NOT NULL AND t.team_abbr IS NOT NULL AS has_zones,
          f.fatigue_score, f.shot_zone_mismatch_score, f.pace_score,
          f.total_composite_adjustment, f.fatigue_context_json
        FROM (SELECT player_lookup, game_date, opponent_team_abbr, {names} FROM {CONTEXT}) AS u
        JOIN (
          SELECT player_lookup, game_date, fatigue_score, shot_zone_mismatch_score, pace_score,
            total_composite_adjustment, fatigue_context_json
          FROM {FACTORS}
        ) AS f USING (player_lookup, game_date)
        LEFT JOIN nba_precompute.player_shot_zone_analysis AS z
          ON z.analysis_date = u.game_date AND z.player_lookup = u.player_lookup
        LEFT JOIN nba_precompute.team_defense_zone_analysis AS t
          ON t.analysis_date = u.game_date AND t.team_abbr = u.opponent_team_abbr
        WHERE hash(u.player_lookup, u.game_date) % 20 = 0
        """
    )
    columns = [name for name, *_ in found.description]
    rows = [dict(zip(columns, row, strict=True)) for row in found.fetchall()]
    assert len(rows) > 4000
    return rows


def freshness(row):
    score = 100
    if row["back_to_back"]:
        score -= 15
    elif (row["days_rest"] or 1) >= 3:
        score += 5
    score -= 10 * (row["games_in_last_7_days"] >= 4)
    score -= 10 * (row["minutes_in_last_7_days"] > 240)
    mean = row["avg_minutes_per_game_last_7"]
    score -= 8 * ((30 if mean is None else float(mean)) > 35)
    pairs = row["back_to_backs_last_14_days"]
    score -= 12 if pairs >= 2 else 5 if pairs == 1 else 0
    age = row["player_age"] or 25
    score -= 10 if age >= 35 else 5 if age >= 30 else 0
    return max(0, min(100, score))


def mismatch(row):
    if not row["has_zones"]:
        return 0.0
    rate, gap = {
        "mid_range": ("mid_range_rate_last_10", "mid_range_defense_vs_league_avg"),
        "perimeter": ("three_pt_rate_last_10", "three_pt_defense_vs_league_avg"),
    }.get(row["primary_scoring_zone"], ("paint_rate_last_10", "paint_defense_vs_league_avg"))
    share = 50 if row[rate] is None else row[rate]
    score = (row[gap] or 0) * min(share / 50, 1)
    if abs(score) > 5:
        score *= 1.2
    return max(-10.0, min(10.0, score))


def test_nobody_of_the_pool_is_dropped_and_nobody_added(real_warehouse):
    [(only_here, only_there)] = real_warehouse.query(
        f"""
        SELECT count(*) FILTER (u.player_lookup IS NULL), count(*) FILTER (f.player_lookup IS NULL)
        FROM {FACTORS} AS f
        FULL JOIN {PHASE_4_CONTEXT} AS u USING (game_date, player_lookup)
        """
    )
    assert (only_here, only_there) == (0, 0)


def test_fatigue_counts_rest_load_and_age_as_specified(sample):
    assert {row["fatigue_score"] for row in sample} >= {85, 95, 100}
    assert [r for r in sample if r["fatigue_score"] != freshness(r)] == []


def test_zone_score_compares_his_zone_with_the_defence_there(sample):
    wrong = [r for r in sample if abs(r["shot_zone_mismatch_score"] - mismatch(r)) > 0.05 + 1e-6]
    assert wrong == []
    assert len({r["shot_zone_mismatch_score"] for r in sample}) > 50


def test_pace_score_is_half_the_difference_within_three(sample):
    def expected(row):
        return max(-3.0, min(3.0, float(row["pace_differential"] or 0) / 2))

    assert [r for r in sample if abs(r["pace_score"] - expected(r)) > 0.05 + 1e-6] == []


def test_total_adds_the_unrounded_parts(sample):
    def expected(row):
        pace = max(-3.0, min(3.0, float(row["pace_differential"] or 0) / 2))
        return (freshness(row) - 100) / 20 + mismatch(row) + pace

    wrong = [r for r in sample if abs(r["total_composite_adjustment"] - expected(r)) > 0.005 + 1e-6]
    assert wrong == []


def test_fatigue_context_is_json_with_the_inputs(sample):
    for row in sample:
        context = json.loads(row["fatigue_context_json"])
        mean = row["avg_minutes_per_game_last_7"]
        assert context == {
            "days_rest": row["days_rest"],
            "back_to_back": row["back_to_back"],
            "games_last_7": row["games_in_last_7_days"],
            "minutes_last_7": row["minutes_in_last_7_days"],
            "avg_minutes_pg_last_7": None if mean is None else float(mean),
            "back_to_backs_last_14": row["back_to_backs_last_14_days"],
            "player_age": row["player_age"],
            "final_score": row["fatigue_score"],
        }


def test_unknown_usage_scores_nothing_and_is_named_as_missing(real_warehouse):
    [(scores, named)] = real_warehouse.query(
        f"""
        SELECT count_if(usage_spike_score != 0),
          count_if(missing_data_fields NOT LIKE '%projected_usage_rate%')
        FROM {FACTORS}
        """
    )
    assert (scores, named) == (0, 0)


def test_players_without_shot_zones_keep_a_neutral_row(real_warehouse):
    [(rows, scored)] = real_warehouse.query(
        f"""
        SELECT count(*), count_if(shot_zone_mismatch_score != 0)
        FROM {FACTORS} WHERE missing_data_fields LIKE '%player_shot_zone%'
        """
    )
    assert rows > 5000
    assert scored == 0


def test_best_defence_of_a_day_is_strongest_and_every_opponent_is_ranked(real_warehouse):
    [(unranked, lowest, highest)] = real_warehouse.query(
        f"""
        SELECT count_if(opponent_strength_score IS NULL), min(opponent_strength_score),
          max(opponent_strength_score)
        FROM {FACTORS}
        """
    )
    assert (unranked, lowest, highest) == (0, 3.3, 100)
    [(disordered,)] = real_warehouse.query(
        f"""
        SELECT count(*)
        FROM {FACTORS} AS a
        JOIN {FACTORS} AS b USING (game_date)
        JOIN nba_precompute.team_defense_zone_analysis AS x
          ON x.analysis_date = game_date AND x.team_abbr = a.opponent_team_abbr
        JOIN nba_precompute.team_defense_zone_analysis AS y
          ON y.analysis_date = game_date AND y.team_abbr = b.opponent_team_abbr
        WHERE x.defensive_rating_last_15 < y.defensive_rating_last_15
          AND a.opponent_strength_score <= b.opponent_strength_score
        """
    )
    assert disordered == 0
