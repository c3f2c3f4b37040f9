"""Points lines of each player, closing and opening, one vendor and book per player and day.

Selectors and chain: raw-input specification 3.7, 3.8 and 4. Beside the line stand the prices at
which the book offered it, and what the market thereby says of it: the two prices as probabilities
without the book's margin.
"""

from nba_backfill.core.table import Column, Layer, Rows, Rule, Table
from nba_backfill.core.window import Window
from nba_backfill.staging.clubs import ClubCodes, unknown_clubs
from nba_backfill.staging.other_days import offers_of_another_day, printed_starts

STRANGE_OFFERS = offers_of_another_day(
    "offers_are_of_the_game",
    "Offers",
    table="prop_lines",
    source="odds_api_player_points_props",
    rows="prop_rows",
    unread="offers_not_read",
    counted="player_lookup",
    kept="players_with_other_offers",
)

TABLE = Table(
    name="prop_lines",
    dataset="nba_staging",
    layer=Layer.STAGING,
    date_column="game_date",
    grain=("game_date", "player_lookup"),
    clustering=("player_lookup",),
    reads={
        "games": Window.same_day(),
        "player_names": Window.same_day(),
        "rosters": Window.same_day(),
        "odds_api_player_points_props": Window.same_day(),
        "bettingpros_player_points_props": Window.same_day(),
    },
    steps=(
        "shared/clubs",
        "shared/team_games",
        printed_starts("prop_rows"),
        "shared/starts",
        "shared/american_prices",
    ),
    expects=Rows.at_least_per_game(1, before_tip=True),
    description=(
        "One row per game day and player with a points line seen before tip, from the Odds API if "
        "it has the player, else from BettingPros; opening and closing are of the same book."
    ),
    columns=(
        Column("game_date", "DATE", "US-Eastern date of the game", required=True),
        Column("player_lookup", "STRING", "Canonical lookup of the name", required=True),
        Column(
            "game_id",
            "STRING",
            "Canonical id YYYYMMDD_AWAY_HOME; NULL if the vendor names no club that plays",
            max_null_rate=0.02,
        ),
        Column(
            "team_abbr",
            "STRING",
            "The player's club by roster, else by vendor; NULL if neither plays in the game",
            max_null_rate=0.05,
        ),
        Column(
            "points_line",
            "NUMERIC(4,1)",
            "Closing line: last seen before tip",
            unit="points",
            required=True,
            between=(0.5, 60),
        ),
        Column(
            "over_price_american",
            "INT64",
            "Price of the over at the closing line; NULL if it is none (0, or between -100 and "
            "100) and at books that pay every line alike: fantasy operators and the consensus",
            unit="American odds",
        ),
        Column(
            "under_price_american", "INT64", "Price of the under, likewise", unit="American odds"
        ),
        Column(
            "over_probability",
            "FLOAT64",
            "What the market gives the over at the closing line: o / (o + u), where a price p is a "
            "probability of -p / (100 - p) below 0 and of 100 / (100 + p) above (proportional "
            "removal of the margin); NULL unless both prices are known",
            unit="probability",
            between=(0, 1),
        ),
        Column(
            "opening_line",
            "NUMERIC(4,1)",
            "First line of the same book",
            unit="points",
            required=True,
            between=(0.5, 60),
        ),
        Column(
            "opening_at",
            "TIMESTAMP",
            "When the opening line was seen, or offered by the vendor's word; equal to closing_at "
            "where there was one look only",
            max_null_rate=0.05,
        ),
        Column(
            "opening_over_probability",
            "FLOAT64",
            "What the market gave the over at the opening line, as over_probability; NULL too "
            "where only the vendor's word tells of the opening",
            unit="probability",
            between=(0, 1),
        ),
        Column("bookmaker", "STRING", "Book in small letters", required=True),
        Column(
            "source",
            "STRING",
            "Vendor of the line",
            required=True,
            one_of=("odds_api", "bettingpros"),
        ),
        Column("closing_at", "TIMESTAMP", "When the closing line was seen", required=True),
        Column(
            "books",
            "INT64",
            "Books of this vendor with a line before tip, a consensus counted as one",
            required=True,
            between=(1, 100),
        ),
    ),
    rules=(
        Rule(
            "prices_are_possible",
            "COALESCE(ABS(over_price_american) >= 100, TRUE)"
            " AND COALESCE(ABS(under_price_american) >= 100, TRUE)",
            "No American price lies between -100 and 100",
        ),
        Rule(
            "two_prices_make_a_probability",
            "(over_probability IS NOT NULL) = (over_price_american IS NOT NULL"
            " AND under_price_american IS NOT NULL)",
            "The market's probability is there exactly where both prices are",
        ),
    ),
    reconciliations=(
        STRANGE_OFFERS,
        unknown_clubs(
            "prop_lines",
            {
                "odds_api_player_points_props": ClubCodes(("home_team_abbr", "away_team_abbr")),
                "bettingpros_player_points_props": ClubCodes(("player_team",)),
            },
        ),
    ),
    source=__file__,
)
