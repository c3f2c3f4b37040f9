"""Before the tip-off: models of points, the systems that predict, their features and picks."""
