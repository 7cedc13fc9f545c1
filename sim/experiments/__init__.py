"""Questions asked of runs: which strategy is better, by how much, and how sure that is."""
