WITH "prediction_accuracy" AS (SELECT "game_date", "game_id", "player_lookup", "system_id", "season_year", "team_abbr", "opponent_team_abbr", "is_home", "predicted_points", "predicted_points_p10", "predicted_points_p90", "predicted_points_mean", "line_anchored_points", "confidence_score", "confidence_decile", "recommendation", "line_value", "actual_points", "minutes_played", "absolute_error", "signed_error", "within_3_points", "within_5_points", "predicted_margin", "actual_margin", "prediction_correct", "is_voided", "void_reason", "pre_game_injury_flag", "pre_game_injury_status", "injury_confirmed_postgame", "over_probability", "under_probability", "line_anchored_over_probability", "line_anchored_under_probability", "over_price_american", "under_price_american", "market_over_probability", "opening_line_value", "opening_pick", "closing_line_value", "closing_probability_value", "has_prop_line", "line_source", "estimated_line_value", "is_actionable", "filter_reason", "pace_adjustment", "similarity_sample_size", "prediction_variance", "model_type", "model_version", "points_avg_season", "points_avg_last_5", "points_avg_last_10"
FROM "nba_predictions"."prediction_accuracy"
WHERE "game_date" BETWEEN $prediction_accuracy_from AND $prediction_accuracy_to), "player_game_summary" AS (SELECT "player_lookup", "universal_player_id", "player_full_name", "game_id", "nba_game_id", "game_date", "season_year", "team_abbr", "opponent_team_abbr", "points", "minutes_played", "assists", "offensive_rebounds", "defensive_rebounds", "steals", "blocks", "turnovers", "fg_attempts", "fg_makes", "three_pt_attempts", "three_pt_makes", "ft_attempts", "ft_makes", "plus_minus", "personal_fouls", "paint_attempts", "paint_makes", "mid_range_attempts", "mid_range_makes", "unlocated_attempts", "assisted_fg_makes", "unassisted_fg_makes", "and1_count", "paint_blocks", "mid_range_blocks", "three_pt_blocks", "usage_rate", "ts_pct", "efg_pct", "starter_flag", "starter_source", "win_flag", "points_line", "over_under_result", "margin", "opening_line", "line_movement", "points_line_source", "opening_line_source", "is_active", "player_status", "primary_source_used", "quality_tier", "quality_score", "quality_issues", "data_sources"
FROM "nba_analytics"."player_game_summary"
WHERE "game_date" BETWEEN $player_game_summary_from AND $player_game_summary_to), "nba_players_registry" AS (SELECT "universal_player_id", "player_name", "player_lookup", "team_abbr", "season", "processed_at"
FROM "nba_reference"."nba_players_registry")
SELECT CAST("as_of_date" AS DATE) AS "as_of_date", CAST("summary_key" AS TEXT) AS "summary_key", CAST("season_year" AS BIGINT) AS "season_year", CAST("system_id" AS TEXT) AS "system_id", CAST("period_type" AS TEXT) AS "period_type", CAST("period_value" AS TEXT) AS "period_value", CAST("player_lookup" AS TEXT) AS "player_lookup", CAST("archetype" AS TEXT) AS "archetype", CAST("confidence_tier" AS TEXT) AS "confidence_tier", CAST("situation" AS TEXT) AS "situation", CAST("total_predictions" AS BIGINT) AS "total_predictions", CAST("total_recommendations" AS BIGINT) AS "total_recommendations", CAST("over_recommendations" AS BIGINT) AS "over_recommendations", CAST("under_recommendations" AS BIGINT) AS "under_recommendations", CAST("pass_recommendations" AS BIGINT) AS "pass_recommendations", CAST("hits" AS BIGINT) AS "hits", CAST("misses" AS BIGINT) AS "misses", CAST("hit_rate" AS DOUBLE) AS "hit_rate", CAST("over_hit_rate" AS DOUBLE) AS "over_hit_rate", CAST("under_hit_rate" AS DOUBLE) AS "under_hit_rate", CAST("mae" AS DOUBLE) AS "mae", CAST("avg_bias" AS DOUBLE) AS "avg_bias", CAST("within_3_pct" AS DOUBLE) AS "within_3_pct", CAST("within_5_pct" AS DOUBLE) AS "within_5_pct", CAST("avg_confidence" AS DOUBLE) AS "avg_confidence", CAST("unique_players" AS BIGINT) AS "unique_players", CAST("unique_games" AS BIGINT) AS "unique_games", CAST("data_hash" AS TEXT) AS "data_hash"
FROM (/* One row per graded day, prediction system, period up to the day and slice of its predictions. */
WITH types /* Names of what predictions are sliced by. */ AS (SELECT 1 AS type_no, 'veteran_star' AS archetype
UNION ALL
SELECT 2, 'prime_star'
UNION ALL
SELECT 3, 'young_star'
UNION ALL
SELECT 4, 'ironman'
UNION ALL
SELECT 5, 'role_player'
UNION ALL
SELECT 6, 'unknown'), 
tiers AS (SELECT 1 AS tier_no, 'high' AS confidence_tier
UNION ALL
SELECT 2, 'medium'
UNION ALL
SELECT 3, 'low'), 
situations AS (SELECT 1 AS situation_no, 'home' AS situation
UNION ALL
SELECT 2, 'away'
UNION ALL
SELECT 3, 'b2b'
UNION ALL
SELECT 4, 'rest_3plus'
UNION ALL
SELECT 5, 'bounce_back'), registry_start /* Seasons since a player entered the registry. Who stands in its first season may have been in */ /* the league for long: he has at least so many. */ AS (SELECT MIN(CAST(ARRAY_EXTRACT(REGEXP_EXTRACT_ALL(season, '^\d{4}'), 1) AS BIGINT)) AS first_season
FROM nba_players_registry), 
careers AS (SELECT entries.universal_player_id, MIN(entries.season_year) AS first_season, MIN(entries.season_year) > MIN(registry_start.first_season) AS is_exact
FROM (SELECT universal_player_id, CAST(ARRAY_EXTRACT(REGEXP_EXTRACT_ALL(season, '^\d{4}'), 1) AS BIGINT) AS season_year
FROM nba_players_registry) AS entries CROSS
JOIN registry_start
GROUP BY entries.universal_player_id), appearances /* A player's games, each with the next one: what is known after it is known before that. Ten */ /* minutes make a game count for the type. */ AS (SELECT season_year, game_date, player_lookup, universal_player_id, points, usage_rate, COALESCE(minutes_played >= 10, FALSE) AS counts, DATE_DIFF('DAY', LAG(game_date) OVER (PARTITION BY season_year, player_lookup ORDER BY game_date NULLS FIRST), game_date) AS days_rest, LEAD(game_date) OVER (PARTITION BY season_year, player_lookup ORDER BY game_date NULLS FIRST) AS next_date
FROM player_game_summary), 
to_date AS (SELECT season_year, game_date, player_lookup, universal_player_id, next_date, points AS last_points, COUNT(*) OVER (PARTITION BY season_year, player_lookup ORDER BY game_date NULLS FIRST) AS games, SUM(points) OVER (PARTITION BY season_year, player_lookup ORDER BY game_date NULLS FIRST) AS points, COUNT_IF(COALESCE(counts, FALSE)) OVER (PARTITION BY season_year, player_lookup ORDER BY game_date NULLS FIRST) AS long_games, SUM(CASE WHEN counts THEN points ELSE 0 END) OVER (PARTITION BY season_year, player_lookup ORDER BY game_date NULLS FIRST) AS long_points, SUM(CASE WHEN counts THEN usage_rate ELSE NULL END) OVER (PARTITION BY season_year, player_lookup ORDER BY game_date NULLS FIRST) AS usage_sum, COUNT(CASE WHEN counts THEN usage_rate ELSE NULL END) OVER (PARTITION BY season_year, player_lookup ORDER BY game_date NULLS FIRST) AS usage_games, COUNT_IF(COALESCE(counts AND days_rest >= 3, FALSE)) OVER (PARTITION BY season_year, player_lookup ORDER BY game_date NULLS FIRST) AS rested_games, SUM(CASE WHEN counts AND days_rest >= 3 THEN points ELSE 0 END) OVER (PARTITION BY season_year, player_lookup ORDER BY game_date NULLS FIRST) AS rested_points, COUNT_IF(COALESCE(counts AND days_rest < 3, FALSE)) OVER (PARTITION BY season_year, player_lookup ORDER BY game_date NULLS FIRST) AS tired_games, SUM(CASE WHEN counts AND days_rest < 3 THEN points ELSE 0 END) OVER (PARTITION BY season_year, player_lookup ORDER BY game_date NULLS FIRST) AS tired_points
FROM appearances), 
form AS (SELECT t.next_date AS game_date, t.player_lookup, DATE_DIFF('DAY', t.game_date, t.next_date) AS days_rest, t.games >= 10 AND t.points - t.games * t.last_points >= 10 * t.games AS was_off, t.long_games, CASE WHEN t.long_games <> 0 THEN t.long_points / t.long_games ELSE NULL END AS points_per_game, CASE WHEN t.usage_games <> 0 THEN CAST(t.usage_sum AS DOUBLE) / t.usage_games ELSE NULL END AS usage_rate, ABS(CASE WHEN t.rested_games <> 0 THEN t.rested_points / t.rested_games ELSE NULL END - CASE WHEN t.tired_games <> 0 THEN t.tired_points / t.tired_games ELSE NULL END) AS rest_effect, COALESCE(t.season_year - c.first_season, 0) AS years, COALESCE(c.is_exact, FALSE) AS is_exact
FROM to_date AS t
LEFT JOIN careers AS c ON c.universal_player_id = t.universal_player_id AND c.first_season <= t.season_year
WHERE NOT t.next_date IS NULL), profiles /* Where the years decide and are not known, the type is unknown: never the youngest for want of */ /* better. */ AS (SELECT game_date, player_lookup, days_rest = 1 AS is_back_to_back, days_rest >= 3 AS is_rested, was_off AS is_after_a_bad_game, CASE WHEN long_games < 10 THEN NULL WHEN years >= 10 AND usage_rate >= 25 AND points_per_game >= 20 THEN 'veteran_star' WHEN is_exact AND years BETWEEN 5 AND 9 AND usage_rate >= 28 AND points_per_game >= 22 THEN 'prime_star' WHEN is_exact AND years < 5 AND usage_rate >= 22 AND points_per_game >= 18 THEN 'young_star' WHEN NOT is_exact AND years < 10 AND usage_rate >= 25 AND points_per_game >= 20 THEN 'unknown' WHEN NOT is_exact AND years < 5 AND usage_rate >= 22 AND points_per_game >= 18 THEN 'unknown' WHEN long_games >= 20 AND rest_effect < CAST(1.5 AS DOUBLE) THEN 'ironman' ELSE 'role_player' END AS archetype
FROM form), days /* Graded days, counted through the season: where a period begins before a day, and the day on */ /* which a prediction made on it has left the period. */ AS (SELECT season_year, game_date, day_no, EXTRACT(YEAR
FROM game_date) * 100 + EXTRACT(MONTH
FROM game_date) AS month, day_no - COUNT(*) OVER (ORDER BY DATE_DIFF('DAY', CAST('1970-01-01' AS DATE), game_date) NULLS FIRST RANGE BETWEEN 6 PRECEDING AND CURRENT ROW) AS before_7_days, day_no - COUNT(*) OVER (ORDER BY DATE_DIFF('DAY', CAST('1970-01-01' AS DATE), game_date) NULLS FIRST RANGE BETWEEN 29 PRECEDING AND CURRENT ROW) AS before_30_days, MIN(day_no) OVER (PARTITION BY EXTRACT(YEAR
FROM game_date) * 100 + EXTRACT(MONTH
FROM game_date)) - 1 AS before_month, MIN(day_no) OVER (PARTITION BY season_year) - 1 AS before_season, day_no + COUNT(*) OVER (ORDER BY DATE_DIFF('DAY', CAST('1970-01-01' AS DATE), game_date) NULLS FIRST RANGE BETWEEN CURRENT ROW AND 6 FOLLOWING) AS leaves_7_days, day_no + COUNT(*) OVER (ORDER BY DATE_DIFF('DAY', CAST('1970-01-01' AS DATE), game_date) NULLS FIRST RANGE BETWEEN CURRENT ROW AND 29 FOLLOWING) AS leaves_30_days, MAX(day_no) OVER (PARTITION BY EXTRACT(YEAR
FROM game_date) * 100 + EXTRACT(MONTH
FROM game_date)) + 1 AS leaves_month, MAX(day_no) OVER (PARTITION BY season_year) + 1 AS leaves_season
FROM (SELECT season_year, game_date, ROW_NUMBER() OVER (ORDER BY game_date NULLS FIRST) AS day_no
FROM prediction_accuracy
GROUP BY season_year, game_date)), pairs /* Systems, and players of a system, in the order of their names: numbers join faster. */ AS (SELECT season_year, system_id, player_lookup, DENSE_RANK() OVER (ORDER BY season_year NULLS FIRST, system_id NULLS FIRST) AS system_no, ROW_NUMBER() OVER (ORDER BY season_year NULLS FIRST, system_id NULLS FIRST, player_lookup NULLS FIRST) AS pair_no
FROM prediction_accuracy
WHERE NOT is_voided
GROUP BY season_year, system_id, player_lookup), 
graded AS (SELECT pairs.system_no, pairs.pair_no, d.day_no, a.game_id, COALESCE(types.type_no, 0) AS type_no, CASE WHEN a.confidence_score * 100 >= 70 THEN 1 WHEN a.confidence_score * 100 >= 55 THEN 2 ELSE 3 END AS tier_no, a.is_home, p.is_back_to_back, p.is_rested, p.is_after_a_bad_game, 1 AS total, CASE WHEN a.recommendation = 'OVER' THEN 1 ELSE 0 END AS overs, CASE WHEN a.recommendation = 'UNDER' THEN 1 ELSE 0 END AS unders, CASE WHEN a.recommendation = 'PASS' THEN 1 ELSE 0 END AS passes, CASE WHEN a.recommendation = 'OVER' AND a.prediction_correct THEN 1 ELSE 0 END AS over_hits, CASE WHEN a.recommendation = 'OVER' AND NOT a.prediction_correct THEN 1 ELSE 0 END AS over_misses, CASE WHEN a.recommendation = 'UNDER' AND a.prediction_correct THEN 1 ELSE 0 END AS under_hits, CASE WHEN a.recommendation = 'UNDER' AND NOT a.prediction_correct THEN 1 ELSE 0 END AS under_misses, CAST(a.absolute_error * 10 AS BIGINT) AS tenths_off, CAST(a.signed_error * 10 AS BIGINT) AS tenths_over, CASE WHEN a.within_3_points THEN 1 ELSE 0 END AS near_3, CASE WHEN a.within_5_points THEN 1 ELSE 0 END AS near_5, CAST(a.confidence_score * 1000 AS BIGINT) AS confidence
FROM prediction_accuracy AS a
JOIN pairs ON pairs.season_year = a.season_year AND pairs.system_id = a.system_id AND pairs.player_lookup = a.player_lookup
JOIN days AS d ON d.game_date = a.game_date
LEFT JOIN profiles AS p ON p.game_date = a.game_date AND p.player_lookup = a.player_lookup
LEFT JOIN types ON types.archetype = p.archetype
WHERE NOT a.is_voided), members /* Every group of predictions that one belongs to; 0 where a group does not look. */ AS (SELECT system_no, 0 AS type_no, 0 AS tier_no, 0 AS situation_no, pair_no, day_no
FROM graded
UNION ALL
SELECT system_no, 0, tier_no, 0, pair_no, day_no
FROM graded
UNION ALL
SELECT system_no, 0, 0, CASE WHEN is_home THEN 1 ELSE 2 END, pair_no, day_no
FROM graded
UNION ALL
SELECT system_no, 0, 0, 3, pair_no, day_no
FROM graded
WHERE is_back_to_back
UNION ALL
SELECT system_no, 0, 0, 4, pair_no, day_no
FROM graded
WHERE is_rested
UNION ALL
SELECT system_no, 0, 0, 5, pair_no, day_no
FROM graded
WHERE is_after_a_bad_game
UNION ALL
SELECT system_no, type_no, 0, 0, pair_no, day_no
FROM graded
WHERE type_no > 0
UNION ALL
SELECT system_no, type_no, tier_no, 0, pair_no, day_no
FROM graded
WHERE type_no > 0), stays /* A player counts in a group until his last prediction has left the period or a newer one has */ /* taken its place: each prediction stops counting on one day, so players can be counted by days. */ AS (SELECT system_no, type_no, tier_no, situation_no, day_no, LEAD(day_no) OVER (PARTITION BY pair_no, type_no, tier_no, situation_no ORDER BY day_no NULLS FIRST) AS replaced
FROM members), 
departures AS (SELECT s.system_no, s.type_no, s.tier_no, s.situation_no, d.leaves_season, p.period_no, CASE WHEN COALESCE(s.replaced, d.leaves_season) IS NULL OR CASE p.period_no WHEN 1 THEN d.leaves_7_days WHEN 2 THEN d.leaves_30_days WHEN 3 THEN d.leaves_month ELSE d.leaves_season END IS NULL THEN NULL ELSE LEAST(COALESCE(s.replaced, d.leaves_season), CASE p.period_no WHEN 1 THEN d.leaves_7_days WHEN 2 THEN d.leaves_30_days WHEN 3 THEN d.leaves_month ELSE d.leaves_season END) END AS day_no, s.players
FROM (SELECT system_no, type_no, tier_no, situation_no, day_no, replaced, COUNT(*) AS players
FROM stays
GROUP BY system_no, type_no, tier_no, situation_no, day_no, replaced) AS s
JOIN days AS d ON d.day_no = s.day_no CROSS
JOIN (SELECT 1 AS period_no
UNION ALL
SELECT 2
UNION ALL
SELECT 3
UNION ALL
SELECT 4) AS p), group_movements /* What each group gains on a day, and what it loses of its players. */ AS (SELECT m.system_no, m.type_no, m.tier_no, m.situation_no, m.day_no, SUM(g.total) AS total, SUM(g.overs) AS overs, SUM(g.unders) AS unders, SUM(g.passes) AS passes, SUM(g.over_hits) AS over_hits, SUM(g.over_misses) AS over_misses, SUM(g.under_hits) AS under_hits, SUM(g.under_misses) AS under_misses, SUM(g.tenths_off) AS tenths_off, SUM(g.tenths_over) AS tenths_over, SUM(g.near_3) AS near_3, SUM(g.near_5) AS near_5, SUM(g.confidence) AS confidence, COUNT(DISTINCT g.game_id) AS games, 0 AS left_7_days, 0 AS left_30_days, 0 AS left_month, 0 AS left_season
FROM members AS m
JOIN graded AS g ON g.pair_no = m.pair_no AND g.day_no = m.day_no
GROUP BY m.system_no, m.type_no, m.tier_no, m.situation_no, m.day_no
UNION ALL
SELECT system_no, type_no, tier_no, situation_no, day_no, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, SUM(CASE WHEN period_no = 1 THEN players ELSE 0 END), SUM(CASE WHEN period_no = 2 THEN players ELSE 0 END), SUM(CASE WHEN period_no = 3 THEN players ELSE 0 END), SUM(CASE WHEN period_no = 4 THEN players ELSE 0 END)
FROM departures
WHERE day_no < leaves_season
GROUP BY system_no, type_no, tier_no, situation_no, day_no), 
group_days AS (SELECT system_no, type_no, tier_no, situation_no, day_no, SUM(total) AS total, SUM(overs) AS overs, SUM(unders) AS unders, SUM(passes) AS passes, SUM(over_hits) AS over_hits, SUM(over_misses) AS over_misses, SUM(under_hits) AS under_hits, SUM(under_misses) AS under_misses, SUM(tenths_off) AS tenths_off, SUM(tenths_over) AS tenths_over, SUM(near_3) AS near_3, SUM(near_5) AS near_5, SUM(confidence) AS confidence, SUM(games) AS games, SUM(left_7_days) AS left_7_days, SUM(left_30_days) AS left_30_days, SUM(left_month) AS left_month, SUM(left_season) AS left_season
FROM group_movements
GROUP BY system_no, type_no, tier_no, situation_no, day_no), slice_days /* Players have positive numbers in the order of their names, groups negative ones. */ AS (SELECT -DENSE_RANK() OVER (ORDER BY system_no NULLS FIRST, type_no NULLS FIRST, tier_no NULLS FIRST, situation_no NULLS FIRST) AS slice_no, system_no, type_no, tier_no, situation_no, day_no, total, overs, unders, passes, over_hits, over_misses, under_hits, under_misses, tenths_off, tenths_over, near_3, near_5, confidence, games, left_7_days, left_30_days, left_month, left_season
FROM group_days
UNION ALL
SELECT pair_no, system_no, 0, 0, 0, day_no, total, overs, unders, passes, over_hits, over_misses, under_hits, under_misses, tenths_off, tenths_over, near_3, near_5, confidence, 1, 0, 0, 0, 0
FROM graded), 
slices AS (SELECT own.slice_no, systems.system_no, systems.season_year, systems.system_id, pairs.player_lookup, types.archetype, tiers.confidence_tier, situations.situation, COALESCE(pairs.player_lookup, 'NULL') || '|' || COALESCE(types.archetype, 'NULL') || '|' || COALESCE(tiers.confidence_tier, 'NULL') || '|' || COALESCE(situations.situation, 'NULL') AS slice_key
FROM (SELECT DISTINCT slice_no, system_no, type_no, tier_no, situation_no
FROM slice_days) AS own
JOIN (SELECT DISTINCT system_no, season_year, system_id
FROM pairs) AS systems ON systems.system_no = own.system_no
LEFT JOIN pairs ON pairs.pair_no = own.slice_no
LEFT JOIN types ON types.type_no = own.type_no
LEFT JOIN tiers ON tiers.tier_no = own.tier_no
LEFT JOIN situations ON situations.situation_no = own.situation_no), running /* Everything since the season began: a period is the difference of two days. */ AS (SELECT slice_no, day_no, LEAD(day_no) OVER (PARTITION BY slice_no ORDER BY day_no NULLS FIRST) AS next_no, CAST(SUM(total) OVER (PARTITION BY slice_no ORDER BY day_no NULLS FIRST) AS BIGINT) AS total, CAST(SUM(overs) OVER (PARTITION BY slice_no ORDER BY day_no NULLS FIRST) AS BIGINT) AS overs, CAST(SUM(unders) OVER (PARTITION BY slice_no ORDER BY day_no NULLS FIRST) AS BIGINT) AS unders, CAST(SUM(passes) OVER (PARTITION BY slice_no ORDER BY day_no NULLS FIRST) AS BIGINT) AS passes, CAST(SUM(over_hits) OVER (PARTITION BY slice_no ORDER BY day_no NULLS FIRST) AS BIGINT) AS over_hits, CAST(SUM(over_misses) OVER (PARTITION BY slice_no ORDER BY day_no NULLS FIRST) AS BIGINT) AS over_misses, CAST(SUM(under_hits) OVER (PARTITION BY slice_no ORDER BY day_no NULLS FIRST) AS BIGINT) AS under_hits, CAST(SUM(under_misses) OVER (PARTITION BY slice_no ORDER BY day_no NULLS FIRST) AS BIGINT) AS under_misses, CAST(SUM(tenths_off) OVER (PARTITION BY slice_no ORDER BY day_no NULLS FIRST) AS BIGINT) AS tenths_off, CAST(SUM(tenths_over) OVER (PARTITION BY slice_no ORDER BY day_no NULLS FIRST) AS BIGINT) AS tenths_over, CAST(SUM(near_3) OVER (PARTITION BY slice_no ORDER BY day_no NULLS FIRST) AS BIGINT) AS near_3, CAST(SUM(near_5) OVER (PARTITION BY slice_no ORDER BY day_no NULLS FIRST) AS BIGINT) AS near_5, CAST(SUM(confidence) OVER (PARTITION BY slice_no ORDER BY day_no NULLS FIRST) AS BIGINT) AS confidence, CAST(SUM(games) OVER (PARTITION BY slice_no ORDER BY day_no NULLS FIRST) AS BIGINT) AS games, CAST(SUM(left_7_days) OVER (PARTITION BY slice_no ORDER BY day_no NULLS FIRST) AS BIGINT) AS left_7_days, CAST(SUM(left_30_days) OVER (PARTITION BY slice_no ORDER BY day_no NULLS FIRST) AS BIGINT) AS left_30_days, CAST(SUM(left_month) OVER (PARTITION BY slice_no ORDER BY day_no NULLS FIRST) AS BIGINT) AS left_month, CAST(SUM(left_season) OVER (PARTITION BY slice_no ORDER BY day_no NULLS FIRST) AS BIGINT) AS left_season
FROM slice_days), 
periods AS (SELECT 1 AS period_no, game_date AS as_of_date, day_no, before_7_days AS before_no, 'rolling_7d' AS period_type, CAST(game_date AS TEXT) AS period_value
FROM days
WHERE game_date BETWEEN $start_date AND $end_date
UNION ALL
SELECT 2, game_date, day_no, before_30_days, 'rolling_30d', CAST(game_date AS TEXT)
FROM days
WHERE game_date BETWEEN $start_date AND $end_date
UNION ALL
SELECT 3, game_date, day_no, before_month, 'month', STRFTIME(CAST(game_date AS DATE), '%Y-%m')
FROM days
WHERE game_date BETWEEN $start_date AND $end_date
UNION ALL
SELECT 4, game_date, day_no, before_season, 'season', CAST(season_year AS TEXT) || '-' || SUBSTRING(CAST(season_year + 1 AS TEXT), 3)
FROM days
WHERE game_date BETWEEN $start_date AND $end_date), standings /* Where each slice stands on the days that periods begin after or end with. */ AS (SELECT wanted.day_no, spans.slice_no, spans.day_no AS row_no, spans.total
FROM (SELECT day_no
FROM periods UNION
SELECT before_no
FROM periods) AS wanted
JOIN (SELECT r.slice_no, r.day_no, r.total, COALESCE(r.next_no, d.leaves_season) AS next_no
FROM running AS r
JOIN days AS d ON d.day_no = r.day_no) AS spans ON spans.day_no <= wanted.day_no AND spans.next_no > wanted.day_no), 
candidates AS (SELECT p.period_no, p.day_no, last_.slice_no, last_.row_no AS last_row, before_.row_no AS row_before, last_.total - COALESCE(before_.total, 0) AS predictions
FROM periods AS p
JOIN standings AS last_ ON last_.day_no = p.day_no
LEFT JOIN standings AS before_ ON before_.day_no = p.before_no AND before_.slice_no = last_.slice_no), 
chosen AS (SELECT c.*
FROM candidates AS c
JOIN slices AS s ON s.slice_no = c.slice_no
WHERE s.slice_no > 0 AND c.predictions >= 5
QUALIFY ROW_NUMBER() OVER (PARTITION BY c.day_no, c.period_no, s.system_no ORDER BY c.predictions DESC, c.slice_no NULLS FIRST) <= 200
UNION ALL
SELECT c.*
FROM candidates AS c
JOIN slices AS s ON s.slice_no = c.slice_no
WHERE s.slice_no < 0 AND c.predictions >= CASE WHEN s.archetype IS NULL THEN 1 ELSE 10 END), 
totals AS (SELECT p.as_of_date, s.system_id || '|' || p.period_type || '|' || p.period_value || '|' || s.slice_key AS summary_key, s.season_year, s.system_id, p.period_type, p.period_value, s.player_lookup, s.archetype, s.confidence_tier, s.situation, c.predictions, l.overs - COALESCE(b.overs, 0) AS overs, l.unders - COALESCE(b.unders, 0) AS unders, l.passes - COALESCE(b.passes, 0) AS passes, l.over_hits - COALESCE(b.over_hits, 0) AS over_hits, l.over_misses - COALESCE(b.over_misses, 0) AS over_misses, l.under_hits - COALESCE(b.under_hits, 0) AS under_hits, l.under_misses - COALESCE(b.under_misses, 0) AS under_misses, l.tenths_off - COALESCE(b.tenths_off, 0) AS tenths_off, l.tenths_over - COALESCE(b.tenths_over, 0) AS tenths_over, l.near_3 - COALESCE(b.near_3, 0) AS near_3, l.near_5 - COALESCE(b.near_5, 0) AS near_5, l.confidence - COALESCE(b.confidence, 0) AS confidence, l.games - COALESCE(b.games, 0) AS games, l.total - CASE c.period_no WHEN 1 THEN l.left_7_days WHEN 2 THEN l.left_30_days WHEN 3 THEN l.left_month ELSE l.left_season END AS players
FROM chosen AS c
JOIN periods AS p ON p.period_no = c.period_no AND p.day_no = c.day_no
JOIN slices AS s ON s.slice_no = c.slice_no
JOIN running AS l ON l.slice_no = c.slice_no AND l.day_no = c.last_row
LEFT JOIN running AS b ON b.slice_no = c.slice_no AND b.day_no = c.row_before), hashes /* Many slices share a record: each record is hashed once. */ AS (SELECT hits, misses, predictions, SUBSTRING(LOWER(HEX(UNHEX(SHA256(CAST(hits AS TEXT) || '|' || CAST(misses AS TEXT) || '|' || CAST(predictions AS TEXT))))), 1, 16) AS data_hash
FROM (SELECT DISTINCT over_hits + under_hits AS hits, over_misses + under_misses AS misses, predictions
FROM totals)) /* + 1e-9 before rounding: a tie such as 0.5125 is not exact in binary, and the engines would */ /* round it differently. */
SELECT t.as_of_date, t.summary_key, t.season_year, t.system_id, t.period_type, t.period_value, t.player_lookup, t.archetype, t.confidence_tier, t.situation, t.predictions AS total_predictions, t.overs + t.unders AS total_recommendations, t.overs AS over_recommendations, t.unders AS under_recommendations, t.passes AS pass_recommendations, h.hits, h.misses, ROUND(CASE WHEN (h.hits + h.misses) <> 0 THEN h.hits / (h.hits + h.misses) ELSE NULL END + 1e-9, 3) AS hit_rate, ROUND(CASE WHEN (t.over_hits + t.over_misses) <> 0 THEN t.over_hits / (t.over_hits + t.over_misses) ELSE NULL END + 1e-9, 3) AS over_hit_rate, ROUND(CASE WHEN (t.under_hits + t.under_misses) <> 0 THEN t.under_hits / (t.under_hits + t.under_misses) ELSE NULL END + 1e-9, 3) AS under_hit_rate, ROUND(t.tenths_off / (10 * t.predictions) + 1e-9, 2) AS mae, ROUND(t.tenths_over / (10 * t.predictions) + SIGN(t.tenths_over) * 1e-9, 2) AS avg_bias, ROUND(t.near_3 / t.predictions + 1e-9, 3) AS within_3_pct, ROUND(t.near_5 / t.predictions + 1e-9, 3) AS within_5_pct, ROUND(t.confidence / (1000 * t.predictions) + 1e-9, 3) AS avg_confidence, CASE WHEN t.player_lookup IS NULL THEN t.players ELSE 1 END AS unique_players, t.games AS unique_games, h.data_hash
FROM totals AS t
JOIN hashes AS h ON h.hits = t.over_hits + t.under_hits AND h.misses = t.over_misses + t.under_misses AND h.predictions = t.predictions)
WHERE "as_of_date" BETWEEN $start_date AND $end_date
