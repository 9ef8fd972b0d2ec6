"""Where the scripts and styles are that draw cards as Space does; the emulated Space serves the same files."""

from __future__ import annotations

from pathlib import Path

FOLDER = Path(__file__).parent.parent / "drawing"
