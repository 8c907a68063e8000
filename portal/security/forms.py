"""The one form of this room."""

from __future__ import annotations

from wtforms import StringField

from portal.forms import BaseForm


class NameForm(BaseForm):
    """The name of a sign-in method; what is wrong with it is decided in the action, for the JSON face too."""

    name = StringField(filters=[lambda value: (value or "").strip()])
