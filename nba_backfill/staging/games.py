"""The games that count: dates, clubs, final scores and tip times, one row per game.

Formulas and identity rules: raw-input specification 1.1, 1.2, 1.4 and 3.1.
"""

from nba_backfill.core.table import Column, Layer, Reconciliation, Rows, Rule, Table
from nba_backfill.core.window import Window

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
    },
    expects=Rows.one_per_game(before_tip=True),
    known_after_tip=("is_final", "home_score", "away_score"),
    description=(
        "One row per game of the regular season, the Cup final, the play-in and the play-offs, on "
        "the date it is played; the scoreboard fills dates the schedule lacks altogether."
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
        Column("is_final", "BOOL", "Whether the game is over", required=True),
        Column("tip_at", "TIMESTAMP", "Instant of the scheduled tip-off", max_null_rate=0.05),
        Column("arena_timezone", "STRING", "IANA zone of the arena", max_null_rate=0.02),
        Column("is_neutral_site", "BOOL", "Played at neither club's arena", required=True),
        Column(
            "home_score", "INT64", "Final score, NULL until then", unit="points", between=(50, 200)
        ),
        Column(
            "away_score", "INT64", "Final score, NULL until then", unit="points", between=(50, 200)
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
        Reconciliation(
            "club_plays_once_a_day",
            "A club at home in one game and away in another of the same date: every join of facts "
            "by date and club would give both games the same rows.",
            ("games",),
            """
            SELECT home.game_date AS day, home.home_team_abbr AS team_abbr,
              home.game_id, away.game_id AS other_game_id
            FROM games AS home
            JOIN games AS away
              ON away.game_date = home.game_date AND away.away_team_abbr = home.home_team_abbr
            WHERE home.game_date BETWEEN @start_date AND @end_date
            """,
        ),
    ),
    source=__file__,
)
