"""What a scenario file may hold: one pydantic model a mapping, unknown keys refused, no defaults.

An absent key is None here; what absence means is said in one place, `sim.story.resolve`. Rules that tie several keys
together are in `sim.story.checks`. A model that has been read holds canonical writings (see `sim.story.values`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

from sim.market import Aim
from sim.outcomes import DECIDING, OUTCOMES
from sim.story import units, values
from sim.story.moves import CATALOGUE
from sim.story.values import Span, Spread

Number = Annotated[float, values.number()]
Share = Annotated[float, values.share()]
Duration = Annotated[str, values.duration()]
LongDuration = Annotated[str, values.duration(units.HOUR)]
Money = Annotated[str, values.PER_VISIT]
Text = Annotated[str, values.text()]


def said(about: str) -> Any:
    """A key that may be left out, with what it means."""
    return Field(default=None, description=about)


def required(about: str) -> Any:
    """A key that must be written, with what it means."""
    return Field(description=about)


def trait(key: str) -> Any:
    """A key of the psyche: its description is the trait's meaning, unit and source."""
    one = values.find(key)
    return said(f"{one.meaning[0].upper()}{one.meaning[1:]} ({one.unit}). Source: {one.source}.")


class Mapped(BaseModel):
    """A mapping whose keys are all known."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _directions(value: object) -> object:
    """One number for both directions stands for {up, down}."""
    one = not isinstance(value, Mapping) or values.is_spread(value)
    return {"up": value, "down": value} if one and value is not None else value


def _pulled(value: object) -> object:
    one = not isinstance(value, Mapping) or values.is_spread(value)
    return {"pull": value} if one and value is not None else value


def _shorthand(expand: Any, model: Any, key: str) -> Any:
    """A mapping that one value may stand for; `key` is the trait that says which values."""
    return BeforeValidator(expand, json_schema_input_type=Annotated[Any, values.trait(key)] | model)


class Learning(Mapped):
    """How fast she learns from what she gets: one number, {up, down}, or {bayesian: k0}."""

    up: Annotated[Spread, values.trait("learning.up")] | None = trait("learning.up")
    down: Annotated[Spread, values.trait("learning.down")] | None = trait("learning.down")
    bayesian: Annotated[Spread, values.trait("learning.bayesian")] | None = trait("learning.bayesian")


class SurpriseMind(Mapped):
    """What a surprise does to her."""

    credit: Annotated[Spread, values.trait("surprise.credit")] | None = trait("surprise.credit")
    familiarity: Annotated[Spread, values.trait("surprise.familiarity")] | None = trait("surprise.familiarity")


class Delight(Mapped):
    """What happens far above what she expects."""

    threshold: Annotated[Spread, values.trait("delight.threshold")] | None = trait("delight.threshold")
    bonus: Annotated[Spread, values.trait("delight.bonus")] | None = trait("delight.bonus")


class Forgetting(Mapped):
    """How expectation fades to the norm between visits."""

    half_life: Annotated[Span, values.spread_duration("never")] | None = said(
        "How long until half of the distance between expectation and norm is forgotten: a duration, {mean, sd}, "
        "{between: [shortest, longest]}, or `never`. Source: Rust & Oliver 2000.")


class NormLearns(Mapped):
    """How fast her norm follows what she hears of rivals."""

    up: Annotated[Spread, values.trait("norm.learns.up")] | None = trait("norm.learns.up")
    down: Annotated[Spread, values.trait("norm.learns.down")] | None = trait("norm.learns.down")


class Spillover(Mapped):
    """How hearing of a rival moves her expectation itself."""

    pull: Annotated[Spread, values.trait("norm.spillover")] | None = trait("norm.spillover")
    upward_only: Annotated[bool, values.SWITCH] | None = said("Whether only better rivals move her expectation.")


class Norm(Mapped):
    """What she thinks a firm of this trade should deliver."""

    starts: Annotated[Any, values.each(values.spread(), "expectation")] | None = said(
        "The norm before the first visit (points): a number or its spread, one for all attributes or one each; "
        "`expectation` means her own starting expectation.")
    weight: Annotated[Spread, values.trait("norm.weight")] | None = trait("norm.weight")
    learns: Annotated[NormLearns, _shorthand(_directions, NormLearns, "norm.learns.up")] | None = said(
        "How far her norm follows what she hears of a rival: one number, or {up, down}.")
    hears_rivals_every: Annotated[Span, values.spread_duration("never")] | None = said(
        "Mean time between hearing of a rival between visits: a duration, {mean, sd}, {between: [shortest, longest]}, or "
        "`never`. Not together with hears_rivals.")
    hears_rivals: Annotated[Spread, values.trait("norm.hears_rivals")] | None = trait("norm.hears_rivals")
    noise: Annotated[Spread, values.trait("norm.noise")] | None = trait("norm.noise")
    spillover: Annotated[Spillover, _shorthand(_pulled, Spillover, "norm.spillover")] | None = said(
        "How far hearing of a rival moves her expectation itself: one number, or {pull, upward_only}.")


class Goodwill(Mapped):
    """What she holds for the firm from all visits so far."""

    memory: Annotated[Spread, values.trait("goodwill.memory")] | None = trait("goodwill.memory")
    starts: Annotated[Spread, values.trait("goodwill.starts")] | None = trait("goodwill.starts")


class Leaving(Mapped):
    """When she stops coming."""

    base: Annotated[Spread, values.trait("leaving.base")] | None = trait("leaving.base")
    goodwill: Annotated[Spread, values.trait("leaving.goodwill")] | None = trait("leaving.goodwill")
    tenure: Annotated[Spread, values.trait("leaving.tenure")] | None = trait("leaving.tenure")


class Returning(Mapped):
    """Who comes back after leaving."""

    share: Annotated[Spread, values.trait("returning.share")] | None = trait("returning.share")
    after: Annotated[Span, values.spread_duration()] | None = said(
        "Mean time until she comes back: a duration, {mean, sd} or {between: [shortest, longest]}.")


class Trust(Mapped):
    """What promises do to her expectation."""

    starts: Annotated[Spread, values.trait("trust.starts")] | None = trait("trust.starts")
    falls: Annotated[Spread, values.trait("trust.falls")] | None = trait("trust.falls")


class Survey(Mapped):
    """How she answers a survey."""

    gap: Annotated[Spread, values.trait("survey.gap")] | None = trait("survey.gap")


class Psyche(Mapped):
    """What goes on in a customer. Each key is one mechanism; leaving it out switches it off."""

    learning: Annotated[Learning, _shorthand(_directions, Learning, "learning.up")] | None = said(
        "How far her expectation follows what she gets: one number for both directions, {up, down}, or {bayesian: k0}.")
    surprise: SurpriseMind | None = said("How much a surprise teaches her, and how fast surprises grow familiar.")
    loss_aversion: Annotated[Spread, values.trait("loss_aversion")] | None = trait("loss_aversion")
    curvature: Annotated[Spread, values.trait("curvature")] | None = trait("curvature")
    tolerance: Annotated[Spread, values.trait("tolerance")] | None = trait("tolerance")
    delight: Delight | None = said("The satisfaction above which a visit delights, and what delight adds.")
    forgetting: Forgetting | None = said("How expectation fades to the norm between visits.")
    norm: Norm | None = said("What she thinks a firm of this trade should deliver, and how rivals teach her.")
    peak: Annotated[Spread, values.trait("peak")] | None = trait("peak")
    assimilation: Annotated[Spread, values.trait("assimilation")] | None = trait("assimilation")
    goodwill: Goodwill | None = said("What she holds for us from all visits so far.")
    leaving: Leaving | None = said("When she stops coming.")
    returning: Returning | None = said("Who comes back after leaving.")
    complaining: Annotated[Spread, values.trait("complaining")] | None = trait("complaining")
    trust: Trust | None = said("How far promises move her expectation, and how trust falls when they are broken.")
    survey: Survey | None = said("How she answers a survey.")


class SegmentVisits(Mapped):
    """How often the people of a segment come, where it differs from the market's."""

    every: Annotated[Span, values.spread_duration()] | None = said(
        "Mean time between visits at goodwill 0: a duration, {mean, sd} or {between: [shortest, longest]}.")
    gaps: Annotated[str, values.choice("random", "fixed")] | None = said(
        "`random`: gaps between visits are exponential; `fixed`: all alike. Source: Fader & Hardie 2007.")
    goodwill: Annotated[Spread, values.trait("visits.goodwill")] | None = trait("visits.goodwill")
    within: Annotated[list[str], values.WITHIN] | None = said(
        "[shortest, longest] mean gap that goodwill can bring about, an hour or more; the longest may be `no limit`.")


class Visits(SegmentVisits):
    """How often people come."""

    every: Annotated[Span, values.spread_duration()] = required(
        "Mean time between visits at goodwill 0: a duration, {mean, sd} or {between: [shortest, longest]}.")


Expects = Annotated[Any, values.each(values.spread())]


class Segment(Mapped):
    """A share of the people. What it does not say is as in the whole market."""

    share: Share = required("Share of the people; the shares of all segments sum to 1.")
    expects: Expects | None = said("What its people expect before the first visit; as in `market.expects`.")
    visits: SegmentVisits | None = said("How often its people come, where it differs.")
    psyche: Psyche | None = said("What goes on in its people, key by key, where it differs.")


class Market(Mapped):
    """Who the people are and how often they come."""

    people: Annotated[int, values.whole(1, 2**32 - 1)] = required("How many people there are.")
    expects: Expects | None = said(
        "What people expect before the first visit (points): a number or its spread, one for all attributes or one "
        "each. Left out: our starting quality.")
    visits: Visits = required("How often people come.")
    segments: dict[str, Segment] | None = said("Kinds of people by name. Left out: one segment called `everyone`.")


class Attribute(Mapped):
    """One attribute of the service."""

    weight: Number = required("Its weight in satisfaction; absolute weights sum to 1; a negative weight reverses.")


class Leaps(Mapped):
    """Jumps in quality."""

    by: Annotated[Any, values.each(values.number())] = required("Points at each jump; one number or one an attribute.")
    every: LongDuration = required("Time between jumps.")


class Imitates(Mapped):
    """How a rival copies us."""

    after: Duration = required("How long after us.")
    share: Share | None = said("How much of our lead it closes.")


class Firm(Mapped):
    """A firm and what it delivers."""

    quality: Annotated[Any, values.each(values.number())] = required(
        "Points delivered at the start: one number for all attributes, or one for each.")
    noise: Annotated[Any, values.each(values.number(0.0))] | None = said(
        "Spread (sd) of delivery in points; one number or one an attribute.")
    improves: Annotated[Any, values.each(values.PER_YEAR)] | None = said(
        "Steady change of quality such as `1.5 per year`; one or one an attribute.")
    leaps: Leaps | None = said("Jumps in quality every so often.")


class Ours(Firm):
    """Our firm."""

    margin: Number | None = said("Money earned a visit, before the cost of moves.")
    discount: Annotated[float, values.share("year")] | None = said("Yearly rate for lifetime value, such as `8% per year`.")


class Rival(Firm):
    """A firm that people hear of."""

    imitates: Imitates | None = said("Copies our quality some time later.")


class Timed(Mapped):
    """What all moves share."""

    attribute: Text | None = said("The attribute it works on. Left out: all of them.")
    at: Duration | None = said("When it starts, counted from the beginning; before the horizon; rounded to whole days.")
    until: Duration | None = said(
        "When it ends; after `at`, not past the horizon; rounded to whole days. Left out: the horizon.")
    over: Duration | None = said("How long until it works in full.")
    cost: Number | None = said("What it costs.")


class Surprise(Timed):
    __doc__ = CATALOGUE["surprise"].sentence

    size: Number = required("Points added to what she gets.")
    chance: Annotated[float, values.share("visit")] | None = said("Chance at a visit. Exactly one of chance, every, on_visit.")
    every: Annotated[str, values.VISITS] | None = said("At every n-th visit, such as `4 visits`.")
    on_visit: Annotated[int, values.whole(1, 10**9)] | None = said("Only on the visit with this number; 1 is the first.")
    kinds: Annotated[int, values.whole(1, 100)] | None = said("How many kinds of surprise rotate.")
    to: Annotated[Aim | Any, values.AIM] | None = said(
        "Who gets it: everyone, after a disappointment, at risk, or {segment: NAME}.")
    below: Number | None = said("The goodwill under which somebody is at risk; only with `to: at risk`.")
    cost: Number | None = said("Money each time it is given.")


class Upgrade(Timed):
    __doc__ = CATALOGUE["upgrade"].sentence

    by: Number = required("Points of quality added; negative takes away.")
    cost: Number | None = said("Money once, when it starts.")
    running: Money | None = said("Money at every visit from then on, such as `2 per visit`.")


class Promise(Timed):
    __doc__ = CATALOGUE["promise"].sentence

    level: Number = required("The points claimed.")
    reach: Share | None = said("Share of the people who hear it.")
    cost: Number | None = said("Money once, when it starts.")


class Consistency(Timed):
    __doc__ = CATALOGUE["consistency"].sentence

    by: Share = required("Share of the noise that goes away.")
    cost: Number | None = said("Money once, when it starts.")
    running: Money | None = said("Money at every visit from then on, such as `2 per visit`.")


class Move(Mapped):
    """One move: a mapping with exactly one key, the name of the move."""

    surprise: Surprise | None = said(CATALOGUE["surprise"].sentence)
    upgrade: Upgrade | None = said(CATALOGUE["upgrade"].sentence)
    promise: Promise | None = said(CATALOGUE["promise"].sentence)
    consistency: Consistency | None = said(CATALOGUE["consistency"].sentence)


class Expected(Mapped):
    """One thing that should come out, to be checked: {higher, than, in}, {lasts} or {fades}; strategies by name."""

    higher: Text | None = said("The strategy under which the outcome is higher.")
    than: Text | None = said("The strategy it is compared with; goes with `higher`.")
    in_: Annotated[str, values.choice(*OUTCOMES)] | None = Field(
        default=None, alias="in", description="The outcome; goes with `higher`.")
    lasts: Text | None = said("The strategy whose satisfaction in the last quarter of the time is still above zero.")
    fades: Text | None = said("The strategy whose satisfaction in the last quarter of the time is no longer above zero.")


class Firms(BaseModel):
    """`ours` and any number of rivals, by name."""

    model_config = ConfigDict(extra="allow", frozen=True, strict=True)
    __pydantic_extra__: dict[str, Rival] = Field(init=False)

    ours: Ours = required("Our firm.")


class Story(Mapped):
    """A scenario file: one market, and the strategies to compare on it."""

    title: Annotated[str, values.text(200)] = required("What the story is called.")
    about: Text | None = said("The question, in a few sentences.")
    finding: Text | None = said("What is expected to come out.")
    expected: list[Expected] | None = said("What is expected to come out, as claims that every comparison checks.")
    source: Annotated[list[str], values.TEXTS] | None = said("Where the story comes from; text or a list of texts.")
    numbers: Annotated[dict[str, str], values.SOURCES] | None = said("Where its numbers come from, by key, or a list.")
    extends: Text | None = said("Another scenario file to start from, in this file's folder or below.")
    horizon: LongDuration = required("How long the story lasts; rounded to whole days.")
    seed: Annotated[int, values.whole(0, 2**64 - 1)] | None = said("The luck: same seed, same luck.")
    replications: Annotated[int, values.whole(1, 1_000_000)] | None = said("How often everything is repeated with fresh luck.")
    currency: Annotated[str, values.text(20)] | None = said("What money is counted in.")
    outcome: Annotated[str, values.choice(*DECIDING)] | None = said("The outcome that decides the verdict.")
    market: Market = required("Who the people are and how often they come.")
    psyche: Psyche | None = said("What goes on in a customer; each key is one mechanism, off when left out.")
    service: dict[str, Attribute] | None = said("The attributes of the service. Left out: one, called `service`.")
    firms: Firms = required("Our firm, called `ours`, and the rivals.")
    strategies: dict[str, list[Move]] = required("What we might do, by name: lists of moves. The first is the baseline.")
