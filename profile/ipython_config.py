"""IPython's settings: `ipython --profile-dir=profile`."""

from traitlets.config import get_config

c = get_config()
# A plans.py in the working directory must not take the place of our package.
c.InteractiveShellApp.ignore_cwd = True
c.TerminalInteractiveShell.banner1 = ""
