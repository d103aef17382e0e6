"""What all tests need of the process that they run in."""

import signal


def pytest_configure() -> None:
    """Hear Ctrl-C, and let commands hear it: in the background of a script it is ignored."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
