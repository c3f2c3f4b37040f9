"""Tables that fit the terminal: columns are left out where there is no room, figures never cut."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.measure import Measurement
from rich.table import Table as RichTable
from rich.text import Text

WORDS_NEED = 16
"""Characters below which a column of words is left out rather than folded."""


@dataclass(frozen=True, slots=True)
class Heading:
    """A column: its name, and how soon it is left out (0: never; the highest goes first).

    Figures stand right and are never folded; ``words`` may be folded onto several lines.
    """

    name: str
    expendable: int = 0
    words: bool = False
    left: bool = False


@dataclass(slots=True)
class FittingTable:
    """Rows under headings, printed as wide as the console allows."""

    title: str
    headings: Sequence[Heading]
    rows: list[Sequence[str] | None] = field(default_factory=list)
    """None is a line between sections."""

    def add(self, *cells: str) -> None:
        """Add a row, a cell for each heading."""
        self.rows.append(cells)

    def section(self) -> None:
        """Begin a new section."""
        self.rows.append(None)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        """Print the columns that fit, and say which do not."""
        shown = list(self.headings)
        while self._needs(console, options, shown) > options.max_width:
            least = max(shown, key=lambda heading: heading.expendable)
            if not least.expendable:
                break
            shown.remove(least)
        yield self._table(shown)
        if left_out := [h.name for h in self.headings if h not in shown]:
            yield Text(
                f"no room at this width for: {', '.join(left_out)}; --json has everything",
                style="dim",
            )

    def _needs(self, console: Console, options: ConsoleOptions, shown: Sequence[Heading]) -> int:
        wide = options.update(width=10_000)
        figures = [heading for heading in shown if not heading.words]
        width = Measurement.get(console, wide, self._table(figures)).maximum
        return width + sum(WORDS_NEED + 2 for heading in shown if heading.words)

    def _table(self, shown: Sequence[Heading]) -> RichTable:
        printed = RichTable(
            title=self.title, title_justify="left", box=box.SIMPLE_HEAD, pad_edge=False
        )
        for heading in shown:
            printed.add_column(
                heading.name,
                justify="left" if heading.words or heading.left else "right",
                no_wrap=not heading.words,
                overflow="fold",
            )
        places = [place for place, heading in enumerate(self.headings) if heading in shown]
        for row in self.rows:
            if row is None:
                printed.add_section()
            else:
                printed.add_row(*(row[place] for place in places))
        return printed
