-- One row per club and load of a game in the official team box scores, the club by tricode (NULL
-- where the code is no club's).
SELECT club.team_abbr, box.* EXCEPT (team_abbr), box.minutes AS minutes_text
FROM nbac_team_boxscore AS box
LEFT JOIN clubs AS club ON club.spelling = UPPER(TRIM(box.team_abbr))
