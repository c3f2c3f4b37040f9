"""The game engine: many games at once, one chance at a basket per step and game.

Every game of a batch takes its next chance in the same step, so the loop runs some three
hundred times whatever the number of games, and each line works on all of them. Whatever
happens is written down as an event; box scores are counted from events, never drawn.

A player is addressed by his place: ``team-game row * SLOTS + slot`` (see ``rotation``).
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from nba_backfill.raw.demo_league.events import (
    ASSIST,
    BLOCK,
    CHARGE,
    COMMON_FOUL,
    DEFENSIVE,
    FIELDS,
    FOUL,
    FREE_THROW,
    LOST,
    MIDDLE,
    OFFENSIVE,
    OFFENSIVE_FOUL,
    PAINT,
    REBOUND,
    SHOOTING_FOUL,
    SHOT,
    STEAL,
    STOLEN,
    SUB_IN,
    SUB_OUT,
    SUBSTITUTION,
    TEAM_TURNOVER,
    THREE,
    TIMEOUT,
    TURNOVER,
    Events,
)
from nba_backfill.raw.demo_league.rotation import OVERTIME, QUARTER, SLOTS, Rotation

STEPS, DRAWS = 330, 16
"""Chances in a game with three overtimes (numbers start over in longer ones), draws of each."""

U_TIME, U_SHOOTER, U_PLAY, U_ZONE, U_FOUL, U_MAKE, U_HELP, U_HELPER, U_FOULER = range(9)
U_THROWS, U_REBOUND, U_REBOUNDER, U_ASIDE, U_ROLL = 9, 12, 13, 14, 15

SECONDS = (4.6, 18.6)
SECONDS_AFTER_REBOUND = (2.0, 9.0)
"""Shortest chance and spread beyond it."""

FOULED = np.array([0.158, 0.05, 0.018])
MAKE_WHEN_FOULED = np.array([0.56, 0.55, 0.5])
ASSISTED = np.array([0.565, 0.45, 0.83])
BLOCKED = np.array([0.255, 0.085, 0.022])
BONUS, COMMON = 0.038, 0.05
OFFENSIVE_REBOUND, TEAM_OFFENSIVE, TEAM_DEFENSIVE = 0.245, 0.03, 0.05
OFFENSIVE_REBOUND_THROW = 0.11
FOUL_LIMIT = 5
TIRED = 0.04
"""Added to the home club's chances for each overtime after the second."""
LATE, LATE_WILL = 26.0, 0.16
"""Last seconds in which a club within three points plays for the tie; one game in 16 gets it."""


@dataclass(frozen=True, slots=True)
class Attributes:
    """Rates and weights by place, one value per team-game slot (``make``: three per slot)."""

    usage: np.ndarray
    three_share: np.ndarray
    mid_share: np.ndarray
    make: np.ndarray
    free_throw: np.ndarray
    turnover: np.ndarray
    assist: np.ndarray
    offensive_rebound: np.ndarray
    defensive_rebound: np.ndarray
    steal: np.ndarray
    block: np.ndarray
    foul: np.ndarray


@dataclass(frozen=True, slots=True)
class Result:
    """Outcome of a batch: events, final scores (games x 2, home first), periods, plus/minus."""

    events: Events
    score: np.ndarray
    periods: np.ndarray
    plus_minus: np.ndarray


@dataclass(slots=True)
class _Chance:
    """One step: the games still being played and what they share during it."""

    step: int
    game: np.ndarray
    attack: np.ndarray
    defence: np.ndarray
    five: np.ndarray
    against: np.ndarray
    period: np.ndarray
    draw: np.ndarray
    shooter: np.ndarray = field(init=False)
    points: np.ndarray = field(init=False)


def _choose(weights: np.ndarray, uniform: np.ndarray) -> np.ndarray:
    """Index of the chosen column, each row with chances in proportion to its weights."""
    cumulated = np.cumsum(weights, axis=1)
    return (cumulated < (uniform * cumulated[:, -1])[:, None]).sum(axis=1).clip(max=4)


def _pick(places: np.ndarray, column: np.ndarray) -> np.ndarray:
    """One place per row."""
    return places[np.arange(len(places)), column]


class Engine:
    """Plays a batch of games to the end."""

    def __init__(
        self, rotation: Rotation, attributes: Attributes, edge: np.ndarray, pace: np.ndarray
    ) -> None:
        """``edge``: added to the chance of a made shot, ``pace``: factor on seconds; per row."""
        rows = len(rotation.players)
        games = rows // 2
        self.lineup, self.bounds = rotation.lineup, rotation.bounds
        self.attributes, self.edge, self.pace = attributes, edge, pace
        self.score = np.zeros(rows, dtype=int)
        self.fouls = np.zeros(rows * SLOTS, dtype=int)
        self.plus_minus = np.zeros(rows * SLOTS, dtype=int)
        self.segment = np.zeros(rows, dtype=int)
        self.clock = np.full(games, float(QUARTER))
        self.period = np.ones(games, dtype=int)
        self.side = np.zeros(games, dtype=int)
        self.tip = np.zeros(games, dtype=int)
        self.second_chance = np.zeros(games, dtype=bool)
        self.playing = np.ones(games, dtype=bool)
        self.found: dict[str, list[np.ndarray]] = {name: [] for name in FIELDS}

    def play(self, draws: np.ndarray) -> Result:
        """Play until every game has a winner; ``draws`` are steps x DRAWS x games uniforms."""
        self.tip = (draws[0, U_ASIDE] < 0.5).astype(int)
        self.side = self.tip.copy()
        step = 0
        while self.playing.any():
            game = np.flatnonzero(self.playing)
            self._chance(step, game, draws[step % len(draws)][:, game])
            step += 1
        columns = {name: np.concatenate(parts) for name, parts in self.found.items()}
        key = columns["game"].astype(np.int64) * 10_000 + columns["order"]
        order = np.argsort(key, kind="stable")
        return Result(
            events=Events(**{name: values[order] for name, values in columns.items()}),
            score=self.score.reshape(-1, 2),
            periods=self.period,
            plus_minus=self.plus_minus.reshape(-1, SLOTS),
        )

    def _write(
        self,
        chance: _Chance,
        where: np.ndarray,
        slot: int,
        kind: int,
        *,
        detail: np.ndarray | int = 0,
        row: np.ndarray | None = None,
        actor: np.ndarray | int = -1,
        helper: np.ndarray | int = -1,
        role: np.ndarray | int = 0,
        made: np.ndarray | bool = False,
        points: np.ndarray | int = 0,
    ) -> None:
        """Note one event for the games of ``where``; ``slot`` orders events of one step."""
        at = np.flatnonzero(where)
        values = {
            "game": chance.game,
            "order": chance.step * 12 + slot,
            "period": chance.period,
            "kind": kind,
            "detail": detail,
            "row": chance.attack if row is None else row,
            "actor": actor,
            "helper": helper,
            "role": role,
            "made": made,
            "points": points,
            "roll": chance.draw[U_ROLL],
        }
        for name, value in values.items():
            chosen = value[at] if isinstance(value, np.ndarray) else np.full(len(at), value)
            self.found[name].append(chosen.astype(FIELDS[name], copy=False))

    def _chance(self, step: int, game: np.ndarray, draw: np.ndarray) -> None:
        """One chance in each game still being played."""
        attack = 2 * game + self.side[game]
        defence = attack ^ 1
        period = self.period[game]
        chance = _Chance(step, game, attack, defence, attack, attack, period, draw)
        self._substitute(chance)
        chance.five = self._on_court(attack)
        chance.against = self._on_court(defence)
        again = self.second_chance[game]
        low = np.where(again, SECONDS_AFTER_REBOUND[0], SECONDS[0])
        spread = np.where(again, SECONDS_AFTER_REBOUND[1], SECONDS[1])
        pace = (self.pace[attack] + self.pace[defence]) / 2
        spent = np.minimum((low + spread * draw[U_TIME]) * pace, self.clock[game])
        self.clock[game] -= spent
        attributes = self.attributes
        usage = attributes.usage[chance.five]
        chance.shooter = _pick(chance.five, _choose(usage, draw[U_SHOOTER]))
        chance.points = np.zeros(len(game), dtype=int)
        self._write(chance, draw[U_ASIDE] > 0.953, 4, TIMEOUT)
        keeps = self._play_out(chance)
        self._settle(chance, keeps)

    def _on_court(self, row: np.ndarray) -> np.ndarray:
        """Places of the five players on the floor."""
        return row[:, None] * SLOTS + self.lineup[row, self.segment[row]]

    def _substitute(self, chance: _Chance) -> None:
        """Move to the next segment where its time has come and note who goes and comes."""
        quarters = (chance.period - 1).clip(max=4) * QUARTER
        overtimes = (chance.period - 5).clip(min=0) * OVERTIME
        length = np.where(chance.period > 4, OVERTIME, QUARTER)
        elapsed = quarters + overtimes + length - self.clock[chance.game]
        for side in (0, 1):
            row = 2 * chance.game + side
            due = elapsed >= self.bounds[row, self.segment[row] + 1]
            if not due.any():
                continue
            before = self.lineup[row, self.segment[row]]
            self.segment[row[due]] += 1
            after = self.lineup[row, self.segment[row]]
            changed = ~(before[:, :, None] == after[:, None, :]).any(axis=2) & due[:, None]
            arriving = ~(after[:, :, None] == before[:, None, :]).any(axis=2) & due[:, None]
            for n in range(5):
                self._write(
                    chance, changed[:, n], side, SUBSTITUTION,
                    detail=SUB_OUT, row=row, actor=row * SLOTS + before[:, n],
                )  # fmt: skip
                self._write(
                    chance, arriving[:, n], 2 + side, SUBSTITUTION,
                    detail=SUB_IN, row=row, actor=row * SLOTS + after[:, n],
                )  # fmt: skip

    def _play_out(self, chance: _Chance) -> np.ndarray:
        """Turnover, trip to the line or shot; returns who keeps the ball (offensive rebound)."""
        attributes, draw, shooter = self.attributes, chance.draw, chance.shooter
        lost = draw[U_PLAY] < attributes.turnover[shooter]
        bonus = ~lost & (draw[U_PLAY] < attributes.turnover[shooter] + BONUS)
        shot = ~lost & ~bonus
        self._turn_over(chance, lost)

        three = attributes.three_share[shooter]
        middle = three + attributes.mid_share[shooter]
        zone = np.where(draw[U_ZONE] < three, THREE, np.where(draw[U_ZONE] < middle, MIDDLE, PAINT))
        deficit = self.score[chance.defence] - self.score[chance.attack]
        last = (chance.period >= 4) & (self.clock[chance.game] < LATE) & (deficit > 0)
        zone = np.where(last & (deficit == 3), THREE, zone)
        zone = np.where(last & (deficit == 2) & (zone == THREE), PAINT, zone)
        fouled = shot & (draw[U_FOUL] < FOULED[zone])
        # Whoever trails tries harder: without it too many games are decided early.
        will = 0.0013 * np.clip(deficit, -20, 20) + LATE_WILL * (last & (deficit <= 3))
        # Tired visitors give in: no game may last for ever.
        tired = TIRED * (chance.period - 6).clip(min=0) * np.where(chance.attack % 2, -1, 1)
        chances = attributes.make[shooter, zone] + self.edge[chance.attack] + will + tired
        chances = np.where(fouled, chances * MAKE_WHEN_FOULED[zone], chances)
        made = shot & (draw[U_MAKE] < chances)
        missed = shot & ~made & ~fouled
        role = np.where(made & (draw[U_HELP] < ASSISTED[zone]), ASSIST, 0)
        role = np.where(missed & (draw[U_HELP] < BLOCKED[zone]), BLOCK, role)
        basket = np.where(made, np.where(zone == THREE, 3, 2), 0)
        self._write(
            chance, made | missed, 5, SHOT,
            detail=zone, actor=shooter, helper=self._helper(chance, role), role=role,
            made=made, points=basket,
        )  # fmt: skip
        chance.points += basket
        throws = np.where(fouled, np.where(made, 1, np.where(zone == THREE, 3, 2)), 0)
        throws = np.where(bonus, 2, throws)
        aside = ~bonus & ~fouled & ~lost & (draw[U_ASIDE] < COMMON)
        self._foul(chance, fouled, bonus, aside)
        last_missed = self._throw(chance, throws)
        return self._rebound(chance, missed, last_missed)

    def _helper(self, chance: _Chance, role: np.ndarray) -> np.ndarray:
        """Place of the passer (never the shooter), the blocker or the thief; -1 for none."""
        attributes = self.attributes
        passers = attributes.assist[chance.five] * (chance.five != chance.shooter[:, None])
        weights = np.where((role == BLOCK)[:, None], attributes.block[chance.against], passers)
        weights = np.where((role == STEAL)[:, None], attributes.steal[chance.against], weights)
        places = np.where((role == ASSIST)[:, None], chance.five, chance.against)
        found = _pick(places, _choose(weights, chance.draw[U_HELPER]))
        return np.where(role > 0, found, -1)

    def _turn_over(self, chance: _Chance, lost: np.ndarray) -> None:
        """Note a turnover; an offensive foul counts as both."""
        how = chance.draw[U_FOUL]
        kinds = [TEAM_TURNOVER, OFFENSIVE_FOUL, STOLEN]
        detail = np.select([how < 0.045, how < 0.17, how < 0.76], kinds, LOST)
        role = np.where(lost & (detail == STOLEN), STEAL, 0)
        actor = np.where(detail == TEAM_TURNOVER, -1, chance.shooter)
        self._write(
            chance, lost, 5, TURNOVER,
            detail=detail, actor=actor, helper=self._helper(chance, role), role=role,
        )  # fmt: skip
        charge = lost & (detail == OFFENSIVE_FOUL) & (self.fouls[chance.shooter] <= FOUL_LIMIT)
        self._write(chance, charge, 4, FOUL, detail=CHARGE, actor=chance.shooter)
        np.add.at(self.fouls, chance.shooter[charge], 1)

    def _foul(
        self, chance: _Chance, shooting: np.ndarray, bonus: np.ndarray, aside: np.ndarray
    ) -> None:
        """Note a defender's foul; players in foul trouble keep their hands off."""
        weights = self.attributes.foul[chance.against]
        weights = np.where(self.fouls[chance.against] >= FOUL_LIMIT, weights * 1e-6, weights)
        fouler = _pick(chance.against, _choose(weights, chance.draw[U_FOULER]))
        at_all = shooting | bonus | aside
        detail = np.where(shooting, SHOOTING_FOUL, COMMON_FOUL)
        # A common foul away from the shot comes before it, the others after.
        self._write(
            chance, at_all & aside, 4, FOUL, detail=detail, row=chance.defence, actor=fouler
        )
        self._write(
            chance, at_all & ~aside, 6, FOUL, detail=detail, row=chance.defence, actor=fouler
        )
        np.add.at(self.fouls, fouler[at_all], 1)

    def _throw(self, chance: _Chance, throws: np.ndarray) -> np.ndarray:
        """Shoot free throws; returns where the last one missed."""
        last_missed = np.zeros(len(throws), dtype=bool)
        aim = self.attributes.free_throw[chance.shooter]
        for n in range(3):
            taken = throws > n
            good = taken & (chance.draw[U_THROWS + n] < aim)
            self._write(
                chance, taken, 7 + n, FREE_THROW,
                detail=10 * (n + 1) + throws, actor=chance.shooter, made=good,
                points=good.astype(np.int8),
            )  # fmt: skip
            chance.points += good
            last_missed |= taken & (throws == n + 1) & ~good
        return last_missed

    def _rebound(self, chance: _Chance, missed: np.ndarray, last_missed: np.ndarray) -> np.ndarray:
        """Note who gets the ball after a miss; returns where the attack keeps it."""
        loose, draw = missed | last_missed, chance.draw[U_REBOUND]
        own = np.where(last_missed, OFFENSIVE_REBOUND_THROW, OFFENSIVE_REBOUND)
        keeps = loose & (draw < own + TEAM_OFFENSIVE)
        team = (draw >= own) & (draw < own + TEAM_OFFENSIVE + TEAM_DEFENSIVE)
        attributes = self.attributes
        five = np.where(keeps[:, None], chance.five, chance.against)
        weights = np.where(
            keeps[:, None],
            attributes.offensive_rebound[chance.five],
            attributes.defensive_rebound[chance.against],
        )
        catcher = _pick(five, _choose(weights, chance.draw[U_REBOUNDER]))
        self._write(
            chance, loose, 11, REBOUND,
            detail=np.where(keeps, OFFENSIVE, DEFENSIVE),
            row=np.where(keeps, chance.attack, chance.defence),
            actor=np.where(team, -1, catcher),
        )  # fmt: skip
        return keeps

    def _settle(self, chance: _Chance, keeps: np.ndarray) -> None:
        """Add the points, pass the ball on, end periods and games."""
        game, points = chance.game, chance.points
        self.score[chance.attack] += points
        # Each row's five players are distinct places, so no index repeats.
        self.plus_minus[chance.five] += points[:, None]
        self.plus_minus[chance.against] -= points[:, None]
        over = self.clock[game] < 2.5
        self.second_chance[game] = keeps & ~over
        self.side[game] = np.where(keeps, self.side[game], 1 - self.side[game])
        ended = game[over]
        home, away = self.score[2 * ended], self.score[2 * ended + 1]
        finished = (self.period[ended] >= 4) & (home != away)
        self.playing[ended[finished]] = False
        ended = ended[~finished]
        self.period[ended] += 1
        self.clock[ended] = np.where(self.period[ended] > 4, OVERTIME, QUARTER)
        # The club that lost the opening tip starts the two middle quarters.
        middle = np.isin(self.period[ended], (2, 3))
        self.side[ended] = np.where(middle, 1 - self.tip[ended], self.tip[ended])
