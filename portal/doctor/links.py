"""Whether a setup link could be made this minute: an organization, a way back over https, and the link itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.exc import SQLAlchemyError

from portal.clients.orgs_calls import known_id
from portal.connect.command import sentence
from portal.doctor.finding import Finding, State, failed, ok, problem
from portal.doctor.probe import Probe
from portal.errors import PortalError
from portal.links.addresses import check as check_addresses
from portal.return_addresses import ORIGINS, RETURN_DEFAULT, return_default
from portal.store import Store, now
from portal.store.models_links import SetupLink

CHECK = "setup links"


def check(probe: Probe) -> Iterator[Finding]:
    """Nothing to say where there are no organizations, nor where no client could work for a guest."""
    if not probe.organizations or not probe.realm.setup_client_secret:
        return
    try:
        found = _first(probe)
    except PortalError as error:
        yield failed(CHECK, _("organizations cannot be listed: %(why)s", why=error or type(error).__name__))
        return
    if found:
        yield ok(CHECK, _("there is at least one organization"))
    else:
        text = _("there is no organization yet, so nobody can be sent a setup link")
        yield problem(CHECK, text, f"portal org create NAME --realm {probe.realm.name}")
    address = _return_address(probe)
    yield address
    if found and address.state is State.OK:
        yield _rehearsed(probe, str(found["id"]))


def _first(probe: Probe) -> dict[str, Any]:
    """GET /orgs as the client that works for guests."""
    found = probe.http.call("GET", f"{probe.realm.base}/orgs", token=_token(probe), params={"max": 1})
    return dict(found[0]) if found else {}


def _token(probe: Probe) -> str:
    return probe.token_of(probe.realm.setup_client_id, probe.realm.setup_client_secret)


def _return_address(probe: Probe) -> Finding:
    attributes, loopback = probe.facts.attributes, probe.settings.loopback
    default = return_default(attributes, loopback=loopback)
    if default:
        return ok(CHECK, _("people return to %(address)s", address=default["url"]))
    address = attributes.get(RETURN_DEFAULT, "")
    mend = (
        f"portal settings set --realm {probe.realm.name} --username ADMIN"
        f" '{ORIGINS}=https://app.example.com Name' '{RETURN_DEFAULT}=https://app.example.com/'"
    )
    if not address:
        return problem(CHECK, _("no default return address is set: nobody finds back from a setup link"), mend)
    if not address.startswith("https://"):
        return problem(CHECK, _("the default return address %(address)s does not use https", address=address), mend)
    return problem(
        CHECK, _("the default return address %(address)s is not on the list of applications", address=address), mend
    )


def _rehearsed(probe: Probe, organization: str) -> Finding:
    """Everything that making a link takes, with the last step taken back."""
    try:
        check_addresses(probe.facts.attributes, {}, loopback=probe.settings.loopback)
        probe.http.call("GET", f"{probe.realm.base}/orgs/{known_id(organization)}", token=_token(probe))
        _written(probe, organization)
    except (PortalError, SQLAlchemyError) as error:
        why = sentence(error) if isinstance(error, PortalError) else type(error).__name__
        mend = probe.connect_command if isinstance(error, PortalError) else "portal db upgrade"
        return problem(CHECK, _("no setup link can be made: %(why)s", why=why), mend)
    return ok(CHECK, _("a setup link can be made"))


def _written(probe: Probe, organization: str) -> None:
    """A row of a link that is over already, taken back before anybody sees it."""
    store = Store(probe.settings.database_url)
    row = SetupLink(
        id="0" * 32, realm=probe.realm.name, organization=organization, kind="api", intents=[], maker_kind="system",
        maker="", created=now(), expires=now() - timedelta(seconds=1), ended=now(), ending="expired", parent="",
        progress={}, details={},
    )  # fmt: skip
    try:
        with store.write() as session:
            session.add(row)
            session.flush()
            session.rollback()
    finally:
        store.engine.dispose()
