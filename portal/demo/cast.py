"""Who plays in the demonstration: the first letter of a name says the role."""

from __future__ import annotations

from dataclasses import dataclass, field

from portal.demo.organizations import ALL_ROLES, VIEW_ROLES
from portal.demo.people import Person

MEMBERS_ONLY = ("view-organization", "view-members", "manage-members", "view-roles")


@dataclass(frozen=True)
class Organization:
    """An organization and the roles its members hold, by username."""

    name: str
    display_name: str
    domains: tuple[str, ...] = ()
    members: dict[str, tuple[str, ...]] = field(default_factory=dict)
    parent: str = ""


def _umbrella(username: str, first: str, last: str, says: str, **more: object) -> Person:
    return Person(username, f"{username}@umbrella.test", first, last, says=says, **more)  # type: ignore[arg-type]


DEMO = (
    _umbrella(
        "olivia",
        "Olivia",
        "Ahlberg",
        "organization admin of Umbrella",
        attributes={
            "phone": ["+49 30 901820"],
            "street": ["Lindenallee 12"],
            "postalCode": ["10115"],
            "city": ["Berlin"],
            "country": ["DE"],
            "department": ["operations"],
            "employeeNumber": ["U-1001"],
            "languages": ["Swedish", "German", "English"],
            "bio": ["Keeps Umbrella's people and systems together."],
            "newsletter": ["release"],
        },
    ),
    _umbrella("vera", "Vera", "Novak", "viewer in Umbrella", attributes={"department": ["finance"], "country": ["CZ"]}),
    _umbrella("mona", "Mona", "Lindt", "manages the members of Umbrella", attributes={"department": ["people"]}),
    _umbrella("sam", "Sam", "Okafor", "support, a role of the portal itself", client_roles={"portal": ("support",)}),
    _umbrella(
        "una",
        "Una",
        "Berg",
        "ordinary user of Umbrella",
        attributes={"department": ["sales"], "languages": ["Norwegian"]},
    ),
    Person("nils", "nils@initech.test", "Nils", "Janssen", says="organization admin of Initech"),
    Person("bea", "bea@initech.test", "Bea", "Costa", says="viewer in Umbrella, admin of Initech"),
    Person(
        "pat",
        "pat@demo.test",
        "Pat",
        "Quinn",
        client_roles={"account": ("view-profile",)},
        default_roles=False,
        says="may look at the own profile and change nothing",
    ),
    Person(
        "rita",
        "rita@demo.test",
        "Rita",
        "Marsh",
        client_roles={"realm-management": ("realm-admin",)},
        says="operator, administrator of the realm",
    ),
)
IDP = (
    Person("dana", "dana@umbrella.test", "Dana", "Weiss", says="signs in through the identity provider Umbrella ID"),
)
OTHER = (Person("otto", "otto@other.test", "Otto", "Krause", says="a person of realm other"),)

ORGANIZATIONS = (
    Organization(
        "umbrella",
        "Umbrella",
        ("umbrella.test",),
        {"olivia": ALL_ROLES, "vera": VIEW_ROLES, "mona": MEMBERS_ONLY, "una": (), "bea": VIEW_ROLES},
    ),
    Organization("emea", "Umbrella EMEA", parent="umbrella"),
    Organization("initech", "Initech", (), {"nils": ALL_ROLES, "bea": ALL_ROLES}),
    Organization("hooli", "Hooli"),
)
