"""Live documents: a feed of pages, grades of this moment, ages, news, and what refuses."""

import datetime as dt
import json
from dataclasses import replace

import pandas as pd
import pytest
from click.testing import CliRunner

from nba_backfill import cli
from nba_backfill.cli import exits
from nba_backfill.core.publication import Kind
from nba_backfill.materialization.asset import refuse_the_past
from nba_backfill.materialization.computation import Gathered
from nba_backfill.publishing.live import (
    feed,
    inputs,
    live_grading,
    live_scores,
    news,
    status,
)
from nba_backfill.publishing.live.inputs import LiveInputError
from nba_backfill.warehouse.files import LocalFiles
from nba_backfill_tests.by_hand import computed
from nba_backfill_tests.publishing.live_feed import KEY, Feed, game, line, served
from nba_backfill_tests.publishing.player_rows import (
    DAY,
    before,
    forecast,
    game_id,
    registered,
    scheduled,
)

NOW = dt.datetime(2024, 1, 16, 1, 30, tzinfo=dt.UTC)
"""Half past eight in the evening of the day, in the East."""

TABLES = (live_scores.TABLE, live_grading.TABLE, status.TABLE, news.TABLE)


@pytest.fixture
def files(tmp_path):
    """An export store."""
    return LocalFiles(tmp_path)


def made(table, files, now=NOW, **rows):
    """What a live exporter publishes, by path."""
    gathered = Gathered((DAY,), pd.DataFrame(computed(table, DAY, **rows)), files, print)
    found = replace(table.compute, now=lambda: now)(gathered)
    assert not found["problem"].any(), list(found["problem"])
    return {row.path: json.loads(row.document) for row in found.itertuples()}


def keep(files, *games):
    """Keep games as if they had been fetched."""
    found = feed.BoxScores.model_validate({"fetched_at": NOW, "games": games})
    feed.keep(files, found)


# The feed


@pytest.fixture(scope="module")
def double():
    """The double and its URL."""
    answers = Feed()
    with served(answers) as url:
        yield answers, url


def test_all_pages_of_the_feed_are_fetched(double):
    answers, url = double
    answers.pages, answers.fails_at, answers.answer = [[game(DAY, "Final", 4)]] * 3, None, None
    found = feed.BallDontLie(f"{url}/", KEY).fetch(NOW)
    assert len(found.games) == 3
    assert found.fetched_at == NOW


@pytest.mark.parametrize(
    ("fails_at", "answer", "key", "words"),
    [
        (1, None, KEY, "503"),
        (None, "<html>", KEY, "Expecting value"),
        (None, '{"games": []}', KEY, "no list of games"),
        (None, '{"data": [{"status": "Final"}]}', KEY, "games.0.date"),
        (None, None, "wrong", "401"),
    ],
)
def test_a_feed_that_fails_on_any_page_gives_nothing_and_tells_no_key(
    double, fails_at, answer, key, words
):
    answers, url = double
    answers.pages = [[game(DAY, "Final", 4)]] * 3
    answers.fails_at, answers.answer = fails_at, answer
    with pytest.raises(feed.LiveFeedError, match=words) as refused:
        feed.BallDontLie(url, key).fetch(NOW)
    assert key not in str(refused.value)


def test_a_feed_that_is_not_there_says_where_it_should_be():
    with pytest.raises(feed.LiveFeedError, match=r"127.0.0.1:9/v1/box_scores/live"):
        feed.BallDontLie("http://127.0.0.1:9", KEY).fetch(NOW)


@pytest.fixture
def command(tmp_path, monkeypatch, double):
    """Runs live-scores against the double, with an export store of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NBA_EXPORT_URL", str(tmp_path / "exports"))
    monkeypatch.setenv("NBA_LIVE_URL", double[1])
    monkeypatch.setenv("NBA_LIVE_KEY", KEY)
    return lambda: CliRunner().invoke(cli.main, ["live-scores"])


def test_the_command_keeps_what_it_fetched_and_after_a_failure_what_was_before(
    command, double, tmp_path, monkeypatch
):
    answers, _ = double
    answers.pages, answers.fails_at, answers.answer = [[game(DAY, "Final", 4)]], None, None
    assert "1 games kept" in command().output
    kept = feed.kept(LocalFiles(tmp_path / "exports"), NOW)
    answers.fails_at = 0
    failed = command()
    assert (failed.exit_code, "503" in failed.output) == (exits.BROKEN, True)
    assert feed.kept(LocalFiles(tmp_path / "exports"), NOW) == kept
    monkeypatch.delenv("NBA_LIVE_KEY")
    refused = command()
    assert (refused.exit_code, "NBA_LIVE_KEY" in refused.output) == (exits.CONFIGURATION, True)


# Scores

NAMES = {
    "player_names": [
        {"game_date": DAY, "player_name": "Ann Dončić", "player_lookup": "anndoncic"},
        {"game_date": DAY, "player_name": "Bob Đurić", "player_lookup": "bobduric"},
    ],
    "player_aliases": [
        {"alias_lookup": "cydold", "nba_canonical_lookup": "cydnew", "is_active": True},
        {"alias_lookup": "eveold", "nba_canonical_lookup": "evenew", "is_active": False},
    ],
}


def test_games_under_way_come_first_and_players_by_points(files):
    keep(
        files,
        game(DAY, "7:00 pm ET", 0, clubs=("UTA", "DEN"), score=(None, None)),
        game(DAY, "Final/OT", 5, clubs=("MIA", "CHI")),
        game(
            DAY,
            "2nd Qtr",
            2,
            home=[line("Ann Dončić", 0, reb=3), line("Bob Đurić", 12)],
            away=[line("Cyd Old", 12), line("Eve Old", None, minutes=None)],
        ),
        game(before(1), "Final", 4),
    )
    day = [scheduled(DAY, *clubs) for clubs in (("BOS", "NYK"), ("MIA", "CHI"), ("UTA", "DEN"))]
    found = made(live_scores.TABLE, files, games=day, **NAMES)
    document = found[f"live/{DAY}.json"]
    assert found["live/latest.json"] == document
    assert [(g["game_id"], g["status"]) for g in document["games"]] == [
        ("20240115_NYK_BOS", "in_progress"),
        ("20240115_CHI_MIA", "final"),
        ("20240115_DEN_UTA", "scheduled"),
    ]
    assert document["poll_id"] == "20240116T013000Z"
    counts = ("games_in_progress", "games_final", "total_games")
    assert [document[key] for key in counts] == [1, 1, 3]
    players = document["games"][0]["players"]
    assert [(p["player_lookup"], p["points"]) for p in players] == [
        ("bobduric", 12),
        ("cydnew", 12),
        ("anndoncic", 0),
        ("eveold", 0),
    ]
    assert players[2]["rebounds"] == 3


def test_without_a_feed_of_the_day_nothing_is_published(files):
    with pytest.raises(LiveInputError, match=r"there is no .*box-scores\.json"):
        made(live_scores.TABLE, files, games=[scheduled(DAY)])
    keep(files, game(before(1), "Final", 4))
    with pytest.raises(LiveInputError, match="has games of 2024-01-14, none of 2024-01-15"):
        made(live_scores.TABLE, files, games=[scheduled(DAY)])
    files.write(f"{inputs.FOLDER}/{feed.NAME}", b'{"games": []}')
    with pytest.raises(LiveInputError, match="fetched_at: Field required"):
        made(live_scores.TABLE, files, games=[scheduled(DAY)])


def test_before_the_first_game_of_the_day_the_feed_is_empty(files):
    keep(files)
    found = made(live_scores.TABLE, files, games=[scheduled(DAY)])
    assert found["live/latest.json"]["games"] == []


# Grades


@pytest.mark.parametrize(
    ("pick", "line_", "actual", "is_final", "said"),
    [
        ("OVER", 20.5, 21, True, "correct"),
        ("OVER", 20, 20, True, "push"),
        ("UNDER", 20, 20, True, "push"),
        ("UNDER", 20.5, 21, True, "incorrect"),
        ("UNDER", 20.5, 0, True, "correct"),
        ("OVER", 20.5, 21, False, "trending_correct"),
        ("OVER", 20, 20, False, "in_progress"),
        ("OVER", 20, 15, False, "in_progress"),
        ("OVER", 20, 14, False, "trending_incorrect"),
        ("UNDER", 20, 19, False, "trending_correct"),
        ("UNDER", 20, 25, False, "in_progress"),
        ("UNDER", 20, 26, False, "trending_incorrect"),
        ("PASS", 20, 26, True, "graded"),
        ("NO_LINE", None, 26, False, "in_progress"),
        ("OVER", 20, None, True, "pending"),
    ],
)
def test_how_a_pick_stands(pick, line_, actual, is_final, said):
    assert live_grading.standing(pick, line_, actual, is_final=is_final) == said


def test_every_forecast_is_graded_once_and_a_push_is_in_no_rate(files):
    club = {"team_abbr": "BOS", "opponent_team_abbr": "NYK", "is_home": True}
    source = {"line_source": "ACTUAL_PROP", **club}
    utah = {"team_abbr": "UTA", "opponent_team_abbr": "DEN", "is_home": True}
    later = source | utah | {"game_id": game_id(DAY, "UTA", "DEN", at_home=True)}
    keep(
        files,
        game(DAY, "Final", 4, home=[line("Ann One", 30), line("Ben Two", 20), line("Cy Three", 9)]),
        game(DAY, "", 0, home=[line("Dee Four", 0)], clubs=("UTA", "DEN")),
    )
    found = made(
        live_grading.TABLE,
        files,
        games=[scheduled(DAY), scheduled(DAY, "UTA", "DEN", score=None)],
        player_prop_predictions=[
            forecast(DAY, "annone", points=28, line=20.5, **source),
            forecast(DAY, "bentwo", points=22, line=20, **source),
            forecast(DAY, "cythree", points=22, line=20.5, confidence_score=0.9, **source),
            forecast(DAY, "absent", **source),
            forecast(DAY, "deefour", **later),
            forecast(DAY, "annone", system_id="ensemble_v1", **source),
        ],
        nba_players_registry=[
            registered("annone", "Ann One", club="BOS"),
            registered("annone", "Ann One", club="NYK"),
        ],
    )
    document = found[f"live-grading/{DAY}.json"]
    assert found["live-grading/latest.json"] == document
    standing = [(p["player_lookup"], p["status"], p["error"]) for p in document["predictions"]]
    assert standing == [
        ("annone", "correct", -2.0),
        ("cythree", "incorrect", 13.0),
        ("bentwo", "push", 2.0),
        ("absent", "pending", None),
        ("deefour", "pending", None),
    ]
    summary = document["summary"]
    assert (summary["total_predictions"], summary["graded"], summary["pending"]) == (5, 3, 2)
    assert (summary["win_rate"], summary["avg_error"]) == (0.5, 5.7)
    first = document["predictions"][0]
    assert (first["player_name"], first["margin_vs_line"], first["game_status"]) == (
        "Ann One",
        9.5,
        "final",
    )


# Status


def ages(live=None, tonight=None, grading=None, now=NOW):
    """Documents of so many minutes ago; None: not there."""
    minutes = dict(zip(status.WATCHED, (live, tonight, grading), strict=True))
    return status.Ages(
        now,
        {
            path: None if age is None else now - dt.timedelta(minutes=age)
            for path, age in minutes.items()
        },
    )


MORNING = dt.datetime(2024, 1, 15, 15, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("found", "forecasts", "services", "overall"),
    [
        (ages(10, 60, 500), 1, ("healthy",) * 4, "healthy"),
        (ages(11, 60, 5), 1, ("degraded", "healthy", "healthy", "healthy"), "degraded"),
        (ages(11, 60, 5, now=MORNING), 1, ("healthy",) * 4, "healthy"),
        (ages(1, 61, 5), 1, ("healthy", "degraded", "healthy", "healthy"), "degraded"),
        (ages(1, 1), 1, ("healthy", "healthy", "degraded", "healthy"), "healthy"),
        (ages(1, None, 1), 1, ("healthy", "unhealthy", "healthy", "healthy"), "unhealthy"),
        (ages(None, 1, 1), 1, ("unhealthy", "healthy", "healthy", "healthy"), "unhealthy"),
        (ages(1, 1, 1), 0, ("healthy", "healthy", "healthy", "degraded"), "degraded"),
    ],
)
def test_ages_make_health(found, forecasts, services, overall):
    document = status.shape(found, DAY, pd.DataFrame([{"forecasts": forecasts}]))["status.json"]
    assert tuple(s["status"] for s in document["services"].values()) == services
    assert document["overall_status"] == overall
    assert len(document["known_issues"]) == 4 - services.count("healthy")


@pytest.mark.parametrize(("hour", "on"), [(15, False), (16, True), (1, True), (2, False)])
def test_games_are_on_from_four_until_two_in_the_east(hour, on):
    moment = dt.datetime(2024, 1, 15, hour, 59 if hour in (15, 1) else 0, tzinfo=status.EASTERN)
    assert status.are_games_on(moment) is on


def test_status_reads_when_documents_were_generated(files):
    said = b'{\n  "updated_at": "2024-01-16T01:25:00+00:00",\n  "games": []\n}'
    files.write("v1/live/latest.json", said)
    found = made(
        status.TABLE,
        files,
        games=[scheduled(DAY)],
        player_prop_predictions=[
            forecast(DAY, is_active=True),
            forecast(DAY, "b", is_active=False),
        ],
    )["status.json"]
    assert found["services"]["live_data"]["age_minutes"] == 5
    assert found["services"]["tonight_data"]["status"] == "unhealthy"
    assert found["predictions_today"] == 1


# News


def article(number, category, *lookups, hours=1, title="Ann Example is hurt"):
    """An article about some players, linked so many hours ago."""
    moment = (NOW - dt.timedelta(hours=hours)).isoformat()
    return {
        "id": str(number),
        "title": title,
        "category": category,
        "source": "a paper",
        "published_at": moment,
        "players": [{"player_lookup": p, "is_primary": True, "linked_at": moment} for p in lookups],
    }


def test_news_are_of_their_players_newest_first(files):
    articles = [
        article(1, "injury", "ann", hours=72),
        article(2, "lineup", "ann", "ben", hours=3),
        article(3, "gossip", "cyd", hours=73),
        article(4, "trade", "cyd", hours=80),
    ]
    files.write(f"{inputs.FOLDER}/{news.NAME}", json.dumps({"articles": articles}).encode())
    found = made(
        news.TABLE,
        files,
        games=[scheduled(DAY)],
        nba_players_registry=[registered(), registered(club="NYK")],
    )
    ann = found["player-news/nba/ann.json"]
    assert ann["player_name"] == "Ann Example"
    assert [(a["id"], a["impact"]) for a in ann["articles"]] == [("2", "medium"), ("1", "high")]
    assert (ann["has_critical_news"], ann["critical_category"]) == (True, "injury")
    assert found["player-news/nba/cyd.json"]["articles"][0]["impact"] is None
    summary = found["player-news/nba/tonight-summary.json"]["players"]
    # Of the last 72 hours, that hour included; the latest category is that of the newest article.
    assert [(p["player_lookup"], p["latest_category"]) for p in summary] == [
        ("ann", "lineup"),
        ("ben", "lineup"),
    ]
    assert (summary[0]["news_count"], summary[1]["has_critical_news"]) == (2, False)


def test_without_a_news_source_nothing_is_published(files):
    with pytest.raises(LiveInputError, match="no news source is connected"):
        made(news.TABLE, files, games=[scheduled(DAY)])


@pytest.mark.parametrize(
    ("title", "said"),
    [
        ("x" * 50, "x" * 50),
        ("x" * 51, "x" * 49 + "…"),
        ("x" * 40 + " " + "y" * 8 + " z", "x" * 40 + " " + "y" * 8 + "…"),
        ("x" * 40 + " " + "y" * 20, "x" * 40 + "…"),
    ],
)
def test_headlines_are_cut_after_a_word(title, said):
    assert news.headline(title) == said
    assert len(news.headline(title)) <= news.HEADLINE_LETTERS


# None of them is of the past


@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_live_document_is_never_made_of_a_past_date(table):
    assert table.publication.kind is Kind.LIVE
    assert not table.publication.kind.is_by_default
    with pytest.raises(Exception, match="made live only"):
        refuse_the_past(table, [DAY])
