"""The coverage report as an asset of Dagster: drawn into the export store, summed up in the UI."""

import dagster as dg

from nba_backfill.automation.due import look_at_all, reached
from nba_backfill.backfill.heat_map import CoverageReport, as_html
from nba_backfill.backfill.layers import LAYER_TABLES, SeasonLayers
from nba_backfill.core.partitions import partitions_between, today
from nba_backfill.core.season import HISTORY_START
from nba_backfill.materialization.catalogue import Catalogue
from nba_backfill.warehouse.files import NewFile
from nba_backfill.warehouse.homes import Home
from nba_backfill.warehouse.protocol import Warehouse

NAME, GROUP, FILE = "coverage_report", "operations", "reports/coverage.html"
SHOWN_GAPS = 20


def build_coverage_report(catalogue: Catalogue, home: Home) -> dg.AssetsDefinition:
    """The asset: no table reads it and nothing waits for it, so it may be drawn at any time."""

    @dg.asset(
        name=NAME,
        group_name=GROUP,
        required_resource_keys={"warehouse"},
        pool=home.pool(NAME),
        kinds={"html"},
        description="Every table on every day as a calendar heat map with reasons, what to mend and"
        " the command that does, games by layer and season. One HTML file in the export store that"
        " needs nothing else; `nba-backfill report coverage` draws the same.",
    )
    def coverage_report(context: dg.AssetExecutionContext) -> dg.MaterializeResult:
        warehouse: Warehouse = context.resources.warehouse.warehouse
        world = look_at_all(catalogue, warehouse, today())
        days = reached(world.calendar, partitions_between(HISTORY_START, today()))
        report = CoverageReport.of(world, warehouse, days)
        html = as_html(report).encode()
        warehouse.files.write_many(
            [NewFile(FILE, html, "text/html; charset=utf-8", "no-cache, max-age=0")]
        )
        to_mend = [
            dg.TableRecord(
                {
                    "state": str(gap.state),
                    "tables": ", ".join(gap.tables),
                    "days": gap.ranges,
                    "command": gap.command,
                }
            )
            for gap in report.gaps[:SHOWN_GAPS]
        ]
        metadata = {
            "report": dg.MetadataValue.path(warehouse.files.uri(FILE)),
            "game_dates": len(report.game_days),
            "gaps": len(report.gaps),
            "games_by_layer": dg.MetadataValue.md(layers_markdown(report.layers)),
        }
        if to_mend:
            metadata["to_mend"] = dg.MetadataValue.table(to_mend)
        return dg.MaterializeResult(metadata=metadata)

    return coverage_report


def layers_markdown(seasons: tuple[SeasonLayers, ...]) -> str:
    """The layer table: games of each layer by season, and its share of those it owes."""
    lines = [
        f"| season | game dates | {' | '.join(LAYER_TABLES)} |",
        f"|---|---{'|---' * len(LAYER_TABLES)}|",
    ]
    for one in seasons:
        cells = [
            f"{one.games[layer]:,}"
            + (f" ({share:.1%})" if (share := one.share(layer)) is not None else "")
            for layer in LAYER_TABLES
        ]
        lines.append(f"| {one.season} | {one.game_dates} | {' | '.join(cells)} |")
    return "\n".join(lines)
