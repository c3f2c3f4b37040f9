"""The columns in which a precomputed row says how much of its last-N-games window it found.

Without them an average over 6 games looks like one over 15. `bootstrap` is nobody's fault: there
have not been N games yet. `truncated` is ours: games were played whose facts we lack, so the
window is short, or reaches further back than it should.
"""

from nba_backfill.core.table import Column, Rule

WINDOW_STATUSES = ("complete", "bootstrap", "truncated")


def window_columns(prefix: str, *, wanted: int, minimum: int, lost: str) -> tuple[Column, ...]:
    """Columns `<prefix>_games_wanted`, `_games_found`, `_games_missing` and `_status`.

    ``minimum`` is how many games a row has at least, ``lost`` which games count as missing.
    """
    return (
        Column(
            f"{prefix}_games_wanted",
            "INT64",
            f"Games the window wants: {wanted}",
            required=True,
            between=(wanted, wanted),
        ),
        Column(
            f"{prefix}_games_found",
            "INT64",
            "Games the window found",
            required=True,
            between=(minimum, wanted),
        ),
        Column(f"{prefix}_games_missing", "INT64", lost, required=True, between=(0, 110)),
        Column(
            f"{prefix}_status",
            "STRING",
            f"complete: all {wanted} games found, none lost; bootstrap: fewer games played so far, "
            "none lost; truncated: lost games, the window is short or reaches further back",
            required=True,
            one_of=WINDOW_STATUSES,
        ),
    )


def window_rule(prefix: str) -> Rule:
    """The status follows from the counts beside it."""
    return Rule(
        f"{prefix}_status_follows_counts",
        f"{prefix}_status = CASE WHEN {prefix}_games_missing > 0 THEN 'truncated'"
        f" WHEN {prefix}_games_found = {prefix}_games_wanted THEN 'complete'"
        " ELSE 'bootstrap' END",
        "The window's status agrees with the games found and missing",
    )
