"""Who a customer is: the frozen list of her traits, one number each.

A trait is a number that belongs to one person and never changes during a run: how fast she learns,
how much a loss hurts her, how often she comes. Rules read traits by the positions below; the
scenario's resolve fills them; a trait at its `off` value leaves the null model untouched.
"""

from typing import Final, NamedTuple


class Trait(NamedTuple):
    """One number of a person: where it is written in a scenario, and what it means.

    `key` is the path under `psyche:` (or `market.visits`); `off` switches the mechanism off;
    `low` and `high` are the allowed range (both allowed); `unit` is for people.
    """

    key: str
    off: float
    low: float
    high: float
    unit: str
    meaning: str
    source: str


INFINITE: Final = float("inf")
HOUR: Final = 1.0 / 24.0

TRAITS: Final = (
    Trait("learning.up", 0.0, 0.0, 1.0, "share of the gap", "how far expectation moves after a gain",
          "adaptive expectations: Johnson, Anderson & Fornell 1995"),
    Trait("learning.down", 0.0, 0.0, 1.0, "share of the gap", "how far expectation moves after a loss",
          "adaptive expectations: Johnson, Anderson & Fornell 1995"),
    Trait("learning.bayesian", -1.0, -1.0, INFINITE, "visits",
          "prior worth in visits: gain 1/(k0+n+1); -1 keeps constant gains",
          "Bayesian updating: Rust, Inman, Jia & Zahorik 1999"),
    Trait("surprise.credit", 1.0, 0.0, 1.0, "share", "how much of a surprise teaches the expectation",
          "chance-attributed benefits: Alavi, Bornemann & Wieseke 2015"),
    Trait("surprise.familiarity", 0.0, 0.0, 1.0, "share a visit", "how fast one kind of surprise grows familiar",
          "variety slows adaptation: Sheldon & Lyubomirsky 2012"),
    Trait("loss_aversion", 1.0, 0.0, 100.0, "times", "how much more a loss counts than a gain",
          "Anderson & Sullivan 1993"),
    Trait("curvature", 1.0, 0.1, 2.0, "exponent", "diminishing sensitivity of felt value",
          "Mittal, Ross & Baldasare 1998"),
    Trait("tolerance", 0.0, 0.0, 1000.0, "points", "half-width of the zone in which a gap is not felt",
          "zone of tolerance: Woodruff, Cadotte & Jenkins 1983"),
    Trait("delight.threshold", 0.0, 0.0, 1000.0, "points", "satisfaction above which a visit delights",
          "Ahrholdt, Gudergan & Ringle 2019"),
    Trait("delight.bonus", 0.0, 0.0, 1000.0, "points", "felt value that a delighting visit adds",
          "Ahrholdt, Gudergan & Ringle 2019"),
    Trait("forgetting.half_life", INFINITE, 0.0, INFINITE, "days",
          "time in which half of the distance between expectation and norm is forgotten; infinite: never",
          "forgetting delight: Rust & Oliver 2000"),
    Trait("norm.weight", 0.0, 0.0, 1.0, "share", "how much a norm above her expectation raises the standard",
          "will and should expectations: Boulding, Kalra, Staelin & Zeithaml 1993"),
    Trait("norm.learns.up", 0.0, 0.0, 1.0, "share of the gap", "how far the norm moves toward a better rival",
          "experience-based norms: Woodruff, Cadotte & Jenkins 1983"),
    Trait("norm.learns.down", 0.0, 0.0, 1.0, "share of the gap", "how far the norm moves toward a worse rival",
          "experience-based norms: Woodruff, Cadotte & Jenkins 1983"),
    Trait("norm.hears_rivals_every", INFINITE, 0.0, INFINITE, "days", "mean time between hearing of a rival; infinite: never",
          "experience-based norms: Woodruff, Cadotte & Jenkins 1983"),
    Trait("norm.hears_rivals", 0.0, 0.0, 1.0, "per visit", "chance of hearing of a rival before a visit",
          "experience-based norms: Woodruff, Cadotte & Jenkins 1983"),
    Trait("norm.noise", 0.0, 0.0, 1000.0, "points", "spread of what she hears about a rival around the truth",
          "our assumption: hearsay is imprecise"),
    Trait("norm.spillover", 0.0, 0.0, 1.0, "share of the gap", "how far hearing of a rival moves her expectation itself",
          "comparison with rivals: Keiningham et al. 2015"),
    Trait("norm.upward_only", 0.0, 0.0, 1.0, "0 or 1", "1: only better rivals spill into her expectation",
          "our assumption, to be switched"),
    Trait("peak", 0.0, 0.0, 1.0, "share", "how much the best visit remembered raises the standard",
          "peak memory: service mirror of Nasiry & Popescu 2011"),
    Trait("assimilation", 0.0, 0.0, 1.0, "share", "how far perception is drawn to the standard",
          "Boulding, Kalra & Staelin 1999"),
    Trait("goodwill.memory", 0.0, 0.0, 1.0, "share a visit", "how fast goodwill follows felt value",
          "cumulative satisfaction as anchor: Bolton 1998"),
    Trait("goodwill.starts", 0.0, -INFINITE, INFINITE, "points", "goodwill before the first visit",
          "our assumption: strangers start neutral"),
    Trait("leaving.base", 0.0, 0.0, 1.0, "per visit", "chance of leaving after a visit at goodwill 0",
          "Bolton 1998; Fader & Hardie 2007"),
    Trait("leaving.goodwill", 0.0, 0.0, INFINITE, "log-odds a point", "how strongly goodwill keeps her",
          "Bolton 1998; Jones & Sasser 1995"),
    Trait("leaving.tenure", 0.0, -10.0, 10.0, "log-odds per log visit", "how leaving changes with the number of visits made",
          "Bolton 1998"),
    Trait("returning.share", 0.0, 0.0, 1.0, "share", "chance that somebody who leaves will come back",
          "our assumption: a market is a fixed set of people"),
    Trait("returning.after", 365.0, 0.0, INFINITE, "days", "mean time until she comes back",
          "our assumption: a market is a fixed set of people"),
    Trait("visits.every", 30.0, 0.0, INFINITE, "days", "mean time between visits at goodwill 0",
          "stated by the scenario"),
    Trait("visits.random", 1.0, 0.0, 1.0, "0 or 1", "1: gaps are exponential; 0: gaps are fixed",
          "random purchase timing: Fader & Hardie 2007"),
    Trait("visits.goodwill", 0.0, 0.0, INFINITE, "log a point", "how strongly goodwill shortens the mean gap",
          "Bolton 1998"),
    Trait("visits.shortest", HOUR, HOUR, INFINITE, "days", "the mean gap is never shorter",
          "stated by the scenario"),
    Trait("visits.longest", INFINITE, 0.0, INFINITE, "days", "the mean gap is never longer",
          "stated by the scenario"),
    Trait("complaining.shortfall", 0.0, 0.0, INFINITE, "per point", "how the chance to complain grows with the shortfall",
          "complaint rate by satisfaction: Hult & Morgeson 2023"),
    Trait("trust.starts", 0.0, 0.0, 1.0, "share", "how far a promise moves her expectation",
          "advertised quality and expectations: Kopalle & Lehmann 2006"),
    Trait("trust.falls", 0.0, 0.0, 1.0, "share", "trust lost with each promise broken",
          "Kopalle & Lehmann 2006"),
    Trait("survey.gap", 1.0, 0.0, 10.0, "points a point", "how strongly a survey answer follows the gap beside the level",
          "Anderson & Sullivan 1993"),
    Trait("complaining.base", 0.0, 0.0, 1.0, "per visit", "chance to complain whatever the visit was: the trade's base rate",
          "complaint rate by satisfaction: Hult & Morgeson 2023"),
    Trait("complaining.vents", 0.0, 0.0, 1.0, "share", "how much of a bad visit's weight on goodwill speaking up takes away",
          "our assumption: complaining works off part of the feeling"),
    Trait("failures.beyond", 0.0, 0.0, 1000.0, "points", "shortfall of a visit beyond which it counts as a failure",
          "our assumption"),
    Trait("failures.memory", 0.0, 0.0, 1.0, "share a visit", "how fast her share of failures follows what happens",
          "our assumption; the failure outlives its recovery: Soares & Proença 2015"),
    Trait("leaving.failures", 0.0, 0.0, INFINITE, "log-odds", "how strongly the share of failures remembered drives her away",
          "Soares & Proença 2015"),
    Trait("recovery.weight", 0.0, 0.0, INFINITE, "times", "how much a recovery, or its absence, counts beside the visit itself",
          "Maxham & Netemeyer 2002"),
    Trait("recovery.expects", 0.0, -INFINITE, INFINITE, "points", "the recovery she expects before she has seen one",
          "recovery expectations: Maxham & Netemeyer 2002"),
    Trait("recovery.learning", 0.0, 0.0, 1.0, "share of the gap", "how far the recovery expected moves toward the one received",
          "recovery expectations: Maxham & Netemeyer 2002"),
    Trait("recovery.patience", INFINITE, 0.0, INFINITE, "days", "delay that halves what a remedy is worth; infinite: never",
          "our assumption; quick resolution keeps more: Goodman & Newman 2003"),
    Trait("recovery.worth", 0.0, 0.0, INFINITE, "points a unit of money", "what compensation is worth to her",
          "our assumption"),
    Trait("survey.answers", 1.0, 0.0, 1.0, "share", "chance to answer a survey after a visit that was as expected",
          "our assumption"),
    Trait("survey.extremes", 0.0, 0.0, INFINITE, "per point", "how strong feelings, good or bad, make an answer likelier",
          "our assumption; talk rises at both extremes: Anderson 1998"),
    Trait("survey.noise", 0.0, 0.0, 10.0, "of 0 to 10", "spread of what she ticks around what she means",
          "our assumption"),
    Trait("survey.feels", 1.0, 0.0, 1000.0, "points", "felt value beyond which she likes or dislikes an attribute",
          "our assumption"),
    Trait("served", 0.0, -1000.0, 1000.0, "points", "how much better or worse than others she is served, visit after visit",
          "our assumption: branches, houses and clerks differ"),
    Trait("choosing", 0.0, 0.0, 1.0, "0 or 1", "1: she chooses among firms at each occasion; 0: she always comes to ours",
          "random utility: McFadden 1974"),
    Trait("choosing.value", 0.0, 0.0, INFINITE, "log-odds a point",
          "how strongly she goes by what she expects of a firm, against her norm", "Rust, Inman, Jia & Zahorik 1999"),
    Trait("choosing.goodwill", 0.0, 0.0, INFINITE, "log-odds a point", "how strongly she goes by goodwill",
          "cumulative satisfaction as anchor: Bolton 1998"),
    Trait("choosing.price", 0.0, 0.0, INFINITE, "log-odds a unit of money", "how strongly a firm's price puts her off",
          "our assumption"),
    Trait("choosing.switching", 0.0, 0.0, INFINITE, "log-odds", "what holds her at the firm of her last visit",
          "switching costs: Chebat & Ben-Amor"),
    Trait("choosing.away", -INFINITE, -INFINITE, INFINITE, "log-odds",
          "how staying away compares with a free firm that she expects to be as good as her norm", "our assumption"),
)

(LEARN_UP, LEARN_DOWN, BAYESIAN, CREDIT, FAMILIARITY, LOSS_AVERSION, CURVATURE, TOLERANCE,
 DELIGHT_THRESHOLD, DELIGHT_BONUS, HALF_LIFE, NORM_WEIGHT, NORM_UP, NORM_DOWN, HEARS_EVERY, HEARS_CHANCE,
 HEARS_NOISE, SPILLOVER, UPWARD_ONLY, PEAK, ASSIMILATION, GOODWILL_MEMORY, GOODWILL_STARTS, LEAVING_BASE,
 LEAVING_GOODWILL, LEAVING_TENURE, RETURN_SHARE, RETURN_AFTER, EVERY, RANDOM, EVERY_GOODWILL, SHORTEST,
 LONGEST, COMPLAINING, TRUST, TRUST_FALLS, SURVEY_GAP, COMPLAINING_BASE, VENTS, FAILS_BEYOND, FAILURE_MEMORY,
 LEAVING_FAILURES, RECOVERY_WEIGHT, RECOVERY_EXPECTS, RECOVERY_LEARNING, PATIENCE, WORTH, ANSWERS, EXTREMES,
 SURVEY_NOISE, FEELS, SERVED, CHOOSES, CHOOSING_VALUE, CHOOSING_GOODWILL, CHOOSING_PRICE, SWITCHING,
 STAYING_AWAY) = range(len(TRAITS))
