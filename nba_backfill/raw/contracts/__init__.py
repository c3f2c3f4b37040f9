"""Contracts of the raw tables: what Phases 3-6 read of each, and how upstream writes it.

A raw table is an input: we never write it in production, and a file or table that breaks its
contract is refused by name. Columns nobody reads are not listed, so their absence is no error.
The traps behind the descriptions are those of the raw-input specification, section 3.
"""

from nba_backfill.core.table import RawTable
from nba_backfill.raw.contracts.box_scores import BOX_SCORES
from nba_backfill.raw.contracts.markets import MARKETS
from nba_backfill.raw.contracts.people import PEOPLE
from nba_backfill.raw.contracts.schedule import SCHEDULE

RAW_TABLES: tuple[RawTable, ...] = (*SCHEDULE, *BOX_SCORES, *MARKETS, *PEOPLE)
