"""A stand-in for BigQuery's REST service, for tests: the real client library talks to it.

Tables live in DuckDB; GoogleSQL reaches it as the platform translates it for its embedded
warehouse. Byte counts are approximate, scripts know transactions, DML and SELECT only, and nothing
here proves parity with the service: it shows how the client side behaves, above all under faults.
"""

from nba_backfill_tests.bigquery_double.faults import ERRORS, Fault
from nba_backfill_tests.bigquery_double.running import PROJECT, Double, DoubleProcess, client_of

__all__ = ["ERRORS", "PROJECT", "Double", "DoubleProcess", "Fault", "client_of"]
