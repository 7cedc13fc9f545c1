"""What people write: scenario files, read with every mistake told, and resolved to a market.

Nothing heavy is imported here; `load`, `resolve` and `schema` import pydantic and the YAML reader when they are used.
"""
