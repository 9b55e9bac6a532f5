"""PyInstaller's own hook, but for the files that are left out: here, so that what only they need stays out as well."""

from parts import left_out
from PyInstaller.utils.hooks.qt import add_qt6_dependencies

hiddenimports, binaries, datas = add_qt6_dependencies(__file__)
binaries = [(source, folder) for source, folder in binaries if not left_out(source)]
datas = [(source, folder) for source, folder in datas if not left_out(source)]
