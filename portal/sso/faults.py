"""Known faults of sign-ins: what each means and what mends it. Findings are codes of this table and can be kept."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

from portal.sso.weaknesses import BAD, NOTE, WARN


@dataclass(frozen=True)
class Fault:
    """One row: how bad, its title, what it means, what to do. `%(value)s` is what was found."""

    severity: str
    title: LazyString
    meaning: LazyString
    remedy: LazyString


_ASK_METADATA = _("Fetch the metadata again, or enter the certificate that your identity provider shows now.")
_COPY = _("Copy the value from this wizard once more and save it there. It must be the same to the letter.")
_ASSIGN = _("Assign the person, or a group he is in, to the application at your identity provider. Then test again.")
_MAP = _("Add it to the attributes or claims that the application gets, under the name this wizard shows.")
_CLOCK = _("Let the server of your identity provider take its time from the network (NTP).")
_AGAIN = _("Start the test again. If it comes back, look into the log of your identity provider.")

FAULTS: dict[str, Fault] = {
    # SAML: the answer as a whole
    "unsigned": Fault(BAD, _("The answer is not signed"), _(
        "Neither the answer nor the assertion in it carries a signature, so anybody could have written it."), _(
        "Switch on signing of assertions (or of the answer) for this application at your identity provider.")),
    "assertion-unsigned": Fault(BAD, _("The assertion is not signed"), _(
        "Only the answer around it is signed, but this connection demands a signed assertion."), _(
        "Switch on signing of assertions for this application at your identity provider.")),
    "certificate-exchanged": Fault(BAD, _("Signed with another certificate"), _(
        "The signature is good, but was made with a certificate that is not trusted here: %(value)s."), _ASK_METADATA),
    "certificate-expired": Fault(BAD, _("The certificate has expired"), _(
        "The answer is signed with a certificate that was valid until %(value)s."), _(
        "Make a new certificate at your identity provider and enter it here before it is used there.")),
    "signature-wrong": Fault(BAD, _("The signature does not fit"), _(
        "It was made with an unknown key, or the answer was changed on its way."), _ASK_METADATA),
    "signature-algorithm": Fault(BAD, _("The signature can be forged"), _(
        "It was made with %(value)s, which is not accepted."), _("Choose RSA with SHA-256 as signature algorithm.")),
    "wrapped": Fault(BAD, _("The signed part is not the part that counts"), _(
        "The answer is put together so that something unsigned stands beside what was signed. Forgeries look like "
        "that."), _("Use no proxy that rewrites answers. If you use none, tell your security staff.")),
    "assertions-several": Fault(WARN, _("There are several assertions"), _("Only the first is used."), _AGAIN),
    "assertion-none": Fault(BAD, _("There is no assertion"), _("The answer says yes, but does not say who."), _AGAIN),
    "encrypted-without-key": Fault(BAD, _("Encrypted, and nobody here has the key"), _(
        "The assertion is encrypted, but this connection gave your identity provider no key for that."), _(
        "Switch off encryption of assertions for this application. The connection itself is encrypted by https.")),
    "encrypted-other-key": Fault(BAD, _("Encrypted for another key"), _(
        "The assertion is encrypted with a certificate that is not ours: %(value)s."), _(
        "Remove that certificate at your identity provider, or replace it by ours.")),
    "encrypted": Fault(NOTE, _("The assertion is encrypted"), _("What is in it can be seen after the sign-in only."), _(
        "Nothing has to be done. To see more here, switch encryption off while testing.")),
    # SAML: for whom, from whom, when
    "issuer-wrong": Fault(BAD, _("From another identity provider"), _(
        "The answer was issued by “%(value)s”; this connection trusts another one."), _(
        "Compare the issuer (entity id) shown there with the one entered here. Some vendors have one per "
        "application.")),
    "audience-wrong": Fault(BAD, _("Made for another application"), _(
        "The audience is “%(value)s”, not this portal."), _COPY),
    "audience-missing": Fault(WARN, _("It does not say for whom it is"), _(
        "There is no audience in the answer, so one made for another application would be accepted too."), _(
        "Enter the entity id shown in this wizard as audience at your identity provider.")),
    "recipient-wrong": Fault(BAD, _("Sent to another address"), _(
        "The answer is meant for “%(value)s”."), _COPY),
    "recipient-missing": Fault(BAD, _("It does not say where it goes"), _(
        "The answer names no recipient for whoever carries it (bearer confirmation)."), _COPY),
    "clock-ahead": Fault(BAD, _("The clock of the identity provider is ahead"), _(
        "The answer is valid from %(value)s seconds after it came in."), _CLOCK),
    "clock-behind": Fault(BAD, _("The answer is too old"), _(
        "It had expired %(value)s seconds before it came in: it was sent late, or a clock is wrong."), _CLOCK),
    "unsolicited": Fault(NOTE, _("Nobody asked for this answer"), _(
        "The sign-in was begun at the identity provider. Sign-ins must begin at the portal or application."), _(
        "Open the application instead of its tile at the identity provider.")),
    "request-other": Fault(BAD, _("The answer to another question"), _(
        "It does not belong to the test that was just begun."), _AGAIN),
    # SAML: refusals
    "access-denied": Fault(BAD, _("The identity provider refuses this person"), _(
        "Mostly the person is not assigned to the application there. It said: %(value)s"), _ASSIGN),
    "sign-in-failed": Fault(BAD, _("The person could not sign in there"), _(
        "The identity provider could not check who it is. It said: %(value)s"), _AGAIN),
    "name-id-policy": Fault(BAD, _("It cannot give such a name id"), _(
        "The format of the name id asked for is not set up there. It said: %(value)s"), _(
        "Choose the name id format shown in this wizard for the application, or choose “unspecified” here.")),
    "context": Fault(BAD, _("It cannot sign in the way that was asked for"), _("It said: %(value)s"), _(
        "Allow sign-in by password or your usual method for this application.")),
    "passive": Fault(BAD, _("The person was not signed in there"), _(
        "No form could be shown, because none was allowed. It said: %(value)s"), _AGAIN),
    "requester": Fault(BAD, _("It does not accept our question"), _(
        "The application is unknown there, its entity id or address differs, or it wants signed requests. "
        "It said: %(value)s"), _COPY),
    # Both: who it is
    "name-id-missing": Fault(BAD, _("The person has no name id"), _(
        "Without one the person cannot be recognised the next time."), _(
        "Let the application send a name id (also called subject or unique user identifier).")),
    "name-id-transient": Fault(BAD, _("The name id changes each time"), _(
        "With a transient name id each sign-in looks like a new person."), _("Choose persistent or e-mail as format.")),
    "email-missing": Fault(BAD, _("There is no e-mail address"), _(
        "Without it no account can be found or made. What came: %(value)s"), _MAP),
    "email-invalid": Fault(BAD, _("The e-mail address is none"), _("“%(value)s” cannot be an address."), _MAP),
    "domain-foreign": Fault(BAD, _("An address outside your domains"), _(
        "%(value)s is not in one of the verified domains of this organization."), _(
        "Verify the domain first, or sign in as somebody with an address in it.")),
    "attribute-missing": Fault(WARN, _("Something is missing: %(value)s"), _(
        "A field of the profile is to be filled from it, but it was not sent."), _MAP),
    "http-address": Fault(BAD, _("An address without protection"), _(
        "%(value)s begins with http: what is sent there can be read and changed."), _(
        "Use the https address of your identity provider.")),
    # OpenID Connect: errors of the provider
    "client-wrong": Fault(BAD, _("Client id or secret is wrong"), _(
        "The identity provider does not accept them (invalid_client). Secrets also expire."), _(
        "Copy the client id, make a new secret, and copy its value (not its id).")),
    "client-not-allowed": Fault(BAD, _("The application may not do this"), _(
        "The identity provider knows it, but does not allow it this flow (unauthorized_client)."), _(
        "Set it up as web application with the authorization code flow.")),
    "redirect-uri": Fault(BAD, _("The redirect address is not registered"), _(
        "The identity provider does not know the address it should send people back to."), _COPY),
    "code-refused": Fault(BAD, _("The sign-in code was refused"), _(
        "It was used twice, expired, or belongs to another redirect address (invalid_grant). It said: "
        "%(value)s"), _AGAIN),
    "scope-refused": Fault(BAD, _("A scope is not allowed"), _("It said: %(value)s"), _(
        "Allow openid, profile and email for the application.")),
    "provider-failed": Fault(BAD, _("The identity provider failed"), _("It said: %(value)s"), _AGAIN),
    "token-none": Fault(BAD, _("There is no ID token"), _(
        "The identity provider answered, but without an ID token. Did it see the scope openid?"), _(
        "Set the application up for OpenID Connect, not for plain OAuth.")),
    "token-unreadable": Fault(BAD, _("The token cannot be read"), _("It is not a signed token (JWT)."), _AGAIN),
    # OpenID Connect: the token
    "token-algorithm": Fault(BAD, _("Signed in a way that is not accepted"), _(
        "The token is signed with %(value)s."), _("Choose RS256 for ID tokens of this application.")),
    "key-unknown": Fault(BAD, _("Signed with an unknown key"), _(
        "The key %(value)s is not among those the identity provider publishes."), _(
        "Check the address of the keys (jwks_uri): it must belong to the same tenant.")),
    "token-audience": Fault(BAD, _("Made for another application"), _("The audience is “%(value)s”."), _(
        "Compare the client id here and there.")),
    "token-expired": Fault(BAD, _("The token has expired"), _(
        "It had expired %(value)s seconds before it came in."), _CLOCK),
    "nonce-wrong": Fault(BAD, _("The answer to another question"), _(
        "The number that ties the token to this test (nonce) is missing or another one."), _AGAIN),
    "subject-missing": Fault(BAD, _("The token does not say who it is"), _("The claim sub is missing."), _AGAIN),
    "email-unverified": Fault(WARN, _("The address was never checked"), _(
        "The identity provider says that the e-mail address is not verified (email_verified is false)."), _(
        "Verify the addresses there, otherwise people are asked to do so here.")),
    # Hints that Keycloak's own events give, where nothing else was seen
    "event-signature": Fault(BAD, _("Keycloak refused the signature"), _(
        "Mostly the certificate was exchanged, or nothing is signed."), _ASK_METADATA),
    "event-response": Fault(BAD, _("Keycloak refused the answer"), _(
        "Wrong issuer, wrong audience, wrong times, or encrypted without a key: the answer itself tells which."), _(
        "Paste the answer here (see the steps below) to learn more.")),
    "event-login": Fault(BAD, _("Keycloak could not finish the sign-in"), _(
        "Mostly the client id or its secret is wrong, or an address of the identity provider does not answer."), _(
        "Go the second way on the page of the test: it shows what the identity provider says.")),
    "different-user": Fault(WARN, _("Somebody else was signed in in that window"), _(
        "Keycloak knows one person per browser: already authenticated as different user. It says nothing about the "
        "connection, and whoever was signed in there still is."), _(
        "Open the test address in a private window or on another device.")),
    "nothing-seen": Fault(WARN, _("Nothing came back"), _(
        "The identity provider sent nobody back. It probably shows an error itself."), _(
        "Read the message there. Mostly the person is not assigned, or the reply address differs.")),
}  # fmt: skip
CODES = frozenset(FAULTS)

# `error` of Keycloak's stored events to a code.
EVENTS = {"invalid_signature": "event-signature", "invalid_saml_response": "event-response"}


@dataclass(frozen=True)
class Finding:
    """One fault that was found. `code` is among `CODES`; `value` is what its sentences name."""

    code: str
    value: str = ""

    @property
    def severity(self) -> str:
        """`bad` (the sign-in fails or must not be trusted), `warn` or `note`."""
        return FAULTS[self.code].severity

    @property
    def title(self) -> str:
        """A few words."""
        return self._filled(FAULTS[self.code].title)

    @property
    def meaning(self) -> str:
        """What it means."""
        return self._filled(FAULTS[self.code].meaning)

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return self._filled(FAULTS[self.code].remedy)

    def _filled(self, text: LazyString) -> str:
        return str(text) % {"value": self.value or "–"}
