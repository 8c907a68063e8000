"""Typed clients of Keycloak and the outside world. No Flask in here."""
