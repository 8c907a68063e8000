"""Domains of an organization: names, the record that proves them, where to publish it."""
