"""Single sign-on of an organization: its identity providers, the wizards that connect them, and their tests."""
