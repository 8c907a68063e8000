"""Trouble that a person at the terminal can do something about."""

from __future__ import annotations


class DemoError(Exception):
    """One clear sentence that says what went wrong and what to do."""
