"""Strategies against strategies: each of ours against each of a rival's, on the same people and luck, as a game.

A cell is one strategy of ours against one of the rival's; its payoffs are one outcome of either firm, as in `by_firm`. What is
said of a firm (best replies, what is dominated, who would be better off where) rests on paired differences between its cells,
whose intervals hold for all pairs of its cells at once; where such an interval includes 0 it cannot be told.
"""

from __future__ import annotations

import itertools
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

import numpy as np
from numpy.typing import NDArray

from sim.engine.records import FIRM_OUTCOMES, Run
from sim.experiments.compare import Progress, run_each
from sim.experiments.statistics import Estimate, Paired, estimate, pairwise, replications_needed
from sim.experiments.verdict import Words, negligible
from sim.market import Firm, Market, Price, Programme, Strategy, chooses, rival_plays
from sim.outcomes import BETTER, DECIDING, listed

if TYPE_CHECKING:
    import pandas

    from sim.cells.work import Work

Floats = NDArray[np.float64]
OURS, THEIRS = 0, 1
PAYOFFS: Final = tuple(name for name in FIRM_OUTCOMES if name in DECIDING)
"""The outcomes a game can be about: every firm has them, and one way of them is better."""
RESAMPLES: Final = 2000
MOST_STRATEGIES: Final = 7
"""Mixed equilibria are looked for up to so many strategies a firm: their number of supports grows exponentially."""
CHANCE: Final = 1e-9
"""A chance of playing a strategy that is no more than rounding."""
ADVICE: Final = "mixed equilibria are not looked for: they need nashpy, which `pip install 'expectation-drift[games]'` installs"
TOO_MANY: Final = (f"mixed equilibria are not looked for: a firm has more than {MOST_STRATEGIES} strategies that none of its "
                   "others beats everywhere")


@dataclass(frozen=True, slots=True)
class Reply:
    """What is best for a firm where the other plays `to`: the strategies that none is surely better than.

    decided: the first of them surely beats every other strategy, but for its equals.
    """

    firm: str
    to: str
    best: tuple[str, ...]
    decided: bool


@dataclass(frozen=True, slots=True)
class Dominated:
    """A strategy that is surely worse for its firm than another one, `by`, whatever the other firm does."""

    firm: str
    strategy: str
    by: str


@dataclass(frozen=True, slots=True)
class Equilibrium:
    """A pair of strategies of which neither firm would depart alone, by the means.

    decided: surely, against every departure. share: of resamples of the replications in which it is one too.
    """

    ours: str
    theirs: str
    decided: bool
    share: float


@dataclass(frozen=True, slots=True)
class Mixed:
    """An equilibrium in which at least one firm plays by chance: the chance of each strategy that is played at all."""

    ours: Mapping[str, float]
    theirs: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the game is. kind: a prisoners' dilemma, surely none, or that it cannot be told. sentence: for people.

    better: the pair that would be better for both, where it is a dilemma. more_replications: about how many more would
    decide; None where it is decided or out of reach.
    """

    kind: Literal["dilemma", "no dilemma", "cannot tell"]
    sentence: str
    better: tuple[str, str] | None
    more_replications: int | None


@dataclass(frozen=True)
class Game:
    """Every strategy of ours against every strategy of a rival.

    firms: ours and the rival. strategies: of either. each: (2, A, B, replications) payoffs, ours first. payoffs: (firm, ours,
    theirs) → mean and 95% interval, each alone. pure: equilibria by the means. mixed: None where they were not looked for,
    which `advice` then explains. verdict: first what kind of game it is, then what follows.
    """

    market: Market
    outcome: str
    firms: tuple[str, str]
    strategies: tuple[tuple[str, ...], tuple[str, ...]]
    each: Floats
    payoffs: Mapping[tuple[str, str, str], Estimate]
    replies: tuple[Reply, ...]
    dominated: tuple[Dominated, ...]
    pure: tuple[Equilibrium, ...]
    mixed: tuple[Mixed, ...] | None
    advice: str
    verdict: Outcome
    sentences: tuple[str, ...]
    runs: Mapping[str, Run]

    @property
    def decided(self) -> bool:
        """Whether it is known what kind of game this is."""
        return self.verdict.kind != "cannot tell"

    def reply(self, firm: str, to: str) -> Reply:
        """A firm's best reply to a strategy of the other. Errors: KeyError where there is no such firm or strategy."""
        for one in self.replies:
            if (one.firm, one.to) == (firm, to):
                return one
        raise KeyError(f"{firm!r} has no reply to {to!r}; firms: {', '.join(self.firms)}")

    def to_pandas(self) -> pandas.DataFrame:
        """The payoffs as a table: a row a cell and firm, with its mean and 95% interval. Errors: ImportError without pandas."""
        import pandas

        return pandas.DataFrame(self.rows())

    def rows(self) -> list[dict[str, str | float]]:
        """The payoffs, a row a cell and firm."""
        return [{"ours": ours, "theirs": theirs, "firm": firm, "outcome": self.outcome, "mean": one.mean, "low": one.low,
                 "high": one.high, "sd": one.sd} for (firm, ours, theirs), one in self.payoffs.items()]

    def __repr__(self) -> str:
        return f"<Game of {self.firms[OURS]} and {self.firms[THEIRS]}: {self.verdict.sentence}>"


def play(market: Market, rival: str | None = None, *, outcome: str | None = None, jobs: int | None = None,
         keep: Sequence[str] = (), progress: Progress | None = None, work: Work | None = None) -> Game:
    """Play every strategy of ours against every strategy of a rival, on the same people and luck.

    rival: needed where several have strategies; the others play what they play. outcome: profit if anything costs or
    earns money, else the share of visits. Errors: ValueError, in a sentence, for a market that is no game, for a rival
    without strategies, for an outcome that cannot be a payoff; Interrupted on Ctrl-C. work: as for `compare.run_each`.
    """
    rival = find_rival(market, rival)
    outcome = usual(market, rival) if outcome is None else outcome
    if outcome not in PAYOFFS:
        raise ValueError(f"{outcome} cannot be a payoff here; a game can be about: {', '.join(PAYOFFS)}")
    place = [firm.name for firm in market.firms].index(rival)
    theirs = tuple(one.name for one in market.firms[place].strategies)
    ours = tuple(one.name for one in market.strategies)
    each, kept = np.empty((2, len(ours), len(theirs), market.replications)), dict[str, Run]()
    for column, name in enumerate(theirs):
        told = None if progress is None else _against(progress, name)
        runs = run_each(rival_plays(market, rival, name), ours, jobs=jobs, keep=keep, progress=told, work=work)
        for row, run in enumerate(runs.values()):
            table = run.by_firm or {}
            for side, firm in enumerate((0, place)):
                each[side, row, column] = np.asarray(table[outcome]).reshape(market.replications, -1)[:, firm]
        kept = runs if column == market.firms[place].plays else kept
    return conclude(market, (market.firms[0].name, rival), (ours, theirs), each, outcome, kept)


def _against(progress: Progress, theirs: str) -> Callable[[str, int, int], None]:
    return lambda ours, done, total: progress(f"{ours} against {theirs}", done, total)


def opponents(market: Market) -> tuple[Firm, ...]:
    """The rivals that have strategies, which a game can be played against; none where nobody chooses among firms."""
    return tuple(firm for firm in market.firms[1:] if firm.strategies) if chooses(market) else ()


def also_a_game(market: Market) -> str:
    """What the reader of a comparison should know of rivals that might do something else; nothing where there are none."""
    able = opponents(market)
    if not able or all(len(firm.strategies) == 1 for firm in able):
        return ""
    plays = listed([f"{firm.name} plays ‘{firm.strategies[firm.plays].name}’, one of its {len(firm.strategies)} strategies"
                    for firm in able])
    name = " NAME" if len(able) > 1 else ""
    return f"This is also a game. Here {plays}; drift compare FILE --rivals{name} plays ours against all of them"


def find_rival(market: Market, name: str | None) -> str:
    """The rival to play against. Errors: ValueError says why there is none, or which there are."""
    if not chooses(market):
        raise ValueError("nobody chooses among firms here, so that nothing a rival does is a reply to ours; write "
                         "`psyche.choosing`")
    able = [firm.name for firm in opponents(market)]
    if not able:
        raise ValueError("no rival has strategies to play; write `strategies` under a rival of `firms`")
    if name is None and len(able) > 1:
        raise ValueError(f"several rivals have strategies, so name one of them: {', '.join(able)}")
    if name is not None and name not in able:
        raise ValueError(f"there is no rival {name!r} with strategies; rivals that have some: {', '.join(able)}")
    return able[0] if name is None else name


def usual(market: Market, rival: str) -> str:
    """What firms are after where nothing is said: profit if anything costs or earns, else their share of visits."""
    firms = [firm for firm in market.firms if firm.name in (market.firms[0].name, rival)]
    strategies: list[Strategy] = [*market.strategies, *(one for firm in firms for one in firm.strategies)]
    moves = [move for strategy in strategies for move in strategy.moves]
    costs = any(getattr(move, key, 0.0) for move in moves for key in ("cost", "running", "compensation", "per_point"))
    costs = costs or any(isinstance(move, Price) for move in moves)
    costs = costs or any(tier.cost for move in moves if isinstance(move, Programme) for tier in move.tiers)
    return "profit" if costs or any(firm.margin for firm in firms) else "share"


def conclude(market: Market, firms: tuple[str, str], strategies: tuple[tuple[str, ...], tuple[str, ...]], each: Floats,
             outcome: str, runs: Mapping[str, Run]) -> Game:
    """What the payoffs of all cells say. each: (2, A, B, replications). runs: of ours against what the rival plays."""
    found = Cells(each, outcome)
    replies = tuple(_reply(found, firms, strategies, side, other) for side in (OURS, THEIRS)
                    for other in range(len(strategies[1 - side])))
    equilibria = tuple(Equilibrium(strategies[OURS][a], strategies[THEIRS][b], found.stable(a, b), share)
                       for (a, b), share in found.equilibria().items())
    mixed, advice = _mixed(found, strategies)
    payoffs = {(firms[side], ours, theirs): estimate(each[side, a, b]) for side in (OURS, THEIRS)
               for a, ours in enumerate(strategies[OURS]) for b, theirs in enumerate(strategies[THEIRS])}
    verdict, sentences = Telling(market, firms, strategies, outcome, found).tell(equilibria, mixed)
    each.flags.writeable = False
    return Game(market, outcome, firms, strategies, each, payoffs, replies, _dominated(found, firms, strategies), equilibria,
                mixed, advice, verdict, sentences, runs)


class Cells:
    """The payoffs of a game, and how sure one cell is better for a firm than another.

    A cell is (a, b): ours plays its strategy number a, the rival its number b.
    """

    def __init__(self, each: Floats, outcome: str) -> None:
        self.each, self.outcome, self.way = each, outcome, BETTER[outcome]
        self.shape: tuple[int, int] = each.shape[1], each.shape[2]
        flat = each.reshape(2, -1, each.shape[3])
        self.pairs = [pairwise(list(side)) if flat.shape[1] > 1 else {} for side in flat]
        known = np.isfinite(each)
        self.worth = self.way * np.where(known, each, 0.0).sum(axis=3) / np.maximum(known.sum(axis=3), 1)

    def pair(self, side: int, one: tuple[int, int], other: tuple[int, int]) -> tuple[Paired, int]:
        """The paired difference of two different cells for a firm, and 1, or −1 where it is the other minus the one."""
        first, second = (cell[0] * self.shape[1] + cell[1] for cell in (one, other))
        return self.pairs[side][max(first, second), min(first, second)], 1 if first > second else -1

    def better(self, side: int, one: tuple[int, int], other: tuple[int, int]) -> int | None:
        """1 where one cell is surely better for a firm than another, −1 where surely worse, 0 the same; None: cannot tell."""
        if one == other:
            return 0
        found, turn = self.pair(side, one, other)
        if found.same or negligible(self.outcome, found):
            return 0
        return turn * self.way * (1 if found.estimate.mean > 0 else -1) if found.decided else None

    def cell(self, side: int, own: int, other: int) -> tuple[int, int]:
        """The cell in which a firm plays `own` and the other firm `other`."""
        return (own, other) if side == OURS else (other, own)

    def best(self, side: int, other: int) -> tuple[list[int], bool]:
        """A firm's strategies that none surely beats where the other plays `other`, best mean first; and whether decided."""
        count = self.shape[side]
        cells = [self.cell(side, own, other) for own in range(count)]
        left = [own for own in range(count) if all(self.better(side, cells[own], one) != -1 for one in cells)]
        left = sorted(left or range(count), key=lambda own: -self.worth[side][cells[own]])
        return left, all(self.better(side, cells[left[0]], cells[own]) == 0 for own in left)

    def dominant(self, side: int) -> int | None:
        """The strategy that is surely a firm's only best whatever the other does; −1 where there surely is none; or None.

        Copies count as one, the first of them: what is the same for both firms in every cell is no choice.
        """
        first = self.copies(side)
        sets = [{first[own] for own in self.best(side, other)[0]} for other in range(self.shape[1 - side])]
        if not set.intersection(*sets):
            return -1
        return min(sets[0]) if all(len(best) == 1 for best in sets) else None

    def copies(self, side: int) -> list[int]:
        """Of each strategy of a firm the first one that it is a copy of: neither firm can tell them apart in any cell."""
        def same(one: int, two: int) -> bool:
            return all(self.better(who, self.cell(side, one, other), self.cell(side, two, other)) == 0
                       for who in (OURS, THEIRS) for other in range(self.shape[1 - side]))

        return [next(one for one in range(own + 1) if one == own or same(one, own)) for own in range(self.shape[side])]

    def stable(self, a: int, b: int) -> bool:
        """Whether surely neither firm gains by departing from a cell alone."""
        stays = [self.better(OURS, (a, b), (one, b)) in (0, 1) for one in range(self.shape[0])]
        return all(stays) and all(self.better(THEIRS, (a, b), (a, one)) in (0, 1) for one in range(self.shape[1]))

    def equilibria(self) -> dict[tuple[int, int], float]:
        """The pure equilibria by the means, and the share of resamples of the replications in which each is one too."""
        count = self.each.shape[3]
        raw = np.random.Philox(key=0).random_raw(RESAMPLES * count).reshape(RESAMPLES, count)
        drawn = (raw % np.uint64(count)).astype(np.int64)
        weights = np.stack([np.bincount(one, minlength=count) for one in drawn]).astype(np.float64)
        known = np.isfinite(self.each)
        sums = np.where(known, self.each, 0.0) @ weights.T
        means = np.moveaxis(self.way * sums / np.maximum(known.astype(np.float64) @ weights.T, 1.0), 3, 0)
        held = _stays(means)
        return {(int(a), int(b)): float(held[:, a, b].mean()) for a, b in np.argwhere(_stays(self.worth[None])[0])}


def _stays(worth: Floats) -> NDArray[np.bool_]:
    """(many, A, B) where neither firm gains by departing alone. worth: (many, 2, A, B), higher is better."""
    best_ours = worth[:, OURS] >= worth[:, OURS].max(axis=1, keepdims=True)
    found: NDArray[np.bool_] = best_ours & (worth[:, THEIRS] >= worth[:, THEIRS].max(axis=2, keepdims=True))
    return found


def _reply(found: Cells, firms: tuple[str, str], strategies: tuple[tuple[str, ...], tuple[str, ...]], side: int,
           other: int) -> Reply:
    best, decided = found.best(side, other)
    return Reply(firms[side], strategies[1 - side][other], tuple(strategies[side][own] for own in best), decided)


def _dominated(found: Cells, firms: tuple[str, str], strategies: tuple[tuple[str, ...], tuple[str, ...]]
               ) -> tuple[Dominated, ...]:
    told = []
    for side in (OURS, THEIRS):
        others = range(found.shape[1 - side])
        for own, by in itertools.permutations(range(found.shape[side]), 2):
            if all(found.better(side, found.cell(side, by, other), found.cell(side, own, other)) == 1 for other in others):
                told.append(Dominated(firms[side], strategies[side][own], strategies[side][by]))
    return tuple(told)


def _mixed(found: Cells, strategies: tuple[tuple[str, ...], tuple[str, ...]]) -> tuple[tuple[Mixed, ...] | None, str]:
    """The mixed equilibria of the mean payoffs, by enumeration of vertices and of supports; and why they were not looked for.

    nashpy's supports miss an equilibrium where a chance of 0 comes out a rounding below it; its vertices miss some of a
    degenerate game. What either finds is kept once. Strategies that are worse than another whatever the other firm does are
    played in no equilibrium, and left out. Payoffs are shifted to lie in [1, 2], which moves no equilibrium: nashpy's polytopes
    ask for positive ones.
    """
    rows, columns = undominated(found.worth)
    if max(len(rows), len(columns)) > MOST_STRATEGIES:
        return None, TOO_MANY
    try:
        import nashpy
    except ImportError:
        return None, ADVICE
    if min(found.shape) == 1:  # a firm without a choice has nothing to leave to chance
        return (), ""
    if min(len(rows), len(columns)) == 1:  # nor has one whose other strategies are all worse: the other answers with its best
        return (), ""
    left = found.worth[:, rows][:, :, columns]
    low, spans = left.min(axis=(1, 2), keepdims=True), np.ptp(left, axis=(1, 2))
    game = nashpy.Game(*((left - low) / np.where(spans > 0, spans, 1.0)[:, None, None] + 1.0))
    names = [strategies[OURS][row] for row in rows], [strategies[THEIRS][column] for column in columns]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of a degenerate game, whose equilibria may be infinitely many
        pairs = [*game.vertex_enumeration(), *game.support_enumeration()]
    told: dict[tuple[tuple[float, ...], ...], Mixed] = {}
    for pair in pairs:
        ours, theirs = ({name: float(chance) for name, chance in zip(known, one, strict=True) if chance > CHANCE}
                        for known, one in zip(names, pair, strict=True))
        if len(ours) > 1 or len(theirs) > 1:
            told.setdefault(tuple(tuple(np.round(np.abs(one), 6).tolist()) for one in pair), Mixed(ours, theirs))
    return tuple(told.values()), ""


def undominated(worth: Floats) -> tuple[list[int], list[int]]:
    """Our strategies and the rival's that are left when those that others beat everywhere are struck out, again and again.

    worth: (2, A, B), higher is better. By the means.
    """
    rows, columns = list(range(worth.shape[1])), list(range(worth.shape[2]))
    while True:
        ours, theirs = worth[OURS][np.ix_(rows, columns)], worth[THEIRS][np.ix_(rows, columns)].T
        better = [[own for own, mine in zip(known, levels, strict=True) if not any(np.all(other > mine) for other in levels)]
                  for known, levels in ((rows, ours), (columns, theirs))]
        if better == [rows, columns]:
            return rows, columns
        rows, columns = better


class Telling:
    """A game in sentences: what kind it is, and what comes of it."""

    def __init__(self, market: Market, firms: tuple[str, str], strategies: tuple[tuple[str, ...], tuple[str, ...]],
                 outcome: str, found: Cells) -> None:
        self.firms, self.strategies, self.found = firms, strategies, found
        self.words = Words(outcome, market)

    def tell(self, equilibria: Sequence[Equilibrium], mixed: Sequence[Mixed] | None) -> tuple[Outcome, tuple[str, ...]]:
        """The verdict, and what follows from it."""
        verdict = self.verdict()
        return verdict, (*self.equilibrium(equilibria, mixed, verdict), *self.replies())

    def verdict(self) -> Outcome:
        """Whether both are led by what is best for each to where both would rather not be."""
        found = self.found
        ours, theirs = found.dominant(OURS), found.dominant(THEIRS)
        if -1 in (ours, theirs):
            who = self.firms[OURS if ours == -1 else THEIRS]
            other = self.firms[THEIRS if ours == -1 else OURS]
            return Outcome("no dilemma", f"No dilemma: what is best for {who} depends on what {other} does.", None, None)
        if ours is None or theirs is None:
            return self.untold([side for side, best in ((OURS, ours), (THEIRS, theirs)) if best is None])
        end = ours, theirs
        top, cells = self.above(end), self.elsewhere(end)
        if top is not None:
            return self.dilemma(top, end)
        hoped = [cell for cell in cells if all(found.better(side, cell, end) in (1, None) for side in (OURS, THEIRS))]
        if hoped:  # a cell that is surely no better for one of them settles nothing, however open it is for the other
            open_ = [found.pair(side, cell, end)[0] for cell in hoped for side in (OURS, THEIRS)
                     if found.better(side, cell, end) is None]
            return Outcome("cannot tell", f"Whether this is a dilemma cannot be told: {self.each_is_better(end)}, and whether "
                           f"both would be better off elsewhere is open{_more(open_)}.", None, _needed(open_))
        return Outcome("no dilemma", f"No dilemma: {self.each_is_better(end)}, and nothing else would be better for both.",
                       None, None)

    def elsewhere(self, end: tuple[int, int]) -> list[tuple[int, int]]:
        """Every other pair of strategies."""
        ours, theirs = self.found.shape
        return [(a, b) for a in range(ours) for b in range(theirs) if (a, b) != end]

    def above(self, end: tuple[int, int]) -> tuple[int, int] | None:
        """The pair that is surely better for both, and most so for the one that gains less; None where there is none."""
        found, (ours, theirs) = self.found, end
        better = [cell for cell in self.elsewhere(end)
                  if all(found.better(side, cell, end) == 1 for side in (OURS, THEIRS))]
        return max(better, default=None, key=lambda cell: float(
            (found.worth[:, cell[0], cell[1]] - found.worth[:, ours, theirs]).min()))

    def dilemma(self, top: tuple[int, int], end: tuple[int, int]) -> Outcome:
        """Both would be better off elsewhere, and neither gets there alone."""
        pair = self.strategies[OURS][top[0]], self.strategies[THEIRS][top[1]]
        return Outcome("dilemma", f"A prisoners' dilemma: both would be better off with {self.better_with(top, end)}, yet "
                       f"{self.each_is_better(end)}.", pair, None)

    def better_with(self, top: tuple[int, int], end: tuple[int, int]) -> str:
        """A pair that is better for both than another, and by how much for each."""
        gaps = [self.words.level(_turned(*self.found.pair(side, top, end), self.found.way)) for side in (OURS, THEIRS)]
        return (f"{self.call(self.strategies[OURS][top[0]], self.strategies[THEIRS][top[1]])}, {self.firms[OURS]} by {gaps[0]} "
                f"and {self.firms[THEIRS]} by {gaps[1]}")

    def untold(self, sides: Sequence[int]) -> Outcome:
        """A best reply is still open."""
        open_, said = list[Paired](), list[str]()
        for side in sides:
            for other, to in enumerate(self.strategies[1 - side]):
                best, decided = self.found.best(side, other)
                if decided:
                    continue
                said.append(f"whether {self.firms[side]} is better off with "
                            f"{listed([self.words.call(self.strategies[side][own]) for own in best], 'or')} against "
                            f"{self.words.call(to)}")
                cells = [self.found.cell(side, own, other) for own in best]
                open_ += [self.found.pair(side, cells[0], one)[0] for one in cells[1:]
                          if self.found.better(side, cells[0], one) is None]
        if not said:  # every reply is known, and some strategies are each other's equals
            return Outcome("no dilemma", "No dilemma: some strategies are exactly as good as each other.", None, None)
        return Outcome("cannot tell", f"Whether this is a dilemma cannot be told: {said[0]} is open"
                       f"{f', and {len(said) - 1} more' if len(said) > 1 else ''}{_more(open_)}.", None, _needed(open_))

    def each_is_better(self, end: tuple[int, int]) -> str:
        """What each is surely better off with."""
        ours, theirs = (self.words.call(names[at]) for names, at in zip(self.strategies, end, strict=True))
        if ours == theirs:
            return f"each is better off with {ours} whatever the other does"
        return (f"{self.firms[OURS]} is better off with {ours} and {self.firms[THEIRS]} with {theirs}, each whatever the "
                "other does")

    def call(self, ours: str, theirs: str) -> str:
        """A pair of strategies in a sentence."""
        return f"{self.words.call(ours)} and {self.words.call(theirs)}"

    def equilibrium(self, pure: Sequence[Equilibrium], mixed: Sequence[Mixed] | None, verdict: Outcome) -> tuple[str, ...]:
        """Where they end if each does what is best for itself; and where both would rather be, if that is not said yet."""
        told = [f"{self.call(one.ours, one.theirs)} ({'surely' if one.decided else f'in {one.share:.0%} of resamples'})"
                for one in pure]
        if told:
            end = self.strategies[OURS].index(pure[0].ours), self.strategies[THEIRS].index(pure[0].theirs)
            top = self.above(end) if len(pure) == 1 and verdict.kind != "dilemma" else None
            rather = "" if top is None else f", though both would surely be better off with {self.better_with(top, end)}"
            return (f"Neither would depart alone from {listed(told, 'or from')}{rather}.",)
        if mixed:
            first = mixed[0]
            shown = [", ".join(f"{self.words.call(name)} {chance:.0%}" for name, chance in chances.items())
                     for chances in (first.ours, first.theirs)]
            return (f"By the means one of them would depart from any pair; they are at rest only by chance: "
                    f"{self.firms[OURS]} plays {shown[0]}; {self.firms[THEIRS]} plays {shown[1]}.",)
        return ("By the means one of them would depart from any pair.",)

    def replies(self) -> tuple[str, ...]:
        """What is surely best for either firm, where that depends on what the other does."""
        told = []
        for side in (OURS, THEIRS):
            best = [self.found.best(side, other) for other in range(self.found.shape[1 - side])]
            known = {to: self.strategies[side][own[0]]
                     for to, (own, decided) in zip(self.strategies[1 - side], best, strict=True) if decided and len(own) == 1}
            if len(set(known.values())) > 1:
                said = listed([f"{self.words.call(own)} against {self.words.call(to)}" for to, own in known.items()])
                told.append(f"Best for {self.firms[side]}: {said}.")
        return tuple(told)


def _turned(found: Paired, turn: int, way: int) -> Estimate:
    """A difference between two cells as a gain: positive where it is better."""
    one = found.estimate
    return one if turn * way > 0 else Estimate(-one.mean, -one.high, -one.low, one.sd, one.count)


def _needed(open_: Sequence[Paired]) -> int | None:
    """About how many more replications would decide all that is open; None where out of reach or unknown."""
    needed = [replications_needed(one) for one in open_]
    return None if not needed or None in needed else max(one for one in needed if one is not None)


def _more(open_: Sequence[Paired]) -> str:
    needed = _needed(open_)
    return "" if needed is None else f"; about {needed:,} more replication{'s' * (needed != 1)} would settle it"
