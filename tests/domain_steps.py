"""What tests about domains do again and again: publish records, look at pages, let time pass."""

from __future__ import annotations

import html
import re
import uuid
from datetime import timedelta
from typing import Any

from cast import Client
from inside import background, publish
from organization_holdings import Place
from sqlalchemy import select, update
from stack import Stack
from waiting import eventually

from portal.domains import upkeep
from portal.domains.records import record_name, record_value
from portal.mail.delivery import deliver
from portal.services import Services
from portal.store import domains
from portal.store.models import AuditRow
from portal.store.models_organizations import Domain

AS_IT_WAS, WITH_DISCOVERY = "browser", "browser-with-discovery"
DISCOVERY = "ext-auth-home-idp-discovery"
BEFORE_THE_FORMS = 29


def add_discovery(stack: Stack, realm: str) -> None:
    """A second browser flow, with the extension's discovery before the forms; not in use yet."""
    admin = stack.admin()
    flows = f"/admin/realms/{realm}/authentication/flows"
    admin.post(f"{flows}/{AS_IT_WAS}/copy", {"newName": WITH_DISCOVERY})
    executions = f"{flows}/{WITH_DISCOVERY}/executions"
    admin.post(f"{executions}/execution", {"provider": DISCOVERY, "priority": BEFORE_THE_FORMS})
    (made,) = [each for each in admin.get(executions) if each.get("providerId") == DISCOVERY]
    admin.put(executions, {**made, "requirement": "ALTERNATIVE"})


def use(stack: Stack, realm: str, flow: str) -> None:
    """Make it the flow that people sign in with."""
    stack.admin().put(f"/admin/realms/{realm}", {"realm": realm, "browserFlow": flow})


def fresh() -> str:
    """A domain of this test's own."""
    return f"d{uuid.uuid4().hex[:12]}.test"


def prove(place: Place, domain: str) -> None:
    """Publish the right record."""
    publish(place.stack, record_name(domain), record_value(domain, place.id))


def forget(place: Place, domain: str) -> None:
    """The record disappears."""
    publish(place.stack, record_name(domain))


def add(place: Place, domain: str) -> Any:
    """Add a domain through the page."""
    return place.browser.post(f"o/{place.name}/domains", {"domain": domain})


def check(place: Place, domain: str) -> str:
    """Press "Check now"; what the domain's page says then."""
    answer = place.browser.post(f"o/{place.name}/domains/{domain}/check", follow=True)
    assert answer.status_code == 200, answer.text
    return words(answer.text)


def verified(place: Place, domain: str) -> None:
    """Add a domain whose record is there already."""
    prove(place, domain)
    assert add(place, domain).status_code == 303
    assert in_keycloak(place) == {**in_keycloak(place), domain: True}


def in_keycloak(place: Place) -> dict[str, bool]:
    """The organization's domains as Keycloak has them, and whether they are verified."""
    admin = place.stack.admin()
    found = admin.get(f"/realms/{place.realm}/orgs/{place.id}/domains") or ()
    admin.close()
    return {each["domain_name"]: each["verified"] for each in found}


def shown(client: Client, place: Place, path: str = "") -> str:
    """A page of the room, as words."""
    answer = client.get(f"o/{place.name}/domains{path}")
    assert answer.status_code == 200, answer.text
    return words(answer.text)


def words(page: str) -> str:
    """What stands in the main part, values of fields included."""
    body = page.partition("<main")[2].partition("</body>")[0]
    body = re.sub(r'<input type="hidden"[^>]*>', " ", body)
    body = re.sub(r'<input[^>]* value="([^"]*)"[^>]*>', r" \1 ", body)
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", body)).split())


def row(place: Place, domain: str) -> Domain | None:
    """What the portal keeps of it."""
    store = place.stack.store()
    try:
        return domains.get(store, place.realm, place.id, domain)
    finally:
        store.engine.dispose()


def recorded(place: Place, domain: str) -> AuditRow:
    """The last record about a domain."""
    store = place.stack.store()
    rows = select(AuditRow).where(AuditRow.organization == place.id, AuditRow.target == domain)
    with store.read() as transaction:
        found = transaction.scalars(rows.order_by(AuditRow.at.desc())).first()
    store.engine.dispose()
    assert found is not None
    return found


def age(place: Place, domain: str, by: timedelta = timedelta(0), **values: Any) -> None:
    """Let time pass for a domain."""
    found = row(place, domain)
    assert found is not None
    moved = {key: getattr(found, key) for key in ("added", "failing_since", "verified")}
    values = {**{key: at - by for key, at in moved.items() if at}, **values}
    store = place.stack.store()
    with store.write() as transaction:
        mine = update(Domain).where(Domain.name == domain, Domain.organization == place.id)
        transaction.execute(mine.values(**values))
    store.engine.dispose()


def upkept(services: Services, place: Place, domain: str) -> Domain:
    """The background has its turn at this domain; what it is then."""
    found = row(place, domain)
    assert found is not None
    upkeep.again(services, [found])
    found = row(place, domain)
    assert found is not None
    return found


def mailed(services: Services, stack: Stack, to: str, about: str) -> dict[str, Any]:
    """The mail with these words in its subject."""

    def arrived() -> Any:
        while deliver(services):
            pass
        return [mail for mail in stack.mails(to) if about in mail["subject"]]

    return dict(eventually(arrived, 20, f"no mail about {about}")[0])


__all__ = ["background", "publish"]
