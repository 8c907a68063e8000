"""Signing in with OpenID Connect: sessions, tokens, step-up, journeys through Keycloak, signing out."""
