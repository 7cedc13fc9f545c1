"""A comparison as figures and one page: `figures`, `words`, `page`; their look: `style`; levels by visit: `curves`."""
