"""What an audit row may hold, per tag. A tag without a line here cannot be written; a field not named is dropped."""

from __future__ import annotations

FIELDS: dict[str, frozenset[str]] = {
    "security.password": frozenset({"deed", "type"}),
    "security.twofactor": frozenset({"deed", "type", "name"}),
    "security.passwordless": frozenset({"deed", "type", "name"}),
    "security.rename": frozenset({"name", "type"}),
    "devices.end": frozenset({"browser", "os", "ip_address", "count"}),
    "linked.link": frozenset({"username"}),
    "linked.unlink": frozenset({"username"}),
    "applications.revoke": frozenset({"scopes"}),
    "data.download": frozenset({"missing"}),
    "account.delete": frozenset(),
    "session.signout": frozenset({"keycloak"}),
    "preferences.language": frozenset({"locale"}),
    "members.remove": frozenset({"name", "roles"}),
    "members.restore": frozenset({"roles"}),
    "roles.grant": frozenset({"name", "granted", "revoked", "refused", "undoes"}),
    "roles.manage": frozenset({"deed", "role", "description"}),
    "profile.edit": frozenset({"values", "undoes"}),
    "domains.manage": frozenset({"deed", "state", "refused", "undoes"}),
    "profile.change_email": frozenset({"pending"}),
    "organization.edit": frozenset({"values", "undoes", "overwritten"}),
    "organization.rename": frozenset({"name"}),
    "organization.place": frozenset({"route"}),
    "organization.create": frozenset({"name", "display_name", "url", "domains"}),
    "organization.delete": frozenset({"name", "members", "invitations", "domains", "connections"}),
    "organization.leave": frozenset({"roles"}),
    "invitations.create": frozenset({"roles", "locale", "days", "client", "job", "count"}),
    "invitations.manage": frozenset({"deed", "expires", "made", "job"}),
    "invitations.answer": frozenset({"answer", "roles", "lost", "inviter"}),
}
