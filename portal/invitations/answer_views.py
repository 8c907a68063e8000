"""The link of the mail, and the pages on which an invited person decides."""

from __future__ import annotations

from flask import Blueprint, Response, g, redirect, request, url_for
from flask_babel import gettext as _
from flask_wtf.csrf import generate_csrf

from portal import standing
from portal.access import BY_NAME, switched_off
from portal.actor import Actor
from portal.errors import NotFound
from portal.invitations import answering, joining
from portal.invitations.answering import Unanswerable
from portal.invitations.placing import applications, hashed
from portal.moments import aware
from portal.organizations.words import described
from portal.signin import logout
from portal.signin.flow import Errand, begin
from portal.signin.journey import start
from portal.store.models_organizations import Invitation
from portal.web import actor, flash, page, right, see_other, services
from portal.web.current import browser

answers = Blueprint("answers", __name__, url_prefix="/<realm>")
# Those who have no account yet; their views stand in `newcomer_views`.
newcomers = Blueprint("newcomers", __name__, url_prefix="/<realm>")
KEPT = "invitation"
STATUS = {"account": 403, "unverified": 403, "member": 409}


@answers.get("/invitation")
@right("invitations.open")
def show() -> Response:
    """The link of the mail: keeps its token, leads to a clean address, and tells who invites whom to what."""
    check_switches()
    if "token" in request.args:
        browser()[KEPT] = hashed(request.args["token"][:200])
        return redirect(url_for("answers.show"), 302)  # type: ignore[return-value]
    if joining.joined(services(), g.realm.name, token()):
        return redirect(url_for("newcomers.joined"), 302)  # type: ignore[return-value]
    return ask_newcomer()


def ask_newcomer(status: int = 200) -> Response:
    """Who invites whom to what, and how to go on: with an account, by making one, or by asking for one."""
    row = answering.opened(services(), g.realm.name, token())
    someone = holder(row)
    way = joining.Way(joining.SIGN_IN) if browser().signed_in else joining.way(someone, row)
    found = joining.offer(someone, row) if way.kind == joining.MAKE else None
    return page(
        "invitations/open.html", status=status, row=row, roles=described(found.roles if found else row.roles),
        lost=described(found.lost if found else ()), until=aware(row.expires), way=way.kind,
        signed_in=browser().signed_in, form_token=generate_csrf() if found else "",
    )  # fmt: skip


def holder(row: Invitation) -> Actor:
    """Whoever holds the link of this invitation, in this request."""
    return joining.holder(services(), row, ip_address=request.remote_addr or "", request_id=g.request_id)


def token() -> str:
    """The hash of the token with which the browser came."""
    return str(browser().get(KEPT, ""))


def check_switches() -> None:
    """Raise `NotFound` where the realm has no invitations."""
    off = switched_off(dict(services().realm_facts(g.realm.name).attributes))
    if off & set(BY_NAME["invitations.answer"].sections):
        raise NotFound("switched off")


@answers.get("/invitation/sign-in")
@right("invitations.open")
def sign_in() -> Response:
    """Off to Keycloak, with the address filled in, and back to the decision."""
    if browser().signed_in:
        return redirect(url_for("answers.deciding"), 302)  # type: ignore[return-value]
    row = answering.opened(services(), g.realm.name, token())
    return _away(kc_idp_hint=joining.way(holder(row), row).provider)


@answers.get("/invitation/register")
@right("invitations.open")
def register() -> Response:
    """Off to Keycloak's registration, where the realm has one."""
    if not services().realm_facts(g.realm.name).registration_allowed:
        raise NotFound("no registration here")
    return _away(prompt="create")


def _away(**hints: str) -> Response:
    check_switches()
    row = answering.opened(services(), g.realm.name, token())
    errand = Errand(next=url_for("answers.deciding"))
    address = begin(services(), g.realm, browser(), errand, login_hint=row.email, **hints)
    return redirect(address, 302)  # type: ignore[return-value]


@answers.get("/invitation/answer")
@right("invitations.answer")
def deciding() -> Response:
    """The question: accept or decline."""
    return _ask(request.args.get("invitation", ""))


def _ask(invitation_id: str, status: int = 200) -> Response:
    found = answering.offer(actor(), invitation_id, token())
    return page(
        "invitations/answer.html", status=status, offer=found, roles=described(found.roles),
        lost=described(found.lost), until=aware(found.row.expires),
    )  # fmt: skip


@answers.post("/invitation/answer")
@right("invitations.answer")
def decide() -> Response:
    """Accept or decline the invitation that was shown."""
    invitation_id, answer = request.form.get("invitation", ""), request.form.get("answer", "")
    if answer not in {"accept", "decline"}:
        return _ask(invitation_id, 422)
    if answer == "decline":
        row = answering.decline(actor(), invitation_id, token())
        flash(_("You declined the invitation to %(name)s.", name=row.organization_name))
        return _leave(url_for("home.show"))
    return _joined(answering.accept(actor(), invitation_id, token()))


def _joined(found: answering.Offer) -> Response:
    row = found.row
    standing.learn(actor())
    flash(_("You belong to %(name)s now.", name=row.organization_name))
    name = applications(services(), g.realm.name).get(row.client)
    if name:
        browser()["return_link"] = {"url": row.client, "name": name}
    return _leave(url_for("organizations.show", organization=row.organization))


def _leave(address: str) -> Response:
    browser().pop(KEPT, None)
    return redirect(address, 303)  # type: ignore[return-value]


@answers.get("/invitation/verify")
@right("invitations.answer")
def verify() -> Response:
    """Verify one's address at Keycloak, and back to the decision."""
    return start("VERIFY_EMAIL", "answers.deciding")


@answers.post("/invitation/switch")
@right("signout")
def switch() -> Response:
    """Sign out and come back to the invitation, to go on as somebody else."""
    kept = token()
    logout.leave(actor(), browser())
    browser()[KEPT] = kept
    # Not to Keycloak at once: a form of ours may lead nowhere else, by our own policy.
    return see_other("answers.show")


@answers.get("/invitations")
@right("invitations.received")
def received() -> Response:
    """Invitations that wait for the person's answer."""
    found, verified = answering.received(actor())
    return page("invitations/received.html", rows=found, verified=verified, described=described, aware=aware)


@newcomers.errorhandler(Unanswerable)
@answers.errorhandler(Unanswerable)
def unanswerable(error: Unanswerable) -> Response:
    """Each reason has a page of its own."""
    title, text = _said(error)
    code = STATUS.get(error.kind, 410)
    return page(
        "invitations/unanswerable.html", status=code, code=code, title=title, text=text, kind=error.kind, row=error.row
    )


def _said(error: Unanswerable) -> tuple[str, list[str]]:
    row, again = error.row, _("Ask whoever invited you for a new invitation.")
    if row is None:
        newer = _("Perhaps a newer mail was sent: only the link in the newest one works. Or the address is incomplete.")
        return _("This link does not work"), [newer, again]
    if error.kind == answering.ACCOUNT:
        return _said_to_another(row)
    name = row.organization_name
    texts = {
        answering.UNVERIFIED: (_("Your email address is not verified yet"), [
            _("Only who reads the mails of %(email)s may accept. Verify the address, then come back.", email=row.email),
        ]),
        answering.MEMBER: (_("You belong to %(name)s already", name=name), [_("There is nothing left to accept.")]),
        "expired": (_("This invitation has expired"), [_("It was to be accepted earlier."), again]),
        "revoked": (_("This invitation was taken back"), [_("%(name)s does not offer it any more.", name=name), again]),
        "accepted": (_("This invitation is used already"), [_("It was accepted. Sign in to see %(name)s.", name=name)]),
        "declined": (_("This invitation was declined"), [again]),
    }  # fmt: skip
    return texts[error.kind]


def _said_to_another(row: Invitation) -> tuple[str, list[str]]:
    mine = actor().email or _("an account without an address")
    return _("This invitation is for somebody else"), [
        _("It was sent to %(email)s. You are signed in with %(mine)s.", email=row.email, mine=mine),
        _("Sign out, and come back with the account of that address."),
    ]
