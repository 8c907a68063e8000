"""The pages on which a connection gets new metadata, and certificates come and go."""

from __future__ import annotations

from flask import Blueprint, Response, request, url_for
from flask_babel import gettext as _

from portal.errors import Conflict, Invalid
from portal.forms import ConfirmForm
from portal.sso import pasted, reading, renewal, rules
from portal.sso.guides import guide
from portal.sso.wizard_forms import LARGEST, MetadataForm
from portal.sso.wizard_views import LARGEST_FORM
from portal.store.models_sso import Connection
from portal.web import actor, flash, page, right, see_other, services, takes
from portal.web.language import locale_tag

renewals = Blueprint("renewals", __name__, url_prefix="/<realm>/o/<organization>/sso/<alias>/metadata")


@renewals.get("")
@right("sso.view")
def show(alias: str) -> Response:
    """What is trusted now, what waits, and where new metadata is handed over."""
    return _show(rules.connection(actor(), alias), None)


def _show(row: Connection, form: MetadataForm | None, status: int = 200) -> Response:
    chosen = guide(row.guide, locale_tag())
    present = renewal.current(actor(), row)
    start = {"way": chosen.ways[0], "url": row.metadata_url}
    return page(
        "sso/metadata.html", status=status, row=row, guide=chosen, ways=chosen.ways,
        form=form or MetadataForm(formdata=None, data=start),
        found=reading.shown(actor(), row.protocol, present.config),
        waiting=renewal.waiting(row, present), seen=renewal.signers(actor(), row) if actor().may("sso.test") else set(),
        ours=pasted.values(services().settings.public_url, actor().realm, row.alias, actor().here.label),
    )  # fmt: skip


@renewals.post("")
@takes(LARGEST_FORM)
@right("sso.renew")
def hand_over(alias: str) -> Response:
    """Read new metadata; nothing changes for anybody yet."""
    row, form = rules.connection(actor(), alias), MetadataForm()
    upload = request.files.get("file")
    try:
        new = renewal.hand_over(actor(), row, form, upload.stream.read(LARGEST + 1) if upload else b"")
    except Invalid as error:
        form.stands_for(error)
        return _show(row, form, 422)
    flash(_("Look at what changed, then decide.") if new else _("It says what is known already. Nothing to do."))
    return see_other("renewals.show", alias=alias)


@renewals.get("/apply")
@right("sso.renew")
def applying(alias: str) -> Response:
    """Ask before what waits is put in force."""
    return _ask(rules.connection(actor(), alias))


def _ask(row: Connection, status: int = 200, *, changed: bool = False, wrong: str = "") -> Response:
    present = renewal.current(actor(), row)
    found = renewal.waiting(row, present)
    if found is None:
        raise Conflict(_("Nothing waits to be taken over any more."))
    elsewhere = renewal.sends_secret_elsewhere(present, found)
    return page(
        "sso/apply.html", status=status, row=row, waiting=found, changed=changed, elsewhere=elsewhere, wrong=wrong
    )


@renewals.post("/apply")
@right("sso.renew")
def apply(alias: str) -> Response:
    """Put it in force, with the old certificates or without."""
    row = rules.connection(actor(), alias)
    if not ConfirmForm().validate():
        return _ask(row, 422)
    seen, secret = request.form.get("seen", ""), request.form.get("secret", "").strip()
    try:
        renewal.take_over(actor(), row, seen, together=request.form.get("keep") != "no", secret=secret)
    except renewal.Changed:
        return _ask(row, 409, changed=True)
    except Invalid as error:
        if "secret" not in error.errors:
            raise
        return _ask(row, 422, wrong=error.errors["secret"])
    flash(_("The new metadata is in force. Test a sign-in now."))
    return see_other("renewals.show", alias=alias)


@renewals.post("/discard")
@right("sso.renew")
def discard(alias: str) -> Response:
    """Leave everything as it is."""
    renewal.discard(actor(), rules.connection(actor(), alias))
    flash(_("What waited is discarded."))
    return see_other("renewals.show", alias=alias)


@renewals.get("/certificates/<fingerprint>/drop")
@right("sso.renew")
def dropping(alias: str, fingerprint: str) -> Response:
    """Ask before a certificate is no longer trusted."""
    return _ask_drop(rules.connection(actor(), alias), fingerprint)


def _ask_drop(row: Connection, fingerprint: str, status: int = 200) -> Response:
    fingerprint = renewal.certificate(actor(), row, fingerprint).fingerprint
    return page(
        "confirm.html", status=status, title=_("Trust this certificate no more?"),
        text=[
            _("Answers signed with it are refused from then on: %(fingerprint)s…", fingerprint=fingerprint[:16]),
            _("Do this once your identity provider signs with the new one."),
        ],
        deed=_("Trust it no more"), action=url_for("renewals.drop", alias=row.alias, fingerprint=fingerprint),
        cancel=url_for("renewals.show", alias=row.alias),
    )  # fmt: skip


@renewals.post("/certificates/<fingerprint>/drop")
@right("sso.renew")
def drop(alias: str, fingerprint: str) -> Response:
    """Trust a certificate no more."""
    row = rules.connection(actor(), alias)
    if not ConfirmForm().validate():
        return _ask_drop(row, fingerprint, 422)
    renewal.drop_certificate(actor(), row, fingerprint)
    flash(_("The certificate is no longer trusted."))
    return see_other("renewals.show", alias=alias)
