"""The installation from the inside: the parts a worker has, and the DNS that everybody asks."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import requests
from stack import Stack

from portal.clients.dns import Dns
from portal.demo.folder import Folder
from portal.services import Services, build
from portal.settings import load


def publish(stack: Stack, name: str, *values: str) -> None:
    """Put TXT records where the portal and Keycloak look; without values there are none."""
    requests.put(f"{stack.inbox_url}/dns/TXT/{name}", json=list(values), timeout=10).raise_for_status()


def background(stack: Stack, dns: Dns | None = None) -> Services:
    """The parts of a worker of this installation, its questions sent to another name server if one is given."""
    made = build(load({"PORTAL_CONFIG": str(Folder(Path(stack.folder)).config)}))
    return dataclasses.replace(made, dns=dns) if dns else made
