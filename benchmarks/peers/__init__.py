"""The workload written the way each other tool wants it written."""
