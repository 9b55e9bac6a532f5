"""What must hold before the engine's libraries are loaded."""

import os

os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # threads that wait must not take the processor from others
