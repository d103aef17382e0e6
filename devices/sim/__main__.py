"""`python -m devices.sim`: the simulated station as a process."""

import os
import sys

if __name__ == "__main__":
    # Read by caproto when it is imported: it waits this long for more updates before it sends one.
    os.environ.setdefault("CAPROTO_SERVER_HIGH_LOAD_TIMEOUT_SEC", "0.002")

    from devices.sim.command import main

    sys.exit(main())
