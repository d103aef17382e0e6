"""The command line: the only part that may use plans and devices."""

from typing import Annotated

import typer

from bluesky_autofocus import __version__

from .benchmark import benchmark
from .calibrate import calibrate
from .catalog import catalog
from .demo import demo
from .evaluate import evaluate
from .fuse import fuse
from .ioc import ioc
from .json_command import JsonCommand
from .replay import replay
from .study import study
from .train import train

__all__ = ["app"]

app = typer.Typer(
    name="bluesky-autofocus",
    help="Drop-in autofocus for Bluesky beamlines and microscopes.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.command(cls=JsonCommand)(demo)
app.command(cls=JsonCommand)(evaluate)
app.command(cls=JsonCommand)(train)
app.command(cls=JsonCommand)(calibrate)
app.command(cls=JsonCommand)(replay)
app.command(cls=JsonCommand)(fuse)
app.add_typer(benchmark, name="benchmark")
app.add_typer(catalog, name="catalog")
app.add_typer(study, name="study")
app.command(
    context_settings={
        "allow_extra_args": True,
        "ignore_unknown_options": True,
        # The simulation's own parser explains its options.
        "help_option_names": [],
    }
)(ioc)


def _print_version(asked: bool) -> None:
    if asked:
        typer.echo(__version__)
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version and exit."
        ),
    ] = False,
) -> None:
    pass
