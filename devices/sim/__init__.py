"""Simulated IOCs of an autofocus station."""

import os

# caproto gathers monitors for 10 ms before it sends them; a real IOC sends them at once. It reads
# this when it is imported.
os.environ.setdefault("CAPROTO_SERVER_HIGH_LOAD_TIMEOUT_SEC", "0.001")
