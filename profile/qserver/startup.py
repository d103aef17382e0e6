"""What the queue server's worker has: RE, the station's devices, and the plans for people."""

from multiprocessing.util import Finalize
from pathlib import Path

from bluesky_autofocus.session import Session
from plans.for_queue import queue_plans

session = Session(Path(__file__).parents[1] / "station.yml", share=globals().update)
session.open_catalog()
session.connect_station()
# Nothing is to be queued that could not run, or that would not be recorded.
session.require_all()
# The worker ends without Python's usual goodbyes: the last run is to be in the catalog by then.
Finalize(None, session.settle, exitpriority=1)

globals().update(queue_plans(session.station, ["stage", "camera"]))
