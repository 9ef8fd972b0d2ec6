"""The scripts and styles that draw cards as Space does; the emulated Space serves the same files."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint

blueprint = Blueprint(
    "drawing",
    __name__,
    static_folder=Path(__file__).parent.parent / "drawing",
    static_url_path="/playground/drawing",
)
