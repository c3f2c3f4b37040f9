"""A local double of the live box-score feed, and games as it tells of them."""

import threading
import time
from contextlib import contextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.responses import JSONResponse, PlainTextResponse
from starlette.routing import Route

KEY = "a-key"


def line(name, points, minutes="30", **more):
    """A player's line; the feed has first and last names."""
    first, _, last = name.partition(" ")
    return {"player": {"id": 1, "first_name": first, "last_name": last}, "pts": points} | {
        "min": minutes,
        **more,
    }


def game(day, status, period, home=(), away=(), *, clubs=("BOS", "NYK"), score=(50, 40)):
    """A game of the feed, with keys that nobody reads."""
    return {
        "date": str(day),
        "season": 2023,
        "status": status,
        "period": period,
        "time": "5:00" if period else None,
        "home_team_score": score[0],
        "visitor_team_score": score[1],
        "home_team": {"id": 1, "abbreviation": clubs[0], "players": list(home)},
        "visitor_team": {"id": 2, "abbreviation": clubs[1], "players": list(away)},
    }


class Feed:
    """What the double answers: pages in order, or an error from one page on."""

    def __init__(self):
        self.pages = [[]]
        self.fails_at = None
        self.answer = None

    def page(self, request):
        """One page, if the key is right."""
        if request.headers.get("authorization") != f"Bearer {KEY}":
            return PlainTextResponse("who are you?", 401)
        number = int(request.query_params.get("cursor", 0))
        if self.fails_at == number:
            return PlainTextResponse("try again", 503)
        if self.answer is not None:
            return PlainTextResponse(self.answer)
        following = number + 1 if number + 1 < len(self.pages) else None
        return JSONResponse({"data": self.pages[number], "meta": {"next_cursor": following}})


@contextmanager
def served(feed):
    """The feed under its path on a free local port; yields the URL."""
    app = Starlette(routes=[Route("/v1/box_scores/live", feed.page)])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical", lifespan="off"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:
        server.should_exit = True
        thread.join()
