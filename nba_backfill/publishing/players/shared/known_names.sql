-- One row per player of the registry, however many clubs and seasons it lists: his newest name.
SELECT player_lookup, player_name
FROM nba_players_registry
WHERE player_name IS NOT NULL
QUALIFY ROW_NUMBER() OVER (
  PARTITION BY player_lookup ORDER BY season DESC, processed_at DESC, player_name, team_abbr
) = 1
