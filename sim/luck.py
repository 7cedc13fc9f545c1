"""Luck: every chance of every customer, looked up by name instead of drawn from a stream.

`luck(seed, replication, customer, occasion, purpose, index)` is a pure function, Philox4x32-10 (Salmon, Moraes,
Dror & Shaw 2011, "Parallel random numbers: as easy as 1, 2, 3"): the same customer at the same occasion has the
same luck whatever the strategy, however many others there are, and in whatever order anyone is served.

The counter is (customer, occasion, purpose and index, replication), the key is the 64-bit seed, so two
replications or two purposes never share a draw. Plain integers with masks: the same text runs in CPython
and compiled, where signed 64-bit products wrap and are then masked.
"""

from typing import Final

PEOPLE: Final = 0
"""Who she is: index 0 her segment, 1 the phase of her first visit, 2 whether she is a customer at the start."""
SERVICE: Final = 1
"""What she is given: delivery noise of attribute k is index 2k, surprise move s of the firm she is at is index 2s + 1: the
first two share a call. She is at one firm at a time, so firms with the same surprises surprise her with the same luck."""
HEARSAY: Final = 2
"""Whom she heard of, one index an exposure."""
HEARD_LEVEL: Final = 3
"""How wrongly she heard it, one index an exposure and attribute."""
REACH: Final = 4
"""Whether a campaign reaches her: promise p of firm j, ours being firm 0, is index 64·j + p."""
TRAIT: Final = 5
"""Her traits, one index each. This list, like that of traits, only ever grows at its end: results stay what they were."""
STARTING: Final = 6
"""Her starting expectation, one index an attribute."""
STARTING_NORM: Final = 7
"""Her starting norm, one index an attribute."""

CHOICES: Final = 8
"""Purpose of the four choices of a visit: leave, gap, complain, hear; they share one call."""
RETURN: Final = 9
"""Whether (index 0) and when (index 1) somebody who leaves comes back."""
RECOVERY: Final = 10
"""Index 0: whether a failure is mended before she complains; 1: whether her complaint is dealt with."""
CONTACT: Final = 11
"""Index 0: whether she is followed up after this visit; 1: whether a contact finds what she did not say."""
SURVEY: Final = 12
"""Index 0: whether she answers; 1 and 2: how her answers on satisfaction and on expectation stray."""
RESEARCH: Final = 13
"""How a firm's research strays: the place of the customer is the attribute's, that of the occasion the survey's number."""
FILE: Final = 14
"""Whether the firm keeps her file current: index 0, before any occasion."""
FIRM: Final = 15
"""Where she goes at an occasion: index 0 is for staying away, index 1 + j for firm j, ours being firm 0."""
NETWORK: Final = 16
"""Whom she hears, before any occasion: how her ties are laid, one index a tie and attempt."""
JOIN: Final = 17
"""Whether somebody who is no customer yet joins at an occasion."""
TALK: Final = 18
"""Index 0: whether she tells of a visit; index 1 + j: how many words of firm j she hears at an occasion."""
WAIT: Final = 19
"""How long it takes to serve her at a visit."""
WINBACK: Final = 20
"""Whether an offer brings back somebody who leaves after this visit."""
WORD: Final = 21
"""Whether the words that she hears where everybody hears everybody praise or blame: the n-th of firm j is index 1024·j + n."""

LOW: Final = 0xFFFFFFFF
FIRST: Final = 0xD2511F53
SECOND: Final = 0xCD9E8D57


def philox(c0: int, c1: int, c2: int, c3: int, k0: int, k1: int) -> tuple[int, int, int, int]:
    """Four 32-bit words from a 128-bit counter and a 64-bit key: Philox4x32, ten rounds."""
    for _ in range(10):
        p0 = FIRST * c0
        p1 = SECOND * c2
        c0, c1, c2, c3 = ((p1 >> 32) & LOW) ^ c1 ^ k0, p1 & LOW, ((p0 >> 32) & LOW) ^ c3 ^ k1, p0 & LOW
        k0 = (k0 + 0x9E3779B9) & LOW
        k1 = (k1 + 0xBB67AE85) & LOW
    return c0, c1, c2, c3


def pair(low: int, high: int, replication: int, customer: int, occasion: int, purpose: int, block: int
         ) -> tuple[float, float]:
    """Two uniforms in [0, 1), 53 bits each: indices 2·block and 2·block + 1 of a purpose. `low`, `high`: the seed's words."""
    w0, w1, w2, w3 = philox(customer, occasion, ((block & 0xFFFFFF) << 8) | purpose, replication, low, high)
    return (((w0 >> 5) * 67108864.0 + (w1 >> 6)) * 1.1102230246251565e-16,
            ((w2 >> 5) * 67108864.0 + (w3 >> 6)) * 1.1102230246251565e-16)


def four(low: int, high: int, replication: int, customer: int, occasion: int, purpose: int
         ) -> tuple[float, float, float, float]:
    """Four uniforms in [0, 1), 32 bits each, from one call: enough where a chance of 2⁻³² makes no difference."""
    w0, w1, w2, w3 = philox(customer, occasion, purpose, replication, low, high)
    return (w0 * 2.3283064365386963e-10, w1 * 2.3283064365386963e-10, w2 * 2.3283064365386963e-10,
            w3 * 2.3283064365386963e-10)


def luck(low: int, high: int, replication: int, customer: int, occasion: int, purpose: int, index: int) -> float:
    """One uniform in [0, 1): the customer's luck at this occasion for this purpose."""
    even, odd = pair(low, high, replication, customer, occasion, purpose, index >> 1)
    return odd if index & 1 else even
