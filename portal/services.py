"""What an application has one of: settings, store, clients. No Flask here: jobs and the command line use it too."""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from portal.clients.accounts_service import ServiceAccounts
from portal.clients.admin import Admin, RealmFacts
from portal.clients.connections import ServiceConnections
from portal.clients.dns import Dns
from portal.clients.http import Http
from portal.clients.orgs_service import ServiceOrgs
from portal.clients.trials_service import ServiceTrials
from portal.errors import NotFound
from portal.realms import RealmDirectory
from portal.settings import Realm, Settings
from portal.signin.provider import Provider
from portal.signin.sessions import Sessions
from portal.store import Store
from portal.store.vault import Vault, load_keys

Observe = Callable[[str, str, Any], None]


@dataclass(frozen=True)
class Services:
    """The parts of one application. Thread-safe."""

    settings: Settings
    store: Store
    vault: Vault
    http: Http
    admin: Admin
    orgs: ServiceOrgs
    connections: ServiceConnections
    trials: ServiceTrials
    accounts: ServiceAccounts
    sessions: Sessions
    realms: RealmDirectory
    dns: Dns
    form_key: str = field(repr=False)
    _providers: dict[str, Provider] = field(default_factory=dict, repr=False)

    def realm(self, name: str) -> Realm:
        """A configured realm; `NotFound` otherwise."""
        try:
            return self.settings.realms[name]
        except KeyError as error:
            raise NotFound(name) from error

    def realm_facts(self, name: str) -> RealmFacts:
        """The realm's settings, a few seconds old at most while Keycloak answers. Raises `NotFound`, `Upstream`."""
        return self.realms.facts(self.realm(name).name)

    def provider(self, name: str) -> Provider:
        """The OpenID provider of a realm."""
        return self._providers.setdefault(name, Provider(self.realm(name), self.http))

    def operator_provider(self, name: str) -> Provider:
        """The same for the client with which operators write the realm's settings."""
        realm = self.realm(name)
        operator = replace(realm, client_id=realm.operator_client_id, client_secret=realm.operator_client_secret)
        return self._providers.setdefault(f"{name} operator", Provider(operator, self.http))


def build(settings: Settings, observe: Observe | None = None) -> Services:
    """Make the parts. Raises `VaultError` when the key file cannot be used."""
    keys = load_keys(settings.key_file) if settings.key_file else [secrets.token_bytes(32)]
    store, vault = Store(settings.database_url), Vault(keys)
    admin = Admin(settings.realms, observe)
    realms = RealmDirectory(admin)
    # The newest key also signs form tokens: every process has it, and none needs a secret more.
    form_key = hmac.new(keys[0], b"forms", hashlib.sha256).hexdigest()
    http = Http(observe=observe)
    return Services(
        settings=settings, store=store, vault=vault, http=http, admin=admin, orgs=ServiceOrgs(settings.realms, http),
        connections=ServiceConnections(settings.realms, http), accounts=ServiceAccounts(settings.realms, http),
        trials=ServiceTrials(settings.realms, http), sessions=Sessions(store, vault, settings, realms.expect),
        realms=realms, dns=Dns(settings.outbound_nameserver), form_key=form_key,
    )  # fmt: skip
