"""The patch search of the CPU, compiled when the bundle is made.

In an environment numba compiles it at first use, and keeps that on disk. A bundle would have to bring the compiler, 170
MB of it, to be made to wait at its first start, and to find a place to write to. The module that is made here has the
name of the other and its functions, and needs numpy only.
"""

from __future__ import annotations

import importlib
import sys
import warnings
from pathlib import Path

FLAT, MATCHES = "float32[::1]", "int32[::1]"
WHOLE = "int64"
SIGNATURES = {
    "search": (
        *(FLAT, FLAT, "boolean[::1]", MATCHES, MATCHES, "UniTuple(int64, 3)"),
        *(WHOLE, WHOLE, WHOLE, WHOLE, WHOLE, WHOLE, WHOLE, "UniTuple(boolean, 2)"),
    ),
    "vote": (
        *(MATCHES, FLAT, "float32[:, ::1]", FLAT, "UniTuple(int64, 3)"),
        *(WHOLE, WHOLE, WHOLE, "UniTuple(boolean, 2)"),
    ),
}
"""The types of the arguments, as denoisers/nearest.py gives them."""
PROCESSOR = "generic"
"""Any of its kind: measured as fast as code for the one at hand, and a newer one's instructions would end the program
on an older one."""


def compile_module(name: str, folder: Path) -> Path:
    """Compile a module's functions, into a module of the same name. folder: for its file, whose path is returned."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # numba has announced to replace this compiler, and has no other yet
        from numba.pycc import cc, compiler
    source = importlib.import_module(name)
    compiler.__dict__["Flags"] = _flags  # there is no other way to have them
    made = cc.CC(name.rpartition(".")[2], source_module=source)
    made.output_dir, made.target_cpu = str(folder), PROCESSOR
    for function, types in SIGNATURES.items():
        made.export(function, f"void({', '.join(types)})")(getattr(source, function).py_func)
    made.compile()
    return folder / made.output_file


def _flags():
    """What njit(nogil=True, fastmath=True) sets."""
    from numba.core.compiler import Flags

    flags = Flags()
    for name in ("release_gil", "fastmath"):
        setattr(flags, name, True)
    return flags


if __name__ == "__main__":
    print(compile_module(sys.argv[1], Path(sys.argv[2])))
