"""What the person at the terminal reads once everything answers."""

from __future__ import annotations

from portal.demo import cast
from portal.demo.stage import Stage


def summary(stage: Stage) -> str:
    """Addresses, people and how to go on, in at most 80 columns where possible."""
    portal = f"{stage.addresses.portal}/demo/" if stage.with_portal else "(not started)"
    places = [
        ("Portal", portal),
        ("Application with a portal link", stage.addresses.sample),
        ("Inbox", f"http://localhost:{stage.ports.inbox}"),
        (
            "Keycloak",
            f"{stage.keycloak.base_url}/admin/  ({stage.keycloak.admin_username}, {stage.keycloak.admin_password})",
        ),
    ]
    people = [(person.username, stage.passwords[person.username], person.says) for person in cast.DEMO]
    guests = [(person.username, stage.passwords[person.username], person.says) for person in (*cast.IDP, *cast.OTHER)]
    lines = ["", "Everything answers.", ""]
    lines += [f"  {title:<32}{address}" for title, address in places]
    lines += ["", "  Sign in as", *map(_person, people), *map(_person, guests)]
    lines += [f"  Domain {domain} could not be proved." for domain in stage.seeded.unproved]
    lines += [
        "",
        f"  Details: {stage.folder.info}    Ctrl-C stops it, the data is kept; make demo-reset begins afresh.",
    ]
    return "\n".join(lines)


def _person(row: tuple[str, str, str]) -> str:
    name, password, says = row
    return f"    {name:<8}{password:<36}{says}"
