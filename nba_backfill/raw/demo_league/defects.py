"""The dirt of the real raw layer, done to clean tables and noted game by game.

Kinds and rates follow the defects found in the real data. A game loses its official player
rows or the second vendor's, never both, except the play-in and Cup finals, which have no
player rows and no events in reality either.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from nba_backfill.raw.demo_league.columns import TIMESTAMP, blank
from nba_backfill.raw.demo_league.markets import event_id
from nba_backfill.raw.demo_league.names import lookup_of
from nba_backfill.raw.demo_league.players import stream
from nba_backfill.raw.demo_league.schedule import CUP_FINAL, PLAY_IN, REGULAR
from nba_backfill.raw.demo_league.tables import Ledger

GAMEBOOK, BDL = "nbac_gamebook_player_stats", "bdl_player_boxscores"
TEAM_BOX, EVENTS = "nbac_team_boxscore", "bigdataball_play_by_play"
SCHEDULE, ESPN = "nbac_schedule", "espn_scoreboard"
PROPS, LINES = "odds_api_player_points_props", "odds_api_game_lines"

SWAPPED_UNTIL = 2023
"""Last season whose team rows have home and away exchanged in half of the games."""

SPARSE_SINCE = 2024
"""First season that lacks official team rows of many games."""

EMPTY_DISTANCES = 0.12
ABSURD_TOTAL = 3.0
SECOND_LOAD = pa.scalar(dt.timedelta(hours=3), pa.duration("us"))
IDENTITY = {
    "game_id", "game_date", "season_year", "home_team_abbr", "away_team_abbr", "team_abbr",
    "player_name", "player_full_name", "player_lookup", "processed_at",
}  # fmt: skip
_DEFECTS = 61


@dataclass(frozen=True, slots=True)
class Defect:
    """One defect of one game in one table."""

    season: str
    table_name: str
    defect: str
    nba_game_id: str
    game_id: str
    game_date: dt.date


Change = Callable[[pa.Table, np.ndarray], pa.Table]
"""What a defect does to a table: the table, the mask of its games' rows → the new table."""


def _missing(table: pa.Table, mask: np.ndarray) -> pa.Table:
    return table.filter(pa.array(~mask))


def _loaded_twice(table: pa.Table, mask: np.ndarray) -> pa.Table:
    again = table.filter(pa.array(mask))
    later = pc.add(again["processed_at"], SECOND_LOAD).cast(TIMESTAMP)
    again = _with(again, "processed_at", later)
    order = pc.sort_indices(pa.concat_arrays([_row_keys(table), _row_keys(again)]))
    return pa.concat_tables([table, again]).take(order).combine_chunks()


def _row_keys(table: pa.Table) -> pa.Array:
    """Days as integers, by which tables stay sorted."""
    return table["game_date"].combine_chunks().cast(pa.int32())


def _with(table: pa.Table, name: str, values: pa.Array | pa.ChunkedArray) -> pa.Table:
    return table.set_column(table.schema.get_field_index(name), table.schema.field(name), values)


def _where(table: pa.Table, name: str, mask: np.ndarray, value: pa.Array | pa.Scalar) -> pa.Table:
    return _with(table, name, pc.if_else(pa.array(mask), value, table[name]))


def _roster_only(table: pa.Table, mask: np.ndarray) -> pa.Table:
    """The file was fetched before the result: everybody inactive, no figures."""
    for name in table.column_names:
        if name == "player_status":
            table = _where(table, name, mask, pa.scalar("inactive"))
        elif name not in IDENTITY:
            table = _with(table, name, blank(table[name].combine_chunks(), mask))
    return table


def _frozen(table: pa.Table, mask: np.ndarray) -> pa.Table:
    """Late western games stay at zero."""
    table = _where(table, "minutes", mask, pa.scalar("00"))
    for field in table.schema:
        if pa.types.is_int64(field.type) and field.name not in IDENTITY:
            table = _where(table, field.name, mask, pa.scalar(0))
    return table


def _vendor_ids(table: pa.Table, mask: np.ndarray) -> pa.Table:
    """The vendor's own numbers instead of the canonical id."""
    ids = table["game_id"].combine_chunks().dictionary_encode()
    own = [
        str(18_440_000 + n) if n % 2 else f"{str(text)[:8]}_BDL{n}"
        for n, text in enumerate(ids.dictionary.to_pylist())
    ]
    return _where(table, "game_id", mask, pa.array(own).take(ids.indices))


def _swapped(table: pa.Table, mask: np.ndarray) -> pa.Table:
    """Home and away exchanged in the id and the flag; the official id stays right."""
    turned = pc.replace_substring_regex(table["game_id"], r"_(\w{3})_(\w{3})$", r"_\2_\1")
    table = _where(table, "game_id", mask, turned)
    return _where(table, "is_home", mask, pc.invert(table["is_home"]))


def _no_tip(table: pa.Table, mask: np.ndarray) -> pa.Table:
    return _with(table, "game_date_est", blank(table["game_date_est"].combine_chunks(), mask))


def _turned_name(table: pa.Table, mask: np.ndarray) -> pa.Table:
    """The first player of each game is printed surname first, which resolves to nobody."""
    games = table["game_id"].combine_chunks().dictionary_encode().indices.to_numpy()
    names = table["player_name"].combine_chunks().dictionary_encode()
    indices = names.indices.to_numpy()
    first = np.unique(games, return_index=True)[1]
    one = np.zeros(int(games.max()) + 1 if len(games) else 0, dtype=indices.dtype)
    one[games[first]] = indices[first]
    hit = mask & (indices == one[games])
    turned = [" ".join(reversed(str(name).split(" ", 1))) for name in names.dictionary.to_pylist()]
    table = _where(table, "player_name", hit, pa.array(turned).take(names.indices))
    lookups = pa.array([lookup_of(name) for name in turned]).take(names.indices)
    return _where(table, "player_lookup", hit, lookups)


def _absurd(table: pa.Table, mask: np.ndarray) -> pa.Table:
    """A total that cannot be one, from the first book only."""
    totals = pc.equal(table["market_key"], "totals").to_numpy()
    first = pc.equal(table["bookmaker_key"], "draftkings").to_numpy()
    return _where(table, "outcome_point", mask & totals & first, pa.scalar(ABSURD_TOTAL))


class _Spoiler:
    """Chooses the games of each defect and applies them, table by table."""

    def __init__(self, ledger: Ledger, tables: dict[str, pa.Table]) -> None:
        self.ledger, self.tables = ledger, dict(tables)
        self.found: list[Defect] = []
        self.fixtures = ledger.played.games.fixtures
        self.luck = self._luck()
        kinds = [game.kind for game in self.fixtures]
        self.bare = np.isin(kinds, (CUP_FINAL, PLAY_IN))

    def _luck(self, width: int = 12) -> np.ndarray:
        """Uniform numbers per game, drawn day by day."""
        starts = {}
        for n, game in enumerate(self.fixtures):
            starts.setdefault(game.day, []).append(n)
        parts = [
            stream(self.ledger.seed, _DEFECTS, day.toordinal()).random((len(games), width))
            for day, games in starts.items()
        ]
        return np.concatenate(parts)

    def note(self, table: str, defect: str, games: np.ndarray) -> None:
        """Write down a defect of these games."""
        season = str(self.ledger.played.season)
        for n in games:
            game = self.fixtures[n]
            self.found.append(
                Defect(season, table, defect, game.official_id, game.canonical_id, game.day)
            )

    def apply(self, name: str, defect: str, chosen: np.ndarray, change: Change) -> None:
        """Do something to the rows of the chosen games, and note it."""
        games = np.flatnonzero(chosen)
        if len(games) == 0:
            return
        table = self.tables[name]
        mask = np.zeros(table.num_rows, dtype=bool)
        key = "nba_game_id" if name == TEAM_BOX else "game_id"
        for ids in (self.ledger.canonical, self.ledger.official):
            wanted = pa.array([ids[n] for n in games])
            mask |= pc.is_in(table[key], value_set=wanted).to_numpy()
        if name == LINES:
            # This vendor's ids tell nothing about the game.
            wanted = pa.array([event_id(self.fixtures[n].official_id) for n in games])
            mask = pc.is_in(table[key], value_set=wanted).to_numpy()
        self.tables[name] = change(table, mask)
        self.note(name, defect, games)

    def player_rows(self) -> None:
        """Gamebook, second vendor and events."""
        book, second, events = self.luck[:, 0], self.luck[:, 1], self.luck[:, 2]
        bare = self.bare
        lost = ~bare & (book < 0.010)
        early = ~bare & (book >= 0.010) & (book < 0.018)
        twice = ~bare & (book >= 0.018) & (book < 0.028)
        self.apply(GAMEBOOK, "loaded_twice", twice, _loaded_twice)
        self.apply(GAMEBOOK, "roster_only", early, _roster_only)
        self.apply(GAMEBOOK, "missing", lost | bare, _missing)
        # The games whose official rows are gone keep the second vendor's.
        only_hope = lost | early
        pacific = np.array([one.timezone == "America/Los_Angeles" for one in self.fixtures])
        gone = ~bare & ~only_hope & (second < 0.011)
        zeros = ~bare & ~only_hope & ~gone & pacific & (second < 0.04)
        again = ~bare & (second >= 0.04) & (second < 0.075)
        numbers = ~bare & (second >= 0.075) & (second < 0.09)
        self.apply(BDL, "loaded_twice", again, _loaded_twice)
        self.apply(BDL, "frozen_at_zero", zeros, _frozen)
        self.apply(BDL, "missing", gone | bare, _missing)
        self.apply(BDL, "vendor_ids", numbers, _vendor_ids)
        unseen = ~bare & (events < 0.06)
        measured = ~bare & ~unseen & (self.luck[:, 3] < 0.3)
        self.apply(EVENTS, "null_distances", measured, self._empty_distances)
        self.apply(EVENTS, "missing", unseen | bare, _missing)

    def _empty_distances(self, table: pa.Table, mask: np.ndarray) -> pa.Table:
        """Some shots of each of these games were never measured."""
        rng = stream(self.ledger.seed, _DEFECTS, self.ledger.year, 1)
        hit = mask & (rng.random(table.num_rows) < EMPTY_DISTANCES)
        return _with(table, "shot_distance", blank(table["shot_distance"].combine_chunks(), hit))

    def team_rows(self) -> None:
        """Official team rows."""
        luck, year = self.luck[:, 4], self.ledger.year
        lost = luck < (0.066 if year >= SPARSE_SINCE else 0.002)
        twice = ~lost & (luck < 0.22)
        swapped = ~lost & (self.luck[:, 5] < (0.5 if year <= SWAPPED_UNTIL else 0.0))
        self.apply(TEAM_BOX, "orientation_swapped", swapped, _swapped)
        self.apply(TEAM_BOX, "loaded_twice", twice, _loaded_twice)
        self.apply(TEAM_BOX, "missing", lost, _missing)

    def schedule_rows(self) -> None:
        """Tip-off times unknown, results ESPN lacks, postponed games."""
        self.apply(SCHEDULE, "tip_missing", self.luck[:, 6] < 0.02, _no_tip)
        self.apply(ESPN, "missing", self.luck[:, 7] < 0.04, _missing)
        self._postpone(np.flatnonzero(self.luck[:, 8] < 0.006))

    def market_rows(self) -> None:
        """Names nobody knows, totals that are none."""
        self.apply(PROPS, "name_variant", ~self.bare & (self.luck[:, 9] < 0.05), _turned_name)
        self.apply(LINES, "absurd_total", self.luck[:, 10] < 0.012, _absurd)

    def _postpone(self, chosen: np.ndarray) -> None:
        """Leave a row "scheduled" on an earlier date on which neither club played."""
        busy = {(one.day, club) for one in self.fixtures for club in (one.home, one.away)}
        dates = sorted({one.day for one in self.fixtures})
        rows, games = [], []
        table = self.tables[SCHEDULE]
        ids = table["game_id"].to_pylist()
        for n in chosen:
            game = self.fixtures[n]
            free = [
                day
                for day in dates
                if 3 <= (game.day - day).days <= 60
                and not {(day, game.home), (day, game.away)} & busy
            ]
            if game.kind != REGULAR or not free:
                continue
            day = free[-1]
            row = table.slice(ids.index(game.official_id), 1).to_pylist()[0]
            shift = game.day - day
            row |= {
                "game_date": day,
                "game_date_est": row["game_date_est"] and row["game_date_est"] - shift,
                "game_status": 1,
                "home_team_score": None,
                "away_team_score": None,
                "processed_at": dt.datetime(day.year, day.month, day.day, 8, tzinfo=dt.UTC),
            }
            rows.append(row)
            games.append(n)
        if rows:
            both = pa.concat_tables([table, pa.Table.from_pylist(rows, schema=table.schema)])
            order = [("game_date", "ascending"), ("game_id", "ascending")]
            self.tables[SCHEDULE] = both.sort_by(order)
            self.note(SCHEDULE, "postponed", np.array(games))


def spoil(ledger: Ledger, tables: dict[str, pa.Table]) -> tuple[dict[str, pa.Table], list[Defect]]:
    """The season's tables as the real vendors would have left them, and what was done."""
    spoiler = _Spoiler(ledger, tables)
    spoiler.player_rows()
    spoiler.team_rows()
    spoiler.schedule_rows()
    spoiler.market_rows()
    return spoiler.tables, spoiler.found
