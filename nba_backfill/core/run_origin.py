"""Where the job of a run lives: what the UI must know to show a run among the others.

The timeline, the runs of a job and re-execution all ask a run for its code location. Runs that the
UI or the daemon launch name it; those of `dagster asset materialize` and `nba-backfill` would not,
and would be on none of these pages. `OriginatedSqliteRunStorage` says it for them; select it in
dagster.yaml:

    run_storage:
      module: nba_backfill.core.run_origin
      class: OriginatedSqliteRunStorage
      config: {base_dir: history}
"""

from collections.abc import Mapping
from typing import Any

import dagster as dg
from dagster._core.definitions.repository_definition.valid_definitions import (
    SINGLETON_REPOSITORY_NAME,
)
from dagster._core.remote_origin import (
    RegisteredCodeLocationOrigin,
    RemoteJobOrigin,
    RemoteRepositoryOrigin,
)
from dagster._core.storage.runs import SqliteRunStorage, SqlRunStorage
from dagster._core.storage.tags import CODE_LOCATION_TAG
from dagster._serdes import ConfigurableClassData

LOCATION = "nba_backfill"
"""The code location that workspace.yaml names; a test holds the two together."""


def job_origin(job_name: str) -> RemoteJobOrigin:
    """The origin of one of our jobs, as the UI knows it from the workspace."""
    location = RegisteredCodeLocationOrigin(LOCATION)
    return RemoteRepositoryOrigin(location, SINGLETON_REPOSITORY_NAME).get_job_origin(job_name)


class OriginatedRuns(SqlRunStorage):
    """A run storage in which a run without an origin is one of our code location.

    The class of a database stands beside it as a base.
    """

    def add_run(self, dagster_run: dg.DagsterRun) -> dg.DagsterRun:
        """Store a run, with where its job lives."""
        if dagster_run.remote_job_origin is None:
            tags = {CODE_LOCATION_TAG: LOCATION, **dagster_run.tags}
            origin = job_origin(dagster_run.job_name)
            dagster_run = dagster_run.with_job_origin(origin).with_tags(tags)
        return super().add_run(dagster_run)


class OriginatedSqliteRunStorage(OriginatedRuns, SqliteRunStorage):
    """Stock SQLite run storage in which a run without an origin is one of our code location."""

    @classmethod
    def from_config_value(
        cls, inst_data: ConfigurableClassData | None, config_value: Mapping[str, Any]
    ) -> "OriginatedSqliteRunStorage":
        """Build the storage named in dagster.yaml; the stock method would build the stock class."""
        return cls.from_local(inst_data=inst_data, **config_value)
