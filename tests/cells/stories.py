"""Small markets for everything that is lived in cells."""

from __future__ import annotations

PLAIN = """\
title: a market in cells
horizon: 40 days
seed: 5
replications: 6
market:
  people: 61
  visits: {every: 8 days}
  segments:
    regulars: {share: 70%, expects: {mean: 58, sd: 6}}
    others: {share: 30%, expects: 55}
psyche:
  learning: {up: 0.3, down: 0.2}
  leaving: {base: 10% per visit}
firms:
  ours: {quality: 60, noise: 4, margin: 12}
  neighbour: {quality: 58}
strategies:
  stand still: []
  small surprises: [{surprise: {size: 8, chance: 50%, cost: 1}}]
"""

TALKING = PLAIN.replace("  leaving: {base: 10% per visit}\n", "  leaving: {base: 10% per visit}\n  talk: {base: 0.3}\n"
                        "  listening: 0.2\n")

ASKING = PLAIN.replace("  small surprises:", "  ask: [{research: {every: 10 days, noise: 2}}, {match: {by: 1}}]\n"
                       "  small surprises:")

TOO_LARGE = PLAIN.replace("size: 8,", "size: 1e12,")
