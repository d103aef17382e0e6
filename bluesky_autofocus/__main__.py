"""`python -m bluesky_autofocus`, which is also how `torchrun` starts the command."""

from .cli import app

app()
