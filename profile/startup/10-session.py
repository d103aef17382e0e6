"""RE, with the live view; an error of ours is said in one sentence."""

from pathlib import Path

from bluesky_autofocus.session import Session, say_errors

session = Session(
    Path(get_ipython().profile_dir.location) / "station.yml",
    share=get_ipython().push,
)
say_errors(get_ipython())
# Python ends the catalog's threads before it would end the recorder: nothing must wait by then.
get_ipython().events.register("post_run_cell", lambda result: session.settle())
