-- One row per line of an injury report, the club by tricode, NULL where the report lost it or its
-- code is no club's. `is_of_the_game`: the id the report gives its game names the day and the club.
SELECT
  report.* EXCEPT (team),
  club.team_abbr,
  report.game_id IS NULL
    OR NOT REGEXP_CONTAINS(report.game_id, r'^\d{8}_[A-Z]+_[A-Z]+$')
    OR (
      SUBSTR(report.game_id, 1, 8) = FORMAT_DATE('%Y%m%d', report.game_date)
      AND (
        club.team_abbr IS NULL OR home.team_abbr IS NULL OR away.team_abbr IS NULL
        OR club.team_abbr IN (home.team_abbr, away.team_abbr)
      )
    ) AS is_of_the_game
FROM nbac_injury_report AS report
LEFT JOIN clubs AS club ON club.spelling = UPPER(TRIM(report.team))
LEFT JOIN clubs AS home
  ON home.spelling = REGEXP_EXTRACT(report.game_id, r'^\d{8}_[A-Z]+_([A-Z]+)$')
LEFT JOIN clubs AS away
  ON away.spelling = REGEXP_EXTRACT(report.game_id, r'^\d{8}_([A-Z]+)_[A-Z]+$')
