"""Pictures of what a person sees, taken anew: `python -m docs.tour` in a checkout.

Needs Chromium with its driver and a computed demo (`make backfill`). Draws the pages of Dagster's
UI, the coverage report and the published page into docs/pictures/.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path

from PIL import Image

from nba_backfill_tests.publishing.browser import chromium, served

PICTURES = Path(__file__).with_name("pictures")
EXPORTS = Path(".nba_backfill/exports")
PORT = 3917
SIZE = (1440, 900)
COLOURS = 255
"""All that a palette holds: with fewer the rare states of the heat map turn grey."""

UI_PAGES = {
    "lineage": ("asset-groups", 12.0),
    "partitions": ("assets/player_game_summary?view=partitions", 8.0),
    "checks": ("assets/player_game_summary?view=checks", 8.0),
}
"""Picture -> path in Dagster's UI and the seconds after which it is drawn."""


@contextmanager
def webserver() -> Iterator[str]:
    """Dagster's webserver over what is here."""
    command = [Path(sys.executable).with_name("dagster-webserver"), "-p", str(PORT)]
    server = subprocess.Popen([*command, "-w", "workspace.yaml"])
    address = f"http://127.0.0.1:{PORT}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/server_info")
                break
            except OSError:
                time.sleep(1.0)
        yield address
    finally:
        server.terminate()
        server.wait()


def take(driver, address: str, name: str, seconds: float) -> None:
    """One picture of one page, once it has had time to be drawn."""
    driver.get(address)
    time.sleep(seconds)
    shown = Image.open(BytesIO(driver.get_screenshot_as_png())).convert("RGB")
    shown.quantize(COLOURS).save(PICTURES / f"{name}.png", optimize=True)


def main() -> None:
    """Take every picture."""
    PICTURES.mkdir(exist_ok=True)
    report = EXPORTS / "reports" / "coverage.html"
    if not report.is_file():
        raise SystemExit(f"{report} is missing: materialize the asset coverage_report first")
    with tempfile.TemporaryDirectory() as profile, chromium(profile) as driver:
        driver.set_window_size(*SIZE)
        with served(EXPORTS) as site:
            take(driver, f"{site}/reports/coverage.html", "coverage", 3.0)
            take(driver, f"{site}/index.html", "page", 4.0)
        with webserver() as ui:
            for name, (path, seconds) in UI_PAGES.items():
                take(driver, f"{ui}/{path}", name, seconds)


if __name__ == "__main__":
    main()
