"""What must hold before the engine's libraries are loaded."""

import os
import signal

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that wait must not take the processor from others

# a shell's background job ignores Ctrl-C and so do its children: the tests of it must not depend on who starts them
signal.signal(signal.SIGINT, signal.default_int_handler)
