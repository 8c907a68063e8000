"""Those without a token of their own reach the organizations they were made for, and no other."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from portal.access_grant import holder, holder_of_all
from portal.clients.http import Http
from portal.clients.orgs_service import ServiceOrgs
from portal.clients.orgs_types import Organization
from portal.errors import Denied, NotFound
from portal.settings import Realm

MINE, OTHER = "11111111-1111-4111-8111-111111111111", "22222222-2222-4222-8222-222222222222"


class Sent(Http):
    """Takes down what would be sent."""

    def __init__(self) -> None:
        super().__init__()
        self.paths: list[str] = []

    def send(self, method: str, url: str, **_: Any) -> Any:
        self.paths.append(f"{method} {url.rpartition('/realms/x')[2]}")
        raise AssertionError("sent")


@pytest.fixture
def sent() -> Sent:
    return Sent()


@pytest.fixture
def service(sent: Sent) -> ServiceOrgs:
    realm = Realm(name="x", keycloak_url="http://127.0.0.1:1", client_secret="s", setup_client_secret="s")
    return ServiceOrgs({"x": realm}, sent)


@pytest.mark.parametrize("reference", [OTHER, f"{MINE}/../{OTHER}", "..", ""])
def test_another_organization_is_never_asked_for(service: ServiceOrgs, sent: Sent, reference: str) -> None:
    orgs = service.reaching(holder("x", "link:1", MINE))
    of_somebody = partial(orgs.roles_of, user_id=MINE)
    for call in (orgs.organization, orgs.domains, orgs.delete, orgs.members, orgs.roles, of_somebody):
        with pytest.raises(NotFound):
            call(reference)
    assert sent.paths == []


def test_it_makes_no_organization(service: ServiceOrgs, sent: Sent) -> None:
    with pytest.raises(Denied):
        service.reaching(holder("x", "link:1", MINE)).create(Organization("", "new", ""))
    assert sent.paths == []


def test_roles_held_in_its_own_are_asked_for(service: ServiceOrgs) -> None:
    with pytest.raises(AssertionError, match="sent"):
        service.reaching(holder("x", "key:1", MINE)).roles_of(MINE, OTHER)


def test_its_own_is_asked_for(service: ServiceOrgs, sent: Sent) -> None:
    with pytest.raises(AssertionError, match="sent"):
        service.reaching(holder("x", "link:1", MINE)).organization(MINE)
    assert sent.paths == ["POST /protocol/openid-connect/token"]


def test_without_a_name_nothing_is_reached(service: ServiceOrgs, sent: Sent) -> None:
    with pytest.raises(NotFound):
        service.reaching(holder("x", "link:1")).organization(MINE)
    assert sent.paths == []


def test_a_key_for_everything_reaches_any(service: ServiceOrgs, sent: Sent) -> None:
    with pytest.raises(AssertionError, match="sent"):
        service.reaching(holder_of_all("x", "key:1")).organization(OTHER)
    assert sent.paths == ["POST /protocol/openid-connect/token"]
