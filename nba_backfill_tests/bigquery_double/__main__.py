"""``python -m nba_backfill_tests.bigquery_double --port-file FILE [--state FILE]``."""

from __future__ import annotations

import argparse
from pathlib import Path

from nba_backfill_tests.bigquery_double.running import serve_forever

parser = argparse.ArgumentParser(description="Serve a stand-in for BigQuery on a free port.")
parser.add_argument("--port-file", type=Path, required=True, help="where the port is written")
parser.add_argument("--state", type=Path, help="DuckDB file that keeps the state")
said = parser.parse_args()
serve_forever(said.port_file, said.state)
