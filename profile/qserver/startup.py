"""What the queue server's worker has: RE, the station's devices, and the plans for people."""

from pathlib import Path

from bluesky_autofocus.session import Session
from plans.for_queue import queue_plans

session = Session(Path(__file__).parents[1] / "station.yml", share=globals().update)
session.open_catalog()
session.connect_station()
# Nothing is to be queued that could not run, or that would not be recorded.
session.require_all()
globals().update(
    queue_plans(session.station, ["stage", "camera"], lambda: session.recorder.flush(0.0))
)
