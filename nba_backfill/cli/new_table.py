"""nba-backfill new-table: the files of a table, so that only what is its own remains to write."""

from __future__ import annotations

import keyword
import re
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click
from jinja2 import Environment, PackageLoader, StrictUndefined

from nba_backfill import definitions
from nba_backfill.cli.exits import BROKEN, Told
from nba_backfill.cli.session import console, unknown_name
from nba_backfill.core.table import Column, Layer, Per, Rows, Table
from nba_backfill.definitions import CATALOGUE

PHASES = {layer.value: layer for layer in Layer if layer not in (Layer.RAW, Layer.PUBLISHING)}
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")


@click.command("new-table")
@click.argument("name")
@click.option(
    "--phase", required=True, type=click.Choice(list(PHASES)), help="The group it belongs to."
)
@click.option(
    "--reads",
    required=True,
    help="Tables it reads, separated by commas; the first gives the keys of its rows.",
)
@click.option(
    "--grain", help="Columns of the first input that name a row; by default that input's own grain."
)
def command(name: str, phase: str, reads: str, grain: str | None) -> None:
    """Write a table's declaration, its SELECT and its test, and what is made from declarations.

    The table runs as it is: it has the keys of its first input and nothing else yet. Works in a
    checkout of the project, changes no file but README.md and writes over none.

    \b
    nba-backfill new-table close_games --phase phase3_analytics --reads games
    nba-backfill new-table nightly_load --phase phase3_analytics \\
        --reads player_game_summary,games --grain game_date,team_abbr
    """
    project = checkout()
    inputs = _inputs(reads.split(","), PHASES[phase])
    columns = _grain(grain, inputs[0])
    _refuse_name(name)
    room = Path(_neighbour(PHASES[phase]).source).parent
    tests = project / "nba_backfill_tests" / room.relative_to(project / "nba_backfill")
    parts = {
        "name": name,
        "description": f"{name.replace('_', ' ').capitalize()}: say here what a row is.",
        "dataset": _neighbour(PHASES[phase]).dataset,
        "layer": PHASES[phase].name,
        "date_column": inputs[0].date_column,
        "grain": columns,
        "reads": [table.name for table in inputs],
        "same_grain": tuple(c.name for c in columns) == inputs[0].grain,
        "expects": _expectation(inputs[0], {c.name for c in columns}),
    }
    made = {
        room / f"{name}.py": "declaration.py.jinja",
        room / f"{name}.sql": "statement.sql.jinja",
        tests / f"test_{name}.py": "test.py.jinja",
    }
    if there := [path for path in made if path.exists()]:
        raise click.UsageError(f"{there[0].relative_to(project)} exists; nothing was written")
    environment = Environment(
        loader=PackageLoader("nba_backfill.cli", "templates"),
        undefined=StrictUndefined,
        trim_blocks=True,
        keep_trailing_newline=True,
        autoescape=False,
    )
    for path, template in made.items():
        path.write_text(environment.get_template(template).render(parts), encoding="utf-8")
    formatted = [str(path) for path in made if path.suffix == ".py"]
    _python(project, "-m", "ruff", "format", "--quiet", *formatted)
    _python(project, "-m", "nba_backfill", "regenerate")
    for path in made:
        console.print(f"wrote {path.relative_to(project)}")
    console.print(
        f"Next: write the columns and the SELECT, say in the test what they mean; then\n"
        f"  nba-backfill run {name} --season newest\n"
        f"  nba-backfill regenerate\n"
        f"  pytest {(tests / f'test_{name}.py').relative_to(project)}"
    )


def checkout() -> Path:
    """The folder of the sources that are running; a usage error if they were installed as a wheel.

    Only there are tests and README to be kept in step with a declaration.
    """
    project = Path(definitions.__file__).parents[1]
    if not (project / "nba_backfill_tests").is_dir() or not (project / "pyproject.toml").is_file():
        raise click.UsageError(
            f"{project} is no checkout of the project; clone it, pip install -e . there, and run"
            " this again. Nothing was written."
        )
    return project


def _python(project: Path, *arguments: str) -> None:
    done = subprocess.run(
        [sys.executable, *arguments], cwd=project, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise Told(
            f"python {' '.join(arguments)} ended with {done.returncode}:"
            f" {(done.stderr or done.stdout).strip()}",
            BROKEN,
        )


def _refuse_name(name: str) -> None:
    if not NAME.fullmatch(name) or keyword.iskeyword(name):
        raise click.UsageError(
            f"{name!r} cannot name a table and its module: use small letters, digits and single"
            " underscores, as in close_games; nothing was written"
        )
    if name in CATALOGUE.by_name:
        raise click.UsageError(
            f"there is a table {name} already; choose another name; nothing was written"
        )


def _inputs(names: Sequence[str], layer: Layer) -> list[Table]:
    if unknown := [name for name in names if name not in CATALOGUE.by_name]:
        raise click.UsageError(unknown_name("table", unknown, list(CATALOGUE.by_name)))
    tables = [CATALOGUE.by_name[name] for name in names]
    layers = list(Layer)
    for table in tables:
        if not isinstance(table, Table):
            raise click.UsageError(
                f"{table.name} is raw: this command begins with a computed table. Only staging"
                " reads raw tables; write such a table by hand, as CONTRIBUTING.md shows"
            )
        if layers.index(table.layer) > layers.index(layer):
            raise click.UsageError(
                f"{table.name} is of {table.layer.value}, which comes after {layer.value}: data"
                " flows one way"
            )
    return tables


def _grain(asked: str | None, first: Table) -> list[Column]:
    names = asked.split(",") if asked else list(first.grain)
    if unknown := [name for name in names if name not in first.names]:
        raise click.UsageError(
            unknown_name(f"column of {first.name}", unknown, sorted(first.names))
        )
    if first.date_column not in names:
        raise click.UsageError(f"the grain lacks {first.date_column}: tables are computed by day")
    return [first.column(name) for name in names]


def _neighbour(layer: Layer) -> Table:
    """A table of the same phase, in whose room the new one goes."""
    return next(table for table in CATALOGUE if table.layer is layer)


def _expectation(first: Table, grain: set[str]) -> str:
    """What the schedule lets one expect of a table with the keys of its first input, as code."""
    rows: Rows | None = first.expects
    if rows is None:
        return ""
    before = "before_tip=True" if rows.before_tip else ""
    if set(first.grain) != grain:
        rows = Rows.at_least_per_game(1) if "game_id" in grain else Rows.per_day(1)
    match rows.per, rows.at_most:
        case Per.DAY, _:
            return f"Rows.per_day({rows.at_least})"
        case Per.GAME, 1:
            return f"Rows.one_per_game({before})"
        case Per.TEAM_GAME, 1:
            return f"Rows.one_per_team_game({_listed(repr(rows.team_column), before)})"
        case Per.GAME, _:
            return f"Rows.at_least_per_game({_listed(str(rows.at_least), before)})"
        case _:
            return f"Rows.at_least_per_team_game({_listed(str(rows.at_least), before)})"


def _listed(*arguments: str) -> str:
    return ", ".join(argument for argument in arguments if argument)
