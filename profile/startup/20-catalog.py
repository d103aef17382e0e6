"""catalog, in which RE records every run."""

session.open_catalog()
