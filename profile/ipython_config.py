"""IPython's settings: `ipython --profile-dir=profile`."""

# IPython gives this file get_config; the one of traitlets makes settings that nobody reads.
c = get_config()  # noqa: F821
# A plans.py in the working directory must not take the place of our package.
c.InteractiveShellApp.ignore_cwd = True
c.TerminalInteractiveShell.banner1 = ""
