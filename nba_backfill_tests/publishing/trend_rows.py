"""Games against a line, and the one document that an exporter of trends makes of them."""

import datetime as dt

import pandas as pd

from nba_backfill_tests.by_hand import computed
from nba_backfill_tests.publishing.player_rows import DAY, before, played, published, scheduled

LINE = 20
TONIGHT = [scheduled(DAY, score=None, tip_at=dt.datetime(2024, 1, 16, 0, 30, tzinfo=dt.UTC))]
"""Boston receives New York at 7:30 pm Eastern, which is the next day in UTC."""


def document(table, day=DAY, *, games=TONIGHT, **inputs):
    """What an exporter publishes of a day, from input rows that name what matters."""
    found = computed(table, day, games=games, **inputs)
    return shaped(table, found, day)


def shaped(table, rows, day=DAY):
    """What an exporter publishes of a day, from gathered rows."""
    (made,) = published(table, pd.DataFrame(rows, dtype=object), day).values()
    return made


def decided(days_ago, by, player="ann", *, line=LINE, day=DAY, **more):
    """A game so many days before, with so many points more than the line (0 is a push)."""
    return played(before(days_ago, day), player, line + by, line, margin=by, **more)


def run(*by, player="ann", first=1, **more):
    """Games on days before, the newest first, each with its points more than the line."""
    return [decided(first + 2 * nth, n, player, **more) for nth, n in enumerate(by)]
