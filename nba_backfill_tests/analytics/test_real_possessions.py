"""Possessions, pace and ratings on the real seasons, against what the league's followers publish."""

import pytest

from nba_backfill.analytics.published_league import LEAGUE_AS_PUBLISHED
from nba_backfill.warehouse.dialect import to_duckdb

OFFENCE = "nba_analytics.team_offense_game_summary"

# Basketball-Reference, season pages of 2021-22, 2023-24 and 2024-25: league pace, league ORtg.
AS_PUBLISHED = {2021: (98.2, 112.0), 2023: (98.5, 115.3), 2024: (98.8, 114.5)}


def frame(real_warehouse, sql):
    return real_warehouse.warehouse.connection.execute(sql).df()


@pytest.fixture(scope="module")
def raw_boxes(real_warehouse):
    """Official rows as delivered, latest load, with the turnovers that name no player."""
    boxes = frame(
        real_warehouse,
        """
        SELECT nba_game_id, team_abbr, points, fg_made, fg_attempted, ft_attempted,
          offensive_rebounds AS orb, defensive_rebounds AS drb, turnovers,
          CAST(split_part(minutes, ':', 1) AS INT) AS minutes
        FROM nba_raw.nbac_team_boxscore ORDER BY processed_at
        """,
    ).drop_duplicates(["nba_game_id", "team_abbr"], keep="last")
    events = frame(
        real_warehouse,
        """
        SELECT '00' || bdb_game_id AS nba_game_id, player_1_team_abbr AS team_abbr,
          player_1_name IS NULL AND player_1_lookup IS NULL AS of_the_team
        FROM nba_raw.bigdataball_play_by_play WHERE event_type = 'turnover'
        """,
    )
    counted = events.groupby(["nba_game_id", "team_abbr"], as_index=False).of_the_team.sum()
    return boxes.merge(counted, how="left")


def by_the_glossary(own, other):
    """A team's possessions by Basketball-Reference's glossary, from its and its opponent's box."""
    rebounded = own.orb / (own.orb + other.drb)
    missed = own.fg_attempted - own.fg_made
    turnovers = own.turnovers + own.of_the_team.fillna(0)
    return own.fg_attempted + 0.4 * own.ft_attempted - 1.07 * rebounded * missed + turnovers


def test_possessions_pace_and_rating_follow_the_glossary_in_every_game(real_warehouse, raw_boxes):
    pairs = raw_boxes.merge(raw_boxes, on="nba_game_id", suffixes=("", "_other"))
    pairs = pairs[pairs.team_abbr != pairs.team_abbr_other]
    own = pairs[list(raw_boxes.columns)]
    other = pairs[["nba_game_id", *[c for c in pairs if c.endswith("_other")]]]
    other = other.rename(columns=lambda name: name.removesuffix("_other"))
    expected = own[["nba_game_id", "team_abbr", "minutes", "points"]].assign(
        mean=(by_the_glossary(own, other) + by_the_glossary(other, own)) / 2
    )
    stored = frame(
        real_warehouse,
        f"""
        SELECT nba_game_id, team_abbr, possessions::DOUBLE AS possessions, pace::DOUBLE AS pace,
          offensive_rating::DOUBLE AS rating, primary_source_used AS source
        FROM {OFFENCE}
        """,
    )
    official = stored[stored.source == "nbac_team_boxscore"].merge(expected)
    assert len(official) == (stored.source == "nbac_team_boxscore").sum() > 7_500
    assert (official.possessions - official["mean"]).abs().max() <= 0.05 + 1e-6
    assert (official.pace - official["mean"] * 240 / official.minutes).abs().max() <= 0.05 + 1e-6
    assert (official.rating - 100 * official.points / official["mean"]).abs().max() <= 0.005 + 1e-6


def test_both_teams_of_a_game_have_the_same_possessions(real_warehouse):
    assert (
        real_warehouse.query(
            f"""
        SELECT game_id FROM {OFFENCE} GROUP BY game_id
        HAVING COUNT(DISTINCT possessions) > 1 OR COUNT(DISTINCT pace) > 1
        """
        )
        == []
    )


@pytest.mark.parametrize("season", AS_PUBLISHED)
def test_a_season_has_the_pace_and_rating_that_are_published(real_warehouse, season):
    ((pace, rating),) = real_warehouse.query(
        f"""
        SELECT AVG(pace), 100.0 * SUM(points_scored) / SUM(possessions)
        FROM {OFFENCE} JOIN nba_staging.games AS g USING (game_id)
        WHERE g.game_type = 'regular_season' AND g.season_year = {season}
        """
    )
    assert (float(pace), float(rating)) == pytest.approx(AS_PUBLISHED[season], abs=0.1)


@pytest.mark.parametrize(
    ("pace", "points", "seasons"),
    [
        ("pace", "points_scored", 0),
        ("pace + 1", "points_scored", 3),
        ("pace", "points_scored + 1", 3),
    ],
)
def test_the_check_finds_a_season_that_is_not_the_published_one(
    real_warehouse, pace, points, seasons
):
    sql = to_duckdb(
        f"""
        WITH team_offense_game_summary AS (
          SELECT game_date, game_id, season_year, possessions,
            {pace} AS pace, {points} AS points_scored
          FROM {OFFENCE}
        ), games AS (SELECT * FROM nba_staging.games)
        SELECT season_year FROM ({LEAGUE_AS_PUBLISHED.sql})
        """
    )
    sql = sql.replace("$start_date", "DATE '2021-10-01'").replace("$end_date", "DATE '2025-09-30'")
    assert len(real_warehouse.query(sql)) == seasons


def test_turnovers_of_a_team_are_known_wherever_there_is_play_by_play(real_warehouse):
    found = frame(
        real_warehouse,
        """
        SELECT season_year, COUNT(*) FILTER (team_turnovers IS NULL) AS unknown,
          AVG(team_turnovers) AS mean, MAX(team_turnovers) AS most
        FROM nba_staging.team_boxes GROUP BY 1 ORDER BY 1
        """,
    )
    # The play-in and the Cup final have no events.
    assert list(found.unknown) == [12, 14, 14]
    assert found["mean"].between(0.6, 0.85).all()
    assert found.most.max() <= 7
