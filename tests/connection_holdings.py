"""What an organization of a test's own has of single sign-on, each made when first asked for."""

from __future__ import annotations

from typing import Any

import connection_steps

from portal.store import rules


class ConnectionHoldings:
    """The part of a `Place` that is about connections to identity providers."""

    def _setup(self: Any) -> str:
        """A wizard that somebody has begun."""
        answer = self.browser.post(f"o/{self.name}/sso/setup", {"guide": "generic-saml"})
        assert answer.status_code == 303, answer.text
        return str(answer.headers["Location"].rpartition("/")[2])

    def _connection(self: Any) -> str:
        """A draft of a connection."""
        return str(connection_steps.draft(self).alias)

    def _elsewhere(self: Any) -> str:
        """A connection that somebody made without the portal; the organization has a verified domain."""
        connection_steps.prove_domain(self)
        return connection_steps.elsewhere(self, enabled=False)

    def _saml(self: Any) -> str:
        """A draft by SAML."""
        return str(connection_steps.saml_draft(self).alias)

    def _trial(self: Any) -> str:
        """A test sign-in that nobody has opened yet."""
        return connection_steps.trial(self, self["connection"])

    def _saml_trial(self: Any) -> str:
        """The same of the draft by SAML."""
        return connection_steps.trial(self, self["saml"])

    def _ready(self: Any) -> str:
        """A draft that may go live."""
        connection_steps.prove_domain(self)
        row = connection_steps.draft(self)
        connection_steps.passed(self, row)
        return str(row.alias)

    def _discovery(self: Any) -> str:
        """Where the identity provider of the tests describes itself."""
        return f"{self.stack.keycloak_url}/realms/idp"

    def _descriptor(self: Any) -> str:
        """Where the same describes itself by SAML."""
        return f"{self.stack.keycloak_url}/realms/idp/protocol/saml/descriptor"

    def _waiting(self: Any) -> str:
        """A connection for which new metadata waits."""
        return connection_steps.waiting(self)

    def _seen(self: Any) -> str:
        """What the page about it says of which metadata it asks about."""
        return connection_steps.seen(self, self["waiting"])

    def _old(self: Any) -> str:
        """The fingerprint of a certificate that has expired, which connection `twofold` trusts beside a good one."""
        self["twofold"]
        return self.made["old"]

    def _twofold(self: Any) -> str:
        """A connection that trusts two certificates."""
        return connection_steps.twofold(self)

    def _administrator(self: Any) -> str:
        """Somebody who administers it and has a password."""
        return self.someone.id

    def _rehearsing(self: Any) -> str:
        """The same, named as the one who gets in without single sign-on."""
        store = self.stack.store()
        rules.decide(store, self.realm, self.id, rescue=self.someone.id, rescue_name="Tess Tester")
        store.engine.dispose()
        return self.someone.id

    def _rule(self: Any) -> str:
        """A rule that gives a role to a group of the identity provider."""
        alias = self["connection"]
        data = {"claim": "groups", "value": self._free(), "role": "view-members"}
        answer = self.browser.post(f"o/{self.name}/sso/{alias}/roles", data)
        assert answer.status_code == 303, answer.text
        store = self.stack.store()
        found = rules.of_connection(store, self.realm, alias)
        store.engine.dispose()
        return found[-1].id

    def _active(self: Any) -> str:
        """A connection by which people sign in."""
        return str(connection_steps.active(self).alias)
