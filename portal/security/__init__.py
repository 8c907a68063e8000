"""How the person signs in: password, passkeys, security keys, authenticator apps, recovery codes."""
