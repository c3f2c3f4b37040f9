"""What a grade says of the market: its prices, and whether it came round to the forecast.

A pick is made on the last quote before the tip, so against that quote it can gain nothing: its
own closing-line value is 0 by construction. What can be measured is the side that the forecast
takes against the first quote of the same book, and whether the line then moved that way. It
flatters a little: the forecast knows what was known at the tip (who is listed as hurt), the first
quote does not. A system that has read the closing line is not measured at all: it would look ahead.
"""

from nba_backfill.core.table import Column, Rule

MARKET = (
    Column(
        "over_probability",
        "FLOAT64",
        "Probability of more points than line_value, as predicted; NULL if the system gave none",
        unit="probability",
        between=(0, 1),
    ),
    Column(
        "under_probability",
        "FLOAT64",
        "Probability of fewer points than line_value, as predicted; the rest is the push",
        unit="probability",
        between=(0, 1),
    ),
    Column(
        "line_anchored_over_probability",
        "FLOAT64",
        "The challenger's over_probability drawn to the line, as predicted",
        unit="probability",
        between=(0, 1),
    ),
    Column(
        "line_anchored_under_probability",
        "FLOAT64",
        "Likewise of the under",
        unit="probability",
        between=(0, 1),
    ),
    Column(
        "over_price_american",
        "INT64",
        "Price of the over at line_value, last seen before the tip; NULL where there was no market",
        unit="American odds",
    ),
    Column("under_price_american", "INT64", "Price of the under, likewise", unit="American odds"),
    Column(
        "market_over_probability",
        "FLOAT64",
        "What both prices give the over without the book's margin; NULL unless both are known",
        unit="probability",
        between=(0, 1),
    ),
    Column(
        "opening_line_value",
        "NUMERIC(5,1)",
        "First line of the same book; NULL without a line",
        unit="points",
    ),
    Column(
        "opening_pick",
        "STRING",
        "Side of opening_line_value on which predicted_points lie, by 1 point or more; NULL if "
        "closer, if void, if the book was looked at only once, and of systems that have read the "
        "closing line (catboost_v8, challenger, and ensemble_v1 with them)",
        one_of=("OVER", "UNDER"),
    ),
    Column(
        "closing_line_value",
        "NUMERIC(5,1)",
        "How far the line moved towards the opening_pick until the tip: closing minus opening line "
        "for an OVER, opening minus closing for an UNDER. Above 0 the pick beat the close: laid at "
        "the close it would have been harder to win",
        unit="points",
        between=(-60, 60),
    ),
    Column(
        "closing_probability_value",
        "FLOAT64",
        "Likewise in the market's probability (without margin) of the picked side, closing minus "
        "opening; NULL unless the line stood still and both quotes had two prices, because "
        "probabilities of different lines are not comparable",
        unit="probability",
        between=(-1, 1),
    ),
)

RULES = (
    Rule(
        "closing_values_are_of_opening_picks",
        "(closing_line_value IS NOT NULL) = (opening_pick IS NOT NULL)"
        " AND (closing_probability_value IS NULL OR closing_line_value = 0)",
        "What the line did is told for each opening pick; of prices only where it did nothing",
    ),
    Rule(
        "opening_picks_stand_a_point_from_the_line",
        "opening_pick IS NULL OR opening_pick = IF(predicted_points > opening_line_value, 'OVER',"
        " 'UNDER') AND ABS(predicted_points - opening_line_value) >= 1 AND NOT is_voided",
        "The opening pick is the forecast's side of the first line",
    ),
    Rule(
        "closing_value_is_the_move",
        "closing_line_value = IF(opening_pick = 'OVER', line_value - opening_line_value,"
        " opening_line_value - line_value)",
        "The value of a pick is the move of the line in its direction",
    ),
)
