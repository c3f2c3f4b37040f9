"""The games that count: dates, clubs, final scores and tip times, one row per game.

Formulas and identity rules: raw-input specification 1.1, 1.2, 1.4 and 3.1.
"""

from nba_backfill.core.composition import UnionAll
from nba_backfill.core.table import Column, Layer, Reconciliation, Rows, Rule, Table
from nba_backfill.core.window import Window
from nba_backfill.staging.clubs import ClubCodes, steps_of, unknown_clubs

DROPPED = Reconciliation(
    name="postponed_games",
    description=(
        "A scheduled game that is no row of its day: put off without a new date, two days before "
        "the newest load of the schedule or more."
    ),
    reads=("games", "nbac_schedule"),
    windows={"nbac_schedule": Window.whole_season()},
    blocking=False,
    sql="""
SELECT
  row_.game_date AS day, row_.game_id AS nba_game_id, row_.away_team_tricode AS away,
  row_.home_team_tricode AS home, row_.game_status, row_.away_team_score, row_.home_team_score
FROM (
  SELECT *, COUNT(DISTINCT game_date) OVER (PARTITION BY game_id) AS dates
  FROM nbac_schedule
) AS row_
LEFT JOIN games AS game
  ON game.game_date = row_.game_date AND game.nba_game_id = row_.game_id
WHERE row_.game_date BETWEEN @start_date AND @end_date
  AND (row_.is_regular_season OR row_.is_playoffs)
  AND NOT COALESCE(row_.is_all_star, FALSE)
  AND row_.dates = 1
  AND game.game_id IS NULL
""",
)

UNSCHEDULED = Reconciliation(
    name="facts_have_a_game",
    description="Box scores of both clubs of a game that the schedule does not have on the day.",
    reads=("games", "nbac_gamebook_player_stats", "bdl_player_boxscores"),
    blocking=False,
    contradiction=True,
    # Counted by pairing of clubs: a code nobody knows stands for itself, and is named.
    sql=steps_of(
        "shared/clubs",
        "shared/box_rows",
        sql="""
WITH club_rows AS (
  SELECT
    source, game_date,
    COALESCE(home_team_abbr, home_code) AS home, COALESCE(away_team_abbr, away_code) AS away,
    COALESCE(team_abbr, club_code) AS club, COUNTIF(points > 0) AS scorers
  FROM box_rows
  GROUP BY source, game_date, home, away, club
),

pairings AS (
  SELECT source, game_date, home, away
  FROM club_rows
  WHERE club IN (home, away) AND scorers >= 5
  GROUP BY source, game_date, home, away
  HAVING COUNT(*) = 2
)

SELECT pairing.game_date AS day, pairing.away, pairing.home, pairing.source
FROM pairings AS pairing
LEFT JOIN games AS game
  ON game.game_date = pairing.game_date
  AND pairing.home IN (game.home_team_abbr, game.away_team_abbr)
  AND pairing.away IN (game.home_team_abbr, game.away_team_abbr)
WHERE game.game_id IS NULL
""",
    ),
)

BOXES = ("home_team_abbr", "away_team_abbr", "team_abbr")
UNKNOWN_CLUBS = unknown_clubs(
    "games",
    {
        "nbac_schedule": ClubCodes(
            ("home_team_tricode", "away_team_tricode"),
            "(row_.is_regular_season OR row_.is_playoffs)"
            " AND NOT COALESCE(row_.is_all_star, FALSE)",
        ),
        "espn_scoreboard": ClubCodes(("home_team_abbr", "away_team_abbr")),
        "nbac_gamebook_player_stats": ClubCodes(BOXES),
        "bdl_player_boxscores": ClubCodes(BOXES),
        "nbac_team_boxscore": ClubCodes(("team_abbr",)),
    },
)

TABLE = Table(
    name="games",
    dataset="nba_staging",
    layer=Layer.STAGING,
    date_column="game_date",
    grain=("game_date", "game_id"),
    unique=(
        ("game_id",),
        ("game_date", "home_team_abbr"),
        ("game_date", "away_team_abbr"),
    ),
    clustering=("home_team_abbr",),
    reads={
        "nbac_schedule": Window.whole_season(),
        "espn_scoreboard": Window.whole_season(),
        # Whether a game was played that the schedule does not call finished.
        "nbac_gamebook_player_stats": Window.same_day(),
        "bdl_player_boxscores": Window.same_day(),
        "nbac_team_boxscore": Window.same_day(),
    },
    steps=(
        "shared/clubs",
        "shared/box_rows",
        "shared/team_rows",
        UnionAll("printed_starts", of=("shared/tip_rows",), columns=("game_date", "printed_at")),
        "shared/starts",
        "shared/tips",
    ),
    expects=Rows.one_per_game(before_tip=True),
    known_after_tip=(
        "is_final",
        "is_over",
        "home_score",
        "away_score",
        "result_source",
        "result_doubt",
    ),
    description=(
        "One row per game of the regular season, the Cup final, the play-in and the play-offs, on "
        "the date it is played; the scoreboard fills dates the schedule lacks altogether, and "
        "results of games that the schedule never called finished."
    ),
    columns=(
        Column("game_date", "DATE", "US-Eastern date of the game", required=True),
        Column("game_id", "STRING", "Canonical id YYYYMMDD_AWAY_HOME", required=True),
        Column(
            "nba_game_id",
            "STRING",
            "Official ten-digit id; NULL for games only the scoreboard knows",
            max_null_rate=0.02,
        ),
        Column("season_year", "INT64", "Year the season starts in", required=True),
        Column(
            "game_type",
            "STRING",
            "Kind of game; a Cup final counts for no standings",
            required=True,
            one_of=("regular_season", "cup_final", "play_in", "playoffs"),
        ),
        Column("home_team_abbr", "STRING", "Home club", required=True),
        Column("away_team_abbr", "STRING", "Away club", required=True),
        Column("is_final", "BOOL", "Whether the game is over and its result known", required=True),
        Column(
            "is_over",
            "BOOL",
            "Whether the game was played, the result known or not: facts of it are expected",
            required=True,
        ),
        Column(
            "tip_at",
            "TIMESTAMP",
            "Instant of the scheduled tip-off by the schedule, else the scoreboard; a midnight, "
            "another day's start, or one time for all games of three days running says nothing",
            max_null_rate=0.05,
        ),
        Column("arena_timezone", "STRING", "IANA zone of the arena", max_null_rate=0.02),
        Column("is_neutral_site", "BOOL", "Played at neither club's arena", required=True),
        Column(
            "home_score", "INT64", "Final score, NULL until then", unit="points", between=(50, 200)
        ),
        Column(
            "away_score", "INT64", "Final score, NULL until then", unit="points", between=(50, 200)
        ),
        Column(
            "result_source",
            "STRING",
            "Table the result comes from: the schedule, else the scoreboard; NULL until then",
            one_of=("nbac_schedule", "espn_scoreboard"),
        ),
        Column(
            "result_doubt",
            "STRING",
            "Why the result of a game that was played is unknown: box scores have it, the schedule "
            "neither calls it final nor has a score that a game can end with",
        ),
        Column("home_next_game_date", "DATE", "Home club's next game of the season after this one"),
        Column("away_next_game_date", "DATE", "Away club's next game of the season after this one"),
        Column(
            "home_games_in_next_7_days",
            "INT64",
            "Home club's games in [D+1, D+7] of the same season",
            required=True,
            between=(0, 6),
        ),
        Column(
            "away_games_in_next_7_days",
            "INT64",
            "Away club's games in [D+1, D+7] of the same season",
            required=True,
            between=(0, 6),
        ),
        Column(
            "source",
            "STRING",
            "Table the game comes from",
            required=True,
            one_of=("nbac_schedule", "espn_scoreboard"),
        ),
    ),
    rules=(
        Rule(
            "final_game_has_a_result",
            "NOT is_final OR (home_score IS NOT NULL AND away_score IS NOT NULL "
            "AND home_score != away_score)",
            "A finished game has both scores and no tie.",
        ),
        Rule(
            "score_only_when_final",
            "is_final OR (home_score IS NULL AND away_score IS NULL)",
            "A game that is not over has no final score.",
        ),
        Rule(
            "result_is_known",
            "result_doubt IS NULL",
            "Played, yet neither the schedule nor the scoreboard has its result",
            blocking=False,
            contradiction=True,
        ),
        Rule(
            "two_different_clubs",
            "home_team_abbr != away_team_abbr",
            "A club does not play itself.",
        ),
        Rule(
            "next_game_is_later",
            "COALESCE(home_next_game_date > game_date, TRUE) "
            "AND COALESCE(away_next_game_date > game_date, TRUE)",
            "A club's next game is on a later date.",
        ),
    ),
    reconciliations=(
        DROPPED,
        UNSCHEDULED,
        UNKNOWN_CLUBS,
        Reconciliation(
            "club_plays_once_a_day",
            "A club at home in one game and away in another of the same date: every join of facts "
            "by date and club would give both games the same rows.",
            ("games",),
            """
            SELECT home.game_date AS day, home.game_id, home.home_team_abbr AS team_abbr,
              away.game_id AS other_game_id
            FROM games AS home
            JOIN games AS away
              ON away.game_date = home.game_date AND away.away_team_abbr = home.home_team_abbr
            WHERE home.game_date BETWEEN @start_date AND @end_date
            UNION ALL
            SELECT away.game_date, away.game_id, away.away_team_abbr, home.game_id
            FROM games AS away
            JOIN games AS home
              ON home.game_date = away.game_date AND home.home_team_abbr = away.away_team_abbr
            WHERE away.game_date BETWEEN @start_date AND @end_date
            """,
        ),
    ),
    source=__file__,
)
