"""The live box scores of BallDontLie: how they are fetched, kept, and read (spec 50, 6).

``GET {url}/v1/box_scores/live`` with a bearer key answers ``{"data": [game, …], "meta":
{"next_cursor": …}}``; pages follow by ``?cursor=``. What was fetched whole is kept as one file, so
that after a failure the last good one is still there.
"""

from __future__ import annotations

import datetime as dt
import json
from typing import Protocol
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

from pydantic import ValidationError

from nba_backfill.publishing.live.inputs import FOLDER, Input, read_input
from nba_backfill.warehouse.files import FileStore

NAME = "box-scores.json"
PATH = "/v1/box_scores/live"
PATIENCE_SECONDS = 30
MOST_PAGES = 50
"""Pages after which a cursor that leads nowhere is not followed any more."""


class LiveFeedError(RuntimeError):
    """The feed did not answer whole and well-formed; what was fetched before stays."""


class FeedPerson(Input):
    """Who a line of a box score is about."""

    first_name: str
    last_name: str


class FeedLine(Input):
    """One player's line; minutes as the feed prints them, such as ``34`` or ``34:12``."""

    player: FeedPerson
    min: str | None = None
    pts: int | None = None
    reb: int | None = None
    ast: int | None = None
    stl: int | None = None
    blk: int | None = None
    turnover: int | None = None
    fgm: int | None = None
    fga: int | None = None
    fg3m: int | None = None
    fg3a: int | None = None
    ftm: int | None = None
    fta: int | None = None


class FeedTeam(Input):
    """One club of a game and its lines."""

    abbreviation: str
    players: tuple[FeedLine, ...] = ()


class FeedGame(Input):
    """One game of the feed; ``date`` is US-Eastern."""

    date: dt.date
    status: str
    period: int = 0
    time: str | None = None
    home_team_score: int | None = None
    visitor_team_score: int | None = None
    home_team: FeedTeam
    visitor_team: FeedTeam


class BoxScores(Input):
    """Everything the feed said at one moment."""

    fetched_at: dt.datetime
    games: tuple[FeedGame, ...]


class LiveScores(Protocol):
    """Whoever knows the scores of this moment."""

    def fetch(self, now: dt.datetime) -> BoxScores:
        """All games that are on or were on today. Raises LiveFeedError."""


class BallDontLie:
    """:class:`LiveScores` over HTTP; ``url`` without the path, ``key`` is sent as bearer."""

    def __init__(self, url: str, key: str) -> None:
        self.url = url.rstrip("/")
        self._key = key

    def fetch(self, now: dt.datetime) -> BoxScores:
        """All pages of the feed; LiveFeedError if one of them fails, so never a part of it."""
        games: list[object] = []
        cursor: object = None
        for _ in range(MOST_PAGES):
            page = self._page(cursor)
            games += page["data"]
            cursor = (page.get("meta") or {}).get("next_cursor")
            if cursor is None:
                break
        else:
            raise LiveFeedError(f"{self.url}{PATH}: more than {MOST_PAGES} pages")
        try:
            return BoxScores.model_validate({"fetched_at": now, "games": games})
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(map(str, first["loc"]))
            raise LiveFeedError(f"{self.url}{PATH}: {where}: {first['msg']}") from error

    def _page(self, cursor: object) -> dict:
        query = f"?{urlencode({'cursor': cursor})}" if cursor is not None else ""
        request = Request(
            f"{self.url}{PATH}{query}",
            headers={"Authorization": f"Bearer {self._key}", "Accept": "application/json"},
        )
        try:
            with urlopen(request, timeout=PATIENCE_SECONDS) as answer:
                page = json.load(answer)
        except (URLError, TimeoutError, OSError, ValueError) as error:
            raise LiveFeedError(f"{self.url}{PATH}: {error}") from error
        if not isinstance(page, dict) or not isinstance(page.get("data"), list):
            raise LiveFeedError(f"{self.url}{PATH}: no list of games under `data`")
        return page


def keep(files: FileStore, found: BoxScores) -> None:
    """Put what was fetched in place of what was before."""
    files.write(
        f"{FOLDER}/{NAME}", found.model_dump_json().encode(), content_type="application/json"
    )


def kept(files: FileStore, _: dt.datetime) -> BoxScores:
    """What was fetched last; LiveInputError if nothing ever was."""
    supplier = "whoever polls the live feed keeps it there (nba_backfill.publishing.live.feed)"
    return read_input(files, NAME, BoxScores, supplier)
