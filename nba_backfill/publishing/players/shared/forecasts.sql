-- One row per player and game day: what the champion forecast before the game.
SELECT said.*
FROM player_prop_predictions AS said
JOIN champion
  ON champion.system_id = said.system_id
