"""What a person sees on the console while a run works: progress, warnings and errors.

Dagster's own console logger prints every event; a season of one table is hundreds of lines.
All events are in the event log anyway, so the console keeps what tells how far the work is.
"""

import logging
import sys

import dagster as dg

SHOWN_EVENTS = {"STEP_FAILURE", "RUN_FAILURE", "PIPELINE_FAILURE"}


class _ForPeople(logging.Filter):
    """Keeps messages written by our steps, warnings, and failures."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a person needs this record."""
        meta = getattr(record, "dagster_meta", None) or {}
        event = meta.get("dagster_event") if isinstance(meta, dict) else None
        if event is None:
            return record.levelno >= logging.INFO
        kind = event.get("event_type_value") if isinstance(event, dict) else event.event_type_value
        return kind in SHOWN_EVENTS


class _OneLine(logging.Formatter):
    """Time and message; Dagster's prefix of job, run and step left out."""

    def format(self, record: logging.LogRecord) -> str:
        """The line as printed."""
        meta = getattr(record, "dagster_meta", None) or {}
        said = meta.get("orig_message") if isinstance(meta, dict) else None
        level = "" if record.levelno <= logging.INFO else f"{record.levelname}: "
        return f"{self.formatTime(record, '%H:%M:%S')} {level}{said or record.getMessage()}"


@dg.logger(
    config_schema={"log_level": dg.Field(str, is_required=False, default_value="INFO")},
    description="Progress, warnings and errors on one line each.",
)
def console_logger(init_context: dg.InitLoggerContext) -> logging.Logger:
    """Write to stderr what a person wants to see of a run."""
    logger = logging.Logger("nba_backfill", level=init_context.logger_config["log_level"].upper())
    handler = logging.StreamHandler(sys.stderr)
    handler.addFilter(_ForPeople())
    handler.setFormatter(_OneLine())
    logger.addHandler(handler)
    return logger
