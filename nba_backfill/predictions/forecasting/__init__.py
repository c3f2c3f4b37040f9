"""Before the tip-off: models of points, the systems that predict, their features and picks."""

from nba_backfill.core.lazy import load_when_used

# A second and more, which only fitting a model and asking it need.
load_when_used("catboost", "xgboost")
