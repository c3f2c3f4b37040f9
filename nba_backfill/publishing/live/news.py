"""What is written about players at this moment (spec 50, 6): a summary, and a file a player.

No table holds news. A fetcher keeps its articles, each with the players it is about, in one input
file of the export store; without that file nothing is published, and the reason says so.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

import pandas as pd
from pydantic import AwareDatetime, Field

from nba_backfill.core.window import Window
from nba_backfill.publishing.document import Document, Part
from nba_backfill.publishing.exporter import Kind, exporter
from nba_backfill.publishing.gathered import records
from nba_backfill.publishing.live import inputs
from nba_backfill.publishing.live.inputs import Input, live, read_input, unshaped
from nba_backfill.publishing.units import Club, Count, Lookup
from nba_backfill.warehouse.files import FileStore

NAME = "news.json"
SPORT = "nba"
ARTICLES_SHOWN = 20
HEADLINE_LETTERS = 50
SUMMARY_HOURS = 72
"""Links made in so many hours are in the summary."""

IMPACTS = {
    "injury": "high",
    "trade": "high",
    "suspension": "high",
    "signing": "medium",
    "lineup": "medium",
    "rest": "low",
}
"""What a category means; of others nothing is known. The high ones are critical."""


class Mention(Input):
    """A player an article is about, and when that was found."""

    player_lookup: str
    is_primary: bool
    linked_at: AwareDatetime


class FoundArticle(Input):
    """One article as the fetcher keeps it."""

    id: str
    title: str
    summary: str | None = None
    category: str
    source: str
    source_url: str | None = None
    published_at: AwareDatetime
    players: tuple[Mention, ...]


class NewsFeed(Input):
    """Everything the fetcher keeps."""

    articles: tuple[FoundArticle, ...]


@dataclass(frozen=True, slots=True)
class News:
    """The feed, and the moment it is read."""

    feed: NewsFeed
    now: dt.datetime


class Article(Part):
    """One article in a player's file."""

    id: str
    headline: str = Field(max_length=HEADLINE_LETTERS)
    title: str
    summary: str | None
    category: str
    impact: Literal["high", "medium", "low"] | None
    source: str
    source_url: str | None
    published_at: str
    is_primary_mention: bool


class PlayerNews(Document):
    """What is written about one player, newest first."""

    generated_key: ClassVar[str] = "updated_at"
    player_lookup: Lookup
    player_name: str
    team_abbr: Club | None
    sport: Literal["nba"]
    has_critical_news: bool
    critical_category: str | None
    news_count: Count
    articles: list[Article] = Field(max_length=ARTICLES_SHOWN)


class PlayerInSummary(Part):
    """That something is written about a player."""

    player_lookup: Lookup
    has_critical_news: bool
    critical_category: str | None
    news_count: Count
    latest_category: str


class NewsSummary(Document):
    """The players of the last three days' news."""

    generated_key: ClassVar[str] = "updated_at"
    sport: Literal["nba"]
    players: list[PlayerInSummary]


def read_news(files: FileStore, now: dt.datetime) -> News:
    """What the fetcher keeps; LiveInputError without it."""
    supplier = "no news source is connected (a fetcher keeps its articles there)"
    return News(read_input(files, NAME, NewsFeed, supplier), now)


def shape(news: News, day: dt.date, rows: pd.DataFrame) -> Mapping[str, dict]:
    """The files of all players somebody wrote about, and the summary."""
    known = {row["player_lookup"]: row for row in records(rows)}
    found: dict[str, list[tuple[FoundArticle, Mention]]] = defaultdict(list)
    for article in news.feed.articles:
        for mention in article.players:
            found[mention.player_lookup].append((article, mention))
    for mentions in found.values():
        mentions.sort(key=lambda pair: (pair[0].published_at, pair[0].id), reverse=True)
    since = news.now - dt.timedelta(hours=SUMMARY_HOURS)
    recent = {
        lookup: [(a, mention) for a, mention in mentions if mention.linked_at >= since]
        for lookup, mentions in sorted(found.items())
    }
    summary = {
        "sport": SPORT,
        "players": [
            {
                "player_lookup": lookup,
                **_weight(mentions),
                "latest_category": mentions[0][0].category,
            }
            for lookup, mentions in recent.items()
            if mentions
        ],
    }
    files = {
        f"player-news/{SPORT}/{lookup}.json": _file(lookup, mentions, known.get(lookup))
        for lookup, mentions in found.items()
    }
    return {f"player-news/{SPORT}/tonight-summary.json": summary, **files}


def _file(
    lookup: str, mentions: Sequence[tuple[FoundArticle, Mention]], row: Mapping | None
) -> dict:
    return {
        "player_lookup": lookup,
        "player_name": row["player_name"] if row else lookup,
        "team_abbr": row["team_abbr"] if row else None,
        "sport": SPORT,
        **_weight(mentions),
        "articles": [_article(a, mention) for a, mention in mentions[:ARTICLES_SHOWN]],
    }


def _weight(mentions: Sequence[tuple[FoundArticle, Mention]]) -> dict:
    """How much is written and whether any of it is critical; the newest critical one is named."""
    critical = [a.category for a, _ in mentions if IMPACTS.get(a.category) == "high"]
    return {
        "has_critical_news": bool(critical),
        "critical_category": critical[0] if critical else None,
        "news_count": len(mentions),
    }


def _article(article: FoundArticle, mention: Mention) -> dict:
    return {
        "id": article.id,
        "headline": headline(article.title),
        "title": article.title,
        "summary": article.summary,
        "category": article.category,
        "impact": IMPACTS.get(article.category),
        "source": article.source,
        "source_url": article.source_url,
        "published_at": article.published_at.astimezone(dt.UTC).isoformat(timespec="seconds"),
        "is_primary_mention": mention.is_primary,
    }


def headline(title: str) -> str:
    """A title in at most 50 letters, cut after a word."""
    if len(title) <= HEADLINE_LETTERS:
        return title
    head = title[: HEADLINE_LETTERS - 1]
    whole_words = head if title[len(head)] == " " else head.rpartition(" ")[0]
    return f"{(whole_words or head).rstrip()}…"


TABLE = live(
    exporter(
        name="player_news",
        kind=Kind.LIVE,
        paths=(
            f"player-news/{SPORT}/tonight-summary.json",
            "player-news/{sport}/{player_lookup}.json",
        ),
        max_age={
            f"player-news/{SPORT}/tonight-summary.json": 300,
            "player-news/{sport}/{player_lookup}.json": 900,
        },
        model={
            f"player-news/{SPORT}/tonight-summary.json": NewsSummary,
            "player-news/{sport}/{player_lookup}.json": PlayerNews,
        },
        reads={
            "games": Window.same_day(),
            "upcoming_player_game_context": Window.same_day(),
            "nba_players_registry": Window.everything(),
        },
        steps=("../players/shared/known_names",),
        shape=unshaped,
        code=(inputs,),
        description="What is written about players at this moment.",
        source=__file__,
    ),
    shape,
    read_news,
)
