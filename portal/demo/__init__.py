"""Everything around the portal that a demonstration and the tests need: a real Keycloak, people, mail, names."""
