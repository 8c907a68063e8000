"""The console script `portal`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from importlib import import_module

COMMANDS = {
    "demo": ("portal.demo.command", "start everything on this machine, with a real Keycloak"),
    "serve": ("portal.serve", "serve the portal"),
    "worker": ("portal.worker", "deliver mails and do long work, beside the server"),
    "connect": ("portal.connect.command", "give an existing Keycloak realm what the portal needs"),
    "doctor": ("portal.doctor.command", "check a configuration and say what to mend"),
    "key": ("portal.keys.command", "make, list and revoke the keys of programs"),
    "link": ("portal.links.command", "make, list and revoke the setup links of an organization"),
    "db": ("portal.store.command", "the portal's own database"),
    "org": ("portal.organizations.command", "list, make, show and delete organizations"),
    "settings": ("portal.realm_settings.command", "show and change a realm's settings"),
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit code. A command's module is loaded only when it is asked for."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    name = arguments[0] if arguments else ""
    if name not in COMMANDS:
        return _overview(name)
    module_name, about = COMMANDS[name]
    module = import_module(module_name)
    parser = argparse.ArgumentParser(f"portal {name}", description=about.capitalize() + ".")
    module.add_arguments(parser)
    return int(module.run(parser.parse_args(arguments[1:])))


def _overview(name: str) -> int:
    wanted = name in {"-h", "--help"}
    out = sys.stdout if wanted else sys.stderr
    if name and not wanted:
        print(f"portal: there is no command {name!r}.", file=out)
    print("usage: portal <command> [options]\n", file=out)
    for command, (_, about) in COMMANDS.items():
        print(f"  {command:<9}{about}", file=out)
    print("\nportal <command> --help says more.", file=out)
    return 0 if wanted else 2


if __name__ == "__main__":
    sys.exit(main())
