"""Phase 6: JSON documents for the site, in the export store (spec 50).

An exporter is a table whose rows are documents (:mod:`nba_backfill.publishing.exporter`), so that
plans, gates, the ledger and the checks treat a document like any other row.
"""
