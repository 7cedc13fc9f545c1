"""Long checks that are commands, not tests: `python -m campaigns.NAME`. Last results: CONTRIBUTING.md."""
