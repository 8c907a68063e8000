"""Why a mail was not sent, as words of the program and as sentences for people."""

from __future__ import annotations

from flask_babel import gettext as _


def text(reason: str) -> str:
    """A sentence for the page, in the language of the request; empty for no reason."""
    sentences = {
        "unconfigured": _("This portal has no mail server. Those who run it can set one up."),
        "unreachable": _("The mail server does not answer."),
        "busy": _("The mail server asked to try again later."),
        "login": _("The mail server does not accept the portal's password."),
        "encryption": _("The connection to the mail server could not be encrypted."),
        "sender": _("The mail server does not accept the portal's address as sender."),
        "recipient": _("The mail server says that this address cannot get mail."),
        "content": _("The mail server refused the mail."),
        "unreadable": _("The mail could not be read back: the portal's key was changed in the meantime."),
        "interrupted": _("It was cut off while being sent. It may have arrived; it is not sent again by itself."),
    }
    return sentences.get(reason, "")
