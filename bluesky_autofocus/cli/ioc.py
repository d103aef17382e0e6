"""`bluesky-autofocus ioc`: the simulated station as an IOC."""

import typer

__all__ = ["ioc"]


def ioc(context: typer.Context) -> None:
    """Serve the simulated stage, camera and scene over Channel Access until Ctrl-C.

    Takes the options of `python -m devices.sim`; `bluesky-autofocus ioc --help` lists them.

    Parameters
    ----------
    context : typer.Context
        Holds the options, as they are.
    """
    from devices.sim.command import main

    raise typer.Exit(main(context.args))
