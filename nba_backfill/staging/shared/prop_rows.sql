-- One row per offer on a player by the first vendor, the clubs by tricode (NULL where the code is no
-- club's).
SELECT
  offer.* EXCEPT (home_team_abbr, away_team_abbr),
  offer.game_start_time AS printed_at,
  home.team_abbr AS home_team_abbr,
  away.team_abbr AS away_team_abbr
FROM odds_api_player_points_props AS offer
LEFT JOIN clubs AS home ON home.spelling = UPPER(TRIM(offer.home_team_abbr))
LEFT JOIN clubs AS away ON away.spelling = UPPER(TRIM(offer.away_team_abbr))
