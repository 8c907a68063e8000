"""What happened in an organization: Keycloak's log, read into a projection, and the portal's own records."""
