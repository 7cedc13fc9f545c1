"""One workload, ours and the peers': who simulates it how fast, and whether all give the same answer."""
