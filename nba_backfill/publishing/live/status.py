"""How fresh what is published is at this moment (spec 50, 6): ``status.json``.

A projection of the moments that the published documents say they were generated at, and of the
forecasts in the warehouse; nothing is probed.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar, Literal

import pandas as pd

from nba_backfill.core.partitions import EASTERN
from nba_backfill.core.window import Window
from nba_backfill.publishing.document import Document, Part, moment_of
from nba_backfill.publishing.exporter import Kind, exporter
from nba_backfill.publishing.gathered import records
from nba_backfill.publishing.live import inputs
from nba_backfill.publishing.live.inputs import live, unshaped
from nba_backfill.publishing.patterns import ROOT
from nba_backfill.publishing.units import Count
from nba_backfill.warehouse.files import FileStore

Health = Literal["healthy", "degraded", "unhealthy"]

LIVE, TONIGHT, GRADING = "live/latest.json", "tonight/all-players.json", "live-grading/latest.json"
WATCHED = (LIVE, TONIGHT, GRADING)
LIVE_MINUTES, TONIGHT_MINUTES = 10, 60
"""Age beyond which scores and tonight's players are stale."""

GAMES_FROM_HOUR, GAMES_UNTIL_HOUR = 16, 2
"""Eastern hours between which games are played: from 4 pm until just before 2 am."""


@dataclass(frozen=True, slots=True)
class Ages:
    """When each watched document was generated, None for one that is not there; and now."""

    now: dt.datetime
    generated: Mapping[str, dt.datetime | None]

    def minutes(self, path: str) -> int | None:
        """Whole minutes since a document was generated; None without it."""
        moment = self.generated[path]
        return None if moment is None else int((self.now - moment).total_seconds() // 60)


class Service(Part):
    """One of the things the site lives on."""

    status: Health
    message: str
    last_updated: str | None
    age_minutes: int | None


class Services(Part):
    """All of them."""

    live_data: Service
    tonight_data: Service
    grading: Service
    predictions: Service


class Issue(Part):
    """What is wrong."""

    severity: Literal["warning", "critical"]
    message: str
    detected_at: str


class Maintenance(Part):
    """An announced interruption."""

    message: str


class Status(Document):
    """The site's state; there are no announced interruptions."""

    generated_key: ClassVar[str] = "updated_at"
    game_date: dt.date
    overall_status: Health
    services: Services
    known_issues: list[Issue]
    maintenance_windows: list[Maintenance]
    predictions_today: Count


def read_ages(files: FileStore, now: dt.datetime) -> Ages:
    """What the published documents say of themselves."""
    contents = {path: files.read(f"{ROOT}/{path}") for path in WATCHED}
    moments = {path: moment_of(content) if content else "" for path, content in contents.items()}
    generated = {
        p: dt.datetime.fromisoformat(said) if said else None for p, said in moments.items()
    }
    return Ages(now, generated)


def shape(ages: Ages, day: dt.date, rows: pd.DataFrame) -> Mapping[str, dict]:
    """The one document."""
    forecasts = sum(row["forecasts"] for row in records(rows))
    services = {
        "live_data": _live(ages),
        "tonight_data": _tonight(ages),
        "grading": _grading(ages),
        "predictions": _predictions(forecasts),
    }
    detected = ages.now.astimezone(dt.UTC).isoformat(timespec="seconds")
    return {
        "status.json": {
            "game_date": day,
            "overall_status": overall(services),
            "services": services,
            "known_issues": [
                {
                    "severity": "critical" if found["status"] == "unhealthy" else "warning",
                    "message": f"{name}: {found['message']}",
                    "detected_at": detected,
                }
                for name, found in services.items()
                if found["status"] != "healthy"
            ],
            "maintenance_windows": [],
            "predictions_today": forecasts,
        }
    }


def overall(services: Mapping[str, Mapping]) -> Health:
    """The whole from its parts; grading that is only degraded does not degrade it."""
    if any(found["status"] == "unhealthy" for found in services.values()):
        return "unhealthy"
    weighty = [found for name, found in services.items() if name != "grading"]
    return "degraded" if any(found["status"] == "degraded" for found in weighty) else "healthy"


def are_games_on(now: dt.datetime) -> bool:
    """Whether it is the time of day, in the East, at which games are played."""
    hour = now.astimezone(EASTERN).hour
    return hour >= GAMES_FROM_HOUR or hour < GAMES_UNTIL_HOUR


def _live(ages: Ages) -> dict:
    age = ages.minutes(LIVE)
    stale = age is not None and age > LIVE_MINUTES and are_games_on(ages.now)
    return _service(ages, LIVE, missing="unhealthy", stale=stale)


def _tonight(ages: Ages) -> dict:
    age = ages.minutes(TONIGHT)
    stale = age is not None and age > TONIGHT_MINUTES
    return _service(ages, TONIGHT, missing="unhealthy", stale=stale)


def _grading(ages: Ages) -> dict:
    return _service(ages, GRADING, missing="degraded", stale=False)


def _service(ages: Ages, path: str, *, missing: Health, stale: bool) -> dict:
    age, moment = ages.minutes(path), ages.generated[path]
    if moment is None:
        return _said(missing, f"{path} is not published")
    words = f"{path} is {age} minutes old"
    return _said(
        "degraded" if stale else "healthy",
        words,
        last_updated=moment.isoformat(timespec="seconds"),
        age_minutes=age,
    )


def _predictions(forecasts: int) -> dict:
    status = "healthy" if forecasts else "degraded"
    return _said(status, f"{forecasts} predictions for the day")


def _said(
    status: Health, message: str, last_updated: str | None = None, age_minutes: int | None = None
) -> dict:
    return {
        "status": status,
        "message": message,
        "last_updated": last_updated,
        "age_minutes": age_minutes,
    }


TABLE = live(
    exporter(
        name="publishing_status",
        kind=Kind.LIVE,
        paths="status.json",
        max_age=60,
        model=Status,
        reads={"games": Window.same_day(), "player_prop_predictions": Window.same_day()},
        steps=("../shared/champion", "../players/shared/forecasts"),
        shape=unshaped,
        code=(inputs,),
        is_empty=lambda _: False,
        description="How fresh what is published is at this moment.",
        source=__file__,
    ),
    shape,
    read_ages,
)
