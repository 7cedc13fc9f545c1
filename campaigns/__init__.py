"""Long campaigns: what takes too long to be a test. Each is a command; CONTRIBUTING.md has their last results."""
