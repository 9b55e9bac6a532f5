"""The programs that need no Python, as PyInstaller makes them: make bundle, make installer."""
