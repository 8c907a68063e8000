"""The command line as a principal, and what its commands have in common."""

from portal.console.frame import Deed, add_deeds, run_deed
from portal.console.principal import CONSOLE, console_actor

__all__ = ["CONSOLE", "Deed", "add_deeds", "console_actor", "run_deed"]
