"""Work split into cells, lived anywhere: here, by processes, on a cluster; each finished one is stored under its content.

A cell is some replications of one strategy on one market. Its address is a digest of all that its result depends on, so that
an interrupted study goes on where it stopped and an edited one makes again only what changed.
"""
