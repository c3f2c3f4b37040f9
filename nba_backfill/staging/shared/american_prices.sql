-- One row per American price on offer that can be one: the probability at which it breaks even.
SELECT
  price,
  IF(price < 0, price / (price - 100), 100 / (price + 100)) AS probability
FROM (
  SELECT over_price_american AS price FROM odds_api_player_points_props
  UNION DISTINCT
  SELECT under_price_american FROM odds_api_player_points_props
  UNION DISTINCT
  SELECT odds_american FROM bettingpros_player_points_props
)
-- Nothing between -100 and 100 is an American price: a vendor's 0 or 1.9 says that he has none.
WHERE ABS(price) >= 100
