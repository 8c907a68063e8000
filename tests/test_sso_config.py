"""Keycloak's config of a connection, and what changed between two readings."""

from __future__ import annotations

from typing import Any

import pytest
from identity_documents import ISSUER, URL, document, endpoint, key, make_certificate, metadata

from portal.clients.connections_allowed import check_changes
from portal.errors import Denied, Invalid
from portal.sso import keycloak_config
from portal.sso.changes import oidc_changes, saml_changes
from portal.sso.discovery import read
from portal.sso.saml_metadata import read as read_saml


def test_a_config_says_what_the_document_said() -> None:
    found = read(document(), URL)
    config = keycloak_config.oidc_config(found, "client", secret="s")
    assert config["clientAuthMethod"] == "client_secret_basic"
    assert (config["pkceEnabled"], config["pkceMethod"], config["defaultScope"]) == (
        "true",
        "S256",
        "openid profile email",
    )
    assert config["validateSignature"] == config["useJwksUrl"] == "true"
    assert oidc_changes(keycloak_config.oidc_reading(config), found) == ()
    saml = read_saml(metadata())
    kept = keycloak_config.saml_config(saml, "https://sso.portal.test/realms/demo")
    assert saml_changes(keycloak_config.saml_reading(kept), saml) == ()


@pytest.mark.parametrize("protocol", ["saml", "oidc"])
def test_what_was_read_is_written_and_nothing_that_makes_keycloak_fetch_or_skip(protocol: str) -> None:
    saml = keycloak_config.saml_config(read_saml(metadata()), "us")
    config = saml if protocol == "saml" else keycloak_config.oidc_config(read(document()), "client", secret="s")
    check_changes(protocol, {"config": config})
    for name in (
        "metadataDescriptorUrl", "useMetadataDescriptorUrl", "artifactBindingResponse", "home.idp.discovery.org",
        "disableNonce", "disableTypeClaimCheck",
    ):  # fmt: skip
        with pytest.raises(Denied):
            check_changes(protocol, {"config": {**config, name: "x"}})


def test_a_document_that_cannot_work_makes_no_config() -> None:
    for parts in ((endpoint(),), (entity_key(), endpoint("HTTP-Artifact"))):
        with pytest.raises(Invalid) as caught:
            keycloak_config.saml_config(read_saml(metadata(*parts)), "us")
        assert caught.value.errors["metadata"]


def entity_key(*which: Any) -> str:
    from identity_documents import descriptor

    return "".join(descriptor(each) for each in (which or (make_certificate(),)))


def test_changes_are_named() -> None:
    old, new = make_certificate(), make_certificate(key("second"))

    def kinds(before: bytes, after: bytes) -> list[str]:
        return [each.kind for each in saml_changes(read_saml(before), read_saml(after))]

    def with_keys(*which: Any, **options: str) -> bytes:
        return metadata(entity_key(*which), endpoint(), **options)

    assert kinds(with_keys(old), with_keys(old)) == []
    assert kinds(with_keys(old), with_keys(old, new)) == ["certificate-added"]
    assert kinds(with_keys(old, new), with_keys(new)) == ["certificate-removed"]
    assert kinds(with_keys(old), with_keys(new)) == ["certificate-exchanged"]
    assert kinds(with_keys(old), with_keys(old, entity_id="https://x.test")) == ["entity-id"]
    moved = metadata(entity_key(old), endpoint(location="https://idp.umbrella.test/new"))
    assert kinds(with_keys(old), moved) == ["sso"]
    assert kinds(with_keys(old), metadata(entity_key(old), endpoint("HTTP-Redirect"))) == ["binding"]
    assert kinds(with_keys(old), with_keys(old, more=' WantAuthnRequestsSigned="1"')) == ["signed-requests"]
    formats = [metadata(entity_key(old), endpoint(), f"<md:NameIDFormat>{each}</md:NameIDFormat>") for each in "ab"]
    assert kinds(*formats) == ["name-id-formats"]
    found = oidc_changes(read(document()), read(document(issuer="https://b.test", jwks_uri="https://b.test/k")))
    assert [(each.kind, each.severity) for each in found] == [("issuer", "bad"), ("keys", "bad")]
    assert found[0].before == ISSUER
    assert all(each.text for each in found)
