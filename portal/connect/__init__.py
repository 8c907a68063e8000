"""`portal connect`: gives an existing realm what the portal needs, and takes it away again."""
