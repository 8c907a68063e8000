"""Webhooks: the events of a realm and of its organizations, sent to addresses of the operator's choice, signed."""
