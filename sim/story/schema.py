"""What a scenario file may hold: one pydantic model a mapping, unknown keys refused, no defaults.

An absent key is None here; what absence means is said in one place, `sim.story.resolve`. Rules that tie several keys
together are in `sim.story.checks`. A model that has been read holds canonical writings (see `sim.story.values`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, SerializeAsAny, ValidatorFunctionWrapHandler, WrapValidator

from sim.market import MOST_PEOPLE, MOST_REPLICATIONS
from sim.outcomes import DECIDING, OUTCOMES
from sim.story import units, values
from sim.story.kano import LABELS
from sim.story.moves import CATALOGUE
from sim.story.values import Span, Spread

Number = Annotated[float, values.number()]
Share = Annotated[float, values.share()]
Duration = Annotated[str, values.duration()]
LongDuration = Annotated[str, values.duration(units.HOUR)]
WholeDuration = Annotated[str, values.duration(1.0)]
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


def _short(value: object) -> object:
    one = not isinstance(value, Mapping) or values.is_spread(value)
    return {"shortfall": value} if one and value is not None else value


def _base(value: object) -> object:
    one = not isinstance(value, Mapping) or values.is_spread(value)
    return {"base": value} if one and value is not None else value


def _a_minute(value: object) -> object:
    one = not isinstance(value, Mapping) or values.is_spread(value)
    return {"per_minute": value} if one and value is not None else value


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
    failures: Annotated[Spread, values.trait("leaving.failures")] | None = trait("leaving.failures")


class Returning(Mapped):
    """Who comes back after leaving."""

    share: Annotated[Spread, values.trait("returning.share")] | None = trait("returning.share")
    after: Annotated[Span, values.spread_duration()] | None = said(
        "Mean time until she comes back: a duration, {mean, sd} or {between: [shortest, longest]}.")


class Complaining(Mapped):
    """When she complains, and what speaking up does to her: one number for the shortfall, or {shortfall, base, vents}."""

    shortfall: Annotated[Spread, values.trait("complaining.shortfall")] | None = trait("complaining.shortfall")
    base: Annotated[Spread, values.trait("complaining.base")] | None = trait("complaining.base")
    vents: Annotated[Spread, values.trait("complaining.vents")] | None = trait("complaining.vents")


class Failures(Mapped):
    """Which visits count as failures, and how long they are remembered: no recovery wipes them out."""

    beyond: Annotated[Spread, values.trait("failures.beyond")] | None = trait("failures.beyond")
    memory: Annotated[Spread, values.trait("failures.memory")] | None = trait("failures.memory")


class RecoveryMind(Mapped):
    """What being put right does to her, and what she comes to expect of it."""

    weight: Annotated[Spread, values.trait("recovery.weight")] | None = trait("recovery.weight")
    expects: Annotated[Spread, values.trait("recovery.expects")] | None = trait("recovery.expects")
    learning: Annotated[Spread, values.trait("recovery.learning")] | None = trait("recovery.learning")
    patience: Annotated[Span, values.spread_duration("never")] | None = said(
        "The delay that halves what a remedy is worth to her: a duration, {mean, sd}, {between: [shortest, longest]}, or "
        "`never`. Source: our assumption; quick resolution keeps more: Goodman & Newman 2003.")
    worth: Annotated[Spread, values.trait("recovery.worth")] | None = trait("recovery.worth")


class Trust(Mapped):
    """What promises do to her expectation."""

    starts: Annotated[Spread, values.trait("trust.starts")] | None = trait("trust.starts")
    falls: Annotated[Spread, values.trait("trust.falls")] | None = trait("trust.falls")


class Survey(Mapped):
    """Whether and how she answers a survey."""

    gap: Annotated[Spread, values.trait("survey.gap")] | None = trait("survey.gap")
    answers: Annotated[Spread, values.trait("survey.answers")] | None = trait("survey.answers")
    extremes: Annotated[Spread, values.trait("survey.extremes")] | None = trait("survey.extremes")
    noise: Annotated[Spread, values.trait("survey.noise")] | None = trait("survey.noise")
    feels: Annotated[Spread, values.trait("survey.feels")] | None = trait("survey.feels")


class Choosing(Mapped):
    """What she goes by when she chooses among firms, or stays away; without it she always comes to ours."""

    value: Annotated[Spread, values.trait("choosing.value")] | None = trait("choosing.value")
    goodwill: Annotated[Spread, values.trait("choosing.goodwill")] | None = trait("choosing.goodwill")
    price: Annotated[Spread, values.trait("choosing.price")] | None = trait("choosing.price")
    switching: Annotated[Spread, values.trait("choosing.switching")] | None = trait("choosing.switching")
    away: Annotated[Spread, values.spread_or("never")] | None = said(
        "How staying away compares with a free firm that she expects to be as good as her norm (log-odds): a number, its "
        "spread over people, or `never`, where she always goes somewhere. Source: our assumption.")


class Joining(Mapped):
    """When somebody who is no customer yet gives us a try: one number for the chance at an occasion, or {base, value, talk}."""

    base: Annotated[Spread, values.trait("joining.base")] | None = trait("joining.base")
    value: Annotated[Spread, values.trait("joining.value")] | None = trait("joining.value")
    talk: Annotated[Spread, values.trait("joining.talk")] | None = trait("joining.talk")


class Talk(Mapped):
    """When she tells others of a visit."""

    base: Annotated[Spread, values.trait("talk.base")] | None = trait("talk.base")
    good: Annotated[Spread, values.trait("talk.good")] | None = trait("talk.good")
    bad: Annotated[Spread, values.trait("talk.bad")] | None = trait("talk.bad")


class Listening(Mapped):
    """How far what she is told of a firm moves what she expects of it: one number, or {up, down}."""

    up: Annotated[Spread, values.trait("listening.up")] | None = trait("listening.up")
    down: Annotated[Spread, values.trait("listening.down")] | None = trait("listening.down")


class Waiting(Mapped):
    """What waiting takes from what she gets: one number for a minute, or {per_minute, most}."""

    per_minute: Annotated[Spread, values.trait("waiting.per_minute")] | None = trait("waiting.per_minute")
    most: Annotated[Spread, values.trait("waiting.most")] | None = trait("waiting.most")
class Fairness(Mapped):
    """What a price off the one she is used to does to her."""

    weight: Annotated[Spread, values.trait("fairness.weight")] | None = trait("fairness.weight")
    learning: Annotated[Spread, values.trait("fairness.learning")] | None = trait("fairness.learning")
    starts: Annotated[Spread, values.spread_or("listed", 0.0)] | None = said(
        "The price of any firm that she thinks fair before her first visit (money): a number, its spread over people, or "
        "`listed`, the price that the firm starts with. Source: our assumption.")


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
    complaining: Annotated[Complaining, _shorthand(_short, Complaining, "complaining.shortfall")] | None = said(
        "When she complains, and what that does to her: one number for how the chance grows with the shortfall, or "
        "{shortfall, base, vents}.")
    failures: Failures | None = said("Which visits count as failures, and how long she remembers them.")
    recovery: RecoveryMind | None = said("What being put right does to her, and what she comes to expect of it.")
    trust: Trust | None = said("How far promises move her expectation, and how trust falls when they are broken.")
    survey: Survey | None = said("Whether and how she answers a survey.")
    choosing: Choosing | None = said("How she chooses among firms at each occasion. Left out: she always comes to ours.")
    joining: Annotated[Joining, _shorthand(_base, Joining, "joining.base")] | None = said(
        "When somebody who is no customer yet (`prospects`) gives us a try: one number for the chance at an occasion, or "
        "{base, value, talk}. Left out: at her first occasion.")
    talk: Talk | None = said("When she tells others of a visit. Left out: never.")
    listening: Annotated[Listening, _shorthand(_directions, Listening, "listening.up")] | None = said(
        "How far what she is told of a firm moves what she expects of it: one number, or {up, down}. Left out: not at all.")
    waiting: Annotated[Waiting, _shorthand(_a_minute, Waiting, "waiting.per_minute")] | None = said(
        "What waiting takes from what she gets: one number for a minute, or {per_minute, most}. Left out: nothing.")
    fairness: Fairness | None = said("What a price other than the one she is used to does to her, and how she gets used to it.")


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
Degree = Annotated[int, values.even(2, 10_000)]
_DEGREE = "Mean number of people who hear what one of them says"
Served = Annotated[Spread, values.trait("served")]
Prospects = Annotated[Spread, values.trait("prospects")]


class Segment(Mapped):
    """A share of the people. What it does not say is as in the whole market."""

    share: Share = required("Share of the people; the shares of all segments sum to 1.")
    expects: Expects | None = said("What its people expect before the first visit; as in `market.expects`.")
    served: Served | None = said(
        "How much better or worse than others its people are served (points). Left out: as in the whole market.")
    prospects: Prospects | None = said(
        "The share of its people who are no customers at the start. Left out: as in the whole market.")
    visits: SegmentVisits | None = said("How often its people come, where it differs.")
    psyche: Psyche | None = said("What goes on in its people, key by key, where it differs.")


class Mixed(Mapped):
    """Everybody hears everybody alike."""

    degree: Annotated[float, values.above(0.0)] | None = said(_DEGREE + ". Source: our assumption.")


class SmallWorld(Mapped):
    """People in a ring who hear their neighbours, and a few from anywhere."""

    degree: Degree | None = said(_DEGREE + "; an even number below the number of people. Source: our assumption.")
    rewired: Share | None = said("Share of the ties that lead anywhere instead of to a neighbour. Source: our assumption.")


class ScaleFree(Mapped):
    """People who came one after another, each tied to some of those before her, rather to those with many ties."""

    degree: Degree | None = said(_DEGREE + "; an even number below the number of people. Source: our assumption.")


class Network(Mapped):
    """Who hears whom: one of mixed, small_world and scale_free, or a file of edges."""

    mixed: Mixed | None = said("Everybody hears everybody alike. Left out: another kind is written.")
    small_world: SmallWorld | None = said(
        "People in a ring who hear their neighbours, and a few from anywhere. Left out: another kind is written. Source: "
        "Watts & Strogatz 1998.")
    scale_free: ScaleFree | None = said(
        "A few people are heard by very many. Left out: another kind is written. Source: Barabási & Albert 1999.")
    edges: Text | None = said(
        "A file that lists who hears whom: two numbers of people a line, counted from 0, with a comma or a tab between, with "
        "or without the header `from,to`; in this file's folder or below. Both hear each other. Left out: another kind is "
        "written.")
    digest: Annotated[str, values.DIGEST] | None = said(
        "SHA-256 of the ties that `edges` lists, by which a stored run knows them again. Left out: whatever the file lists.")


_NETWORK: Any = BeforeValidator(values.said(values.network),
                                json_schema_input_type=Annotated[str, values.choice(*values.NETWORKS)] | Network)


class Market(Mapped):
    """Who the people are and how often they come."""

    people: Annotated[int, values.whole(1, MOST_PEOPLE)] = required("How many people there are.")
    expects: Expects | None = said(
        "What people expect before the first visit (points): a number or its spread, one for all attributes or one "
        "each; what an attribute with a label (`kano`) is expected to be, the label says. Left out: our starting quality.")
    served: Served | None = trait("served")
    prospects: Prospects | None = trait("prospects")
    visits: Visits = required("How often people come.")
    network: Annotated[Network, _NETWORK] | None = said(
        "Who hears whom, where people talk: mixed, small_world, scale_free, or {edges: FILE.csv}.")
    segments: dict[str, Segment] | None = said("Kinds of people by name. Left out: one segment called `everyone`.")


class Attribute(Mapped):
    """One attribute of the service."""

    weight: Number | None = said(
        "Its weight in satisfaction; absolute weights sum to 1; a negative weight reverses. Left out: an equal part of what "
        "the written weights leave, which only an attribute with a label (`kano`) may do.")
    kano: Annotated[str, values.choice(*LABELS)] | None = said(
        "A label of Kano's grid, short for what people expect of it at the start and for its weight: attractive starts at "
        "`absent`, must-be at `present`, the others midway; the weight of indifferent is 0, that of reverse negative. Needs "
        "`absent` and `present`. Left out: what `expects` and `weight` say. Source: Kano's grid, read about in secondary "
        "texts only.")
    absent: Number | None = said(
        "What she gets where the attribute is absent (points), as a Kano questionnaire asks about it; goes with `present`. "
        "Left out: no questionnaire asks about it. Source: as for `kano`.")
    present: Number | None = said(
        "What she gets where the attribute is present (points); above `absent`. Left out: no questionnaire asks about it. "
        "Source: as for `kano`.")
    waits: Annotated[bool, values.SWITCH] | None = said(
        "Whether waiting takes from it. Left out: it does where no attribute says so, for then it takes from all.")


class Staff(Mapped):
    """Who serves: so many at once, in the order people come; the others wait."""

    servers: Annotated[int, values.whole(1, 100_000)] = required("How many people can be served at once.")
    minutes: Annotated[float, values.of(values.number(0.0, 100_000.0), "minutes", "4")] = required(
        "Minutes that serving one person takes on average.")
    varies: Annotated[str, values.choice("exponential", "fixed", "lognormal")] | None = said(
        "How these minutes are spread: exponential, fixed, or lognormal with `sd`. Source: M/M/c and M/G/1 queues.")
    sd: Annotated[float, values.of(values.number(0.0, 100_000.0), "minutes", "4")] | None = said(
        "Their spread (sd) in minutes; only with `varies: lognormal`. Left out: they are spread otherwise.")
    hours: Annotated[float, values.of(values.number(0.1, 24.0), "hours a day", "10")] | None = said(
        "Hours a day that it is open: people come then, evenly spread, and nobody's waiting goes on while it is closed.")


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
    price: Annotated[float, values.number(0.0)] | None = said(
        "What a visit costs her, in money; it counts where people choose or weigh its fairness, and is no part of `margin`. "
        "Source: our assumption.")
    staff: Staff | None = said("Who serves. Left out: nobody ever waits.")
    margin: Number | None = said("Money earned a visit at the price above, before the cost of moves; a move of the price moves "
                                 "it as much. A rival's counts where people choose.")
    discount: Annotated[float, values.share("year")] | None = said("Yearly rate for lifetime value, such as `8% per year`.")


class Ours(Firm):
    """Our firm."""

    shortfall: Annotated[Any, values.each(values.number(0.0))] | None = said(
        "Points that staff deliver below the standard set by `quality`; one number or one an attribute. Source: the third of "
        "the five gaps, as in the article on why experiences disappoint; that standards slip: Oliva & Sterman 2001.")
    believes: Annotated[Any, values.each(values.number())] | None = said(
        "What we believe that customers expect (points), until research says otherwise; one number or one an attribute. Left "
        "out: our quality. Source: the first of the five gaps, as in the article on why experiences disappoint.")


class Whom(Mapped):
    """Whom a move is for: those of whom all that is written holds."""

    segment: Text | None = said("The segment they belong to. Left out: any.")
    from_visit: Annotated[int, values.whole(1, 10**9)] | None = said("The first visit that counts; 1 is a person's first. "
                                                                     "Left out: from the first on.")
    to_visit: Annotated[int, values.whole(1, 10**9)] | None = said("The last visit that counts. Left out: there is none.")
    disappointed: Annotated[bool, values.ONLY_TRUE] | None = said(
        "`true`: satisfaction at her last visit was below 0. Left out: whatever it was.")
    goodwill_below: Number | None = said("Her goodwill is below so many points. Left out: whatever it is.")


def _whom(value: object, whole: ValidatorFunctionWrapHandler) -> object:
    """A word stands as it is; a mapping is read key by key."""
    return whole(value) if isinstance(value, Mapping) else values.said(values.aim)(value)


To = Annotated[Whom, SerializeAsAny(), WrapValidator(
    _whom, json_schema_input_type=Literal["everyone", "after a disappointment", "at risk"] | Whom)]
_TO = ("Whom it is for: everyone, after a disappointment, at risk (goodwill below 0), or a mapping with one or more of "
       "segment, from_visit, to_visit, disappointed and goodwill_below, of which all must hold.")


class Dated(Mapped):
    """What all moves share."""

    at: Duration | None = said("When it starts, counted from the beginning; before the horizon; rounded to whole days.")
    until: Duration | None = said(
        "When it ends; after `at`, not past the horizon; rounded to whole days. Left out: the horizon.")
    cost: Number | None = said("What it costs.")


class Gradual(Dated):
    """A move that may take a while until it works in full."""

    over: Duration | None = said("How long until it works in full.")


class Timed(Gradual):
    """A move on one attribute, or on all of them."""

    attribute: Text | None = said("The attribute it works on. Left out: all of them.")


Budget = Annotated[float, values.above(0.0)]


def budget() -> Any:
    """What all moves share that cost something as they go."""
    return said("Money that it may cost over the whole horizon, all people of a replication together. What it has cost is "
                "added up every midnight; once so much is spent, it ends. Left out: no limit. Source: our assumption.")


class Surprise(Timed):
    __doc__ = CATALOGUE["surprise"].sentence

    size: Number = required("Points added to what she gets.")
    chance: Annotated[float, values.share("visit")] | None = said("Chance at a visit. Exactly one of chance, every, on_visit.")
    every: Annotated[str, values.VISITS] | None = said("At every n-th visit, such as `4 visits`.")
    on_visit: Annotated[int, values.whole(1, 10**9)] | None = said("Only on the visit with this number; 1 is the first.")
    kinds: Annotated[int, values.whole(1, 100)] | None = said("How many kinds of surprise rotate.")
    to: To | None = said(_TO.replace("goodwill below 0", "goodwill below `below`"))
    below: Number | None = said("The goodwill under which somebody is at risk; only with `to: at risk`.")
    cost: Number | None = said("Money each time it is given.")
    budget: Budget | None = budget()


class Upgrade(Timed):
    __doc__ = CATALOGUE["upgrade"].sentence

    by: Number = required("Points of quality added; negative takes away.")
    cost: Number | None = said("Money once, when it starts.")
    running: Money | None = said("Money at every visit from then on, such as `2 per visit`.")
    budget: Budget | None = budget()


class Promise(Timed):
    __doc__ = CATALOGUE["promise"].sentence

    level: Number = required("The points claimed.")
    reach: Share | None = said("Share of the people who hear it.")
    cost: Number | None = said("Money once, when it starts.")


class Consistency(Timed):
    __doc__ = CATALOGUE["consistency"].sentence

    by: Share = required("Share of the noise, and of the shortfall, that goes away.")
    cost: Number | None = said("Money once, when it starts.")
    running: Money | None = said("Money at every visit from then on, such as `2 per visit`.")
    budget: Budget | None = budget()


class Recovery(Gradual):
    __doc__ = CATALOGUE["recovery"].sentence

    remedy: Number = required("Points that the remedy is worth when it comes at once.")
    within: Duration | None = said("How long after the complaint the remedy comes: what it is worth fades with her patience.")
    apology: Number | None = said("Points that the apology is worth.")
    follow_up: Number | None = said("Points that asking afterwards is worth.")
    compensation: Annotated[float, values.number(0.0)] | None = said(
        "Money handed over each time; what it is worth to her is her `recovery.worth`.")
    share: Share | None = said("Share of the complaints that are dealt with.")
    proactive: Share | None = said("Share of the failures that are put right before she complains.")
    to: To | None = said(_TO)
    cost: Number | None = said("Money each time, beside the compensation.")
    budget: Budget | None = budget()


class Contact(Gradual):
    __doc__ = CATALOGUE["contact"].sentence

    first: Duration | None = said("When the first contact comes, counted from the visit.")
    second: Duration | None = said("When the second one comes, counted from the visit; after `first`.")
    every: LongDuration | None = said("Time between further contacts, until she comes again.")
    finds: Share | None = said("Chance that a contact brings out a disappointment she has not voiced.")
    refreshes: Share | None = said(
        "Share of the distance between her expectation and today's quality that a contact takes away.")
    to: To | None = said(_TO + " Judged at the visit.")
    cost: Number | None = said("Money a contact.")
    budget: Budget | None = budget()


class Tier(Mapped):
    """A status within a loyalty programme."""

    visits: Annotated[int, values.whole(1, 10**9)] = required(
        "Visits in a period that it takes: reached with the visit that makes up the number, it is held for the rest of the "
        "period and the next one, and lost after a period with fewer.")
    lift: Number = required("Points added to what its holders get at every visit.")
    cost: Money | None = said("Money at every visit of its holders, such as `2 per visit`.")


class Programme(Dated):
    __doc__ = CATALOGUE["programme"].sentence

    attribute: Text | None = said("The attribute that tiers lift. Left out: all of them.")
    tiers: dict[str, Tier] = required(
        "Its tiers by name, {visits, lift, cost} each, in ascending order of visits.")
    period: LongDuration | None = said(
        "How long a period is, a day or more; periods are counted from `at`; rounded to whole days.")
    cost: Number | None = said("Money once, when it starts.")
    budget: Budget | None = budget()


class File(Gradual):
    __doc__ = CATALOGUE["file"].sentence

    current: Share = required("Share of the people whose entry in the file is current.")
    cost: Number | None = said("Money once, when it starts.")
    running: Money | None = said("Money at every visit from then on, such as `2 per visit`.")
    budget: Budget | None = budget()


class Research(Dated):
    __doc__ = CATALOGUE["research"].sentence

    every: WholeDuration = required("Time between surveys, a day or more.")
    noise: Annotated[float, values.number(0.0)] | None = said("Spread (sd) of what a survey finds, in points.")
    bias: Number | None = said("Points by which surveys find more than is expected; less where negative.")
    lag: Duration | None = said("How long after a survey its result is believed.")
    cost: Number | None = said("Money a survey.")


class Match(Timed):
    __doc__ = CATALOGUE["match"].sentence

    by: Number | None = said("Points added to what is believed to be expected.")
    cost: Number | None = said("Money once, when it starts.")
    per_point: Money | None = said(
        "Money a visit for each weighted point that the standard is set above what it would be otherwise.")
    budget: Budget | None = budget()


class Staffing(Dated):
    __doc__ = CATALOGUE["staffing"].sentence

    by: Annotated[int, values.whole(-100_000, 100_000)] | None = said("How many more serve at once; fewer where negative.")
    hours: Annotated[float, values.number(-24.0, 24.0)] | None = said(
        "Hours a day that the firm is open longer; shorter where negative.")
    cost: Number | None = said("Money once, when it starts.")
    running: Annotated[str, values.PER_DAY] | None = said("Money a day from then on, such as `120 per day`.")


class Price(Gradual):
    __doc__ = CATALOGUE["price"].sentence

    by: Number = required("Money that a visit costs her more, and that the firm earns more at it; negative: less, though never "
                          "so much that the price falls below 0.")
    cost: Number | None = said("Money once, when it starts.")


class Winback(Gradual):
    __doc__ = CATALOGUE["winback"].sentence

    persuades: Share = required("Chance that the offer brings her back, where her goodwill is 0; the better she thinks of us "
                                "the larger, as it is for staying (`leaving.goodwill`).")
    after: WholeDuration | None = said("How long after her last visit the offer reaches her, a day or more; who comes back of "
                                       "her own accord before that gets none.")
    lift: Number | None = said("Points added to what she gets at her first visit back.")
    to: To | None = said(_TO + " Judged when she leaves.")
    cost: Number | None = said("Money for each customer won back, booked on the day she left.")
    budget: Budget | None = budget()


class Move(Mapped):
    """One move: a mapping with exactly one key, the name of the move."""

    surprise: Surprise | None = said(CATALOGUE["surprise"].sentence)
    upgrade: Upgrade | None = said(CATALOGUE["upgrade"].sentence)
    promise: Promise | None = said(CATALOGUE["promise"].sentence)
    consistency: Consistency | None = said(CATALOGUE["consistency"].sentence)
    recovery: Recovery | None = said(CATALOGUE["recovery"].sentence)
    contact: Contact | None = said(CATALOGUE["contact"].sentence)
    programme: Programme | None = said(CATALOGUE["programme"].sentence)
    file: File | None = said(CATALOGUE["file"].sentence)
    research: Research | None = said(CATALOGUE["research"].sentence)
    match: Match | None = said(CATALOGUE["match"].sentence)
    staffing: Staffing | None = said(CATALOGUE["staffing"].sentence)
    price: Price | None = said(CATALOGUE["price"].sentence)
    winback: Winback | None = said(CATALOGUE["winback"].sentence)


class Rival(Firm):
    """A firm that people hear of."""

    imitates: Imitates | None = said("Copies our quality some time later.")
    strategies: dict[str, list[Move]] | None = said(
        "What it might do, by name: lists of moves, of which it may have surprise, upgrade, promise, consistency, recovery, "
        "staffing and price; the others are for ours alone. Left out: it stands still.")
    plays: Text | None = said("Which of its strategies it plays. Left out: the first.")


class Expected(Mapped):
    """One thing that should come out, to be checked: {higher, than, in}, {lasts} or {fades}; strategies by name."""

    higher: Text | None = said("The strategy under which the outcome is higher.")
    than: Text | None = said("The strategy it is compared with; goes with `higher`.")
    in_: Annotated[str, values.choice(*OUTCOMES)] | None = Field(
        default=None, alias="in", description="The outcome; goes with `higher`.")
    lasts: Text | None = said("The strategy whose satisfaction in the last quarter of the time is still above zero.")
    fades: Text | None = said("The strategy whose satisfaction in the last quarter of the time is no longer above zero.")


class Watch(Mapped):
    """How we look for trouble: charts of complaints and of survey answers."""

    until: WholeDuration = required(
        "The time up to which all is as usual, before the horizon: what comes after is held against it; in whole days, "
        "and at least 12 times `every`.")
    every: WholeDuration | None = said("The time that one point of a chart stands for; rounded to whole days. Source: our "
                                       "assumption.")


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
    replications: Annotated[int, values.whole(1, MOST_REPLICATIONS)] | None = \
        said("How often everything is repeated with fresh luck.")
    currency: Annotated[str, values.text(20)] | None = said("What money is counted in.")
    outcome: Annotated[str, values.choice(*DECIDING)] | None = said("The outcome that decides the verdict.")
    watch: Watch | None = said(
        "How we look for trouble: how soon complaints, and how soon survey answers, show it. Left out: nobody looks.")
    market: Market = required("Who the people are and how often they come.")
    psyche: Psyche | None = said("What goes on in a customer; each key is one mechanism, off when left out.")
    service: dict[str, Attribute] | None = said("The attributes of the service. Left out: one, called `service`.")
    firms: Firms = required("Our firm, called `ours`, and the rivals.")
    strategies: dict[str, list[Move]] = required("What we might do, by name: lists of moves. The first is the baseline.")
