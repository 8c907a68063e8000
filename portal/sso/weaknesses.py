"""What is weak about an identity provider or its keys: codes that can be kept, and the sentences for them."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import LazyString
from flask_babel import lazy_gettext as _

BAD, WARN, NOTE = "bad", "warn", "note"

# code -> how bad, sentence. `%(value)s` is what the finding names: an address, a date, an algorithm.
_KNOWN: dict[str, tuple[str, LazyString]] = {
    "certificate-expired": (BAD, _("The certificate expired on %(value)s. Sign-ins are refused.")),
    "certificate-not-yet": (BAD, _("The certificate is valid from %(value)s only. Until then sign-ins are refused.")),
    "certificate-soon": (WARN, _("The certificate expires on %(value)s. Ask for the next one now.")),
    "certificate-sha1": (WARN, _("The certificate is signed with %(value)s, which can be forged.")),
    "certificate-short": (WARN, _("The key %(value)s is too short. It should be RSA with 2048 bits or more.")),
    "certificate-none": (BAD, _("There is no signing certificate: answers could not be checked.")),
    "http": (BAD, _("The address %(value)s is not protected: it begins with http.")),
    "metadata-expired": (WARN, _("The metadata was valid until %(value)s. Fetch it anew.")),
    "metadata-unsigned": (NOTE, _("The metadata is not signed; it is trusted because of where it came from.")),
    "artifact-only": (BAD, _("It offers sign-in by artifact only, which is not supported. Switch on HTTP-POST.")),
    "sso-none": (BAD, _("It names no sign-in address for HTTP-POST or HTTP-Redirect.")),
    "logout-none": (NOTE, _("It names no sign-out address: signing out here leaves the session there.")),
    "pkce-none": (NOTE, _("It does not say that it supports PKCE (S256).")),
    "algorithm": (BAD, _("It signs tokens with %(value)s only, which is not accepted.")),
    "code-none": (BAD, _("It does not offer the authorization code flow.")),
    "keys-none": (BAD, _("It names no address of its keys (jwks_uri): tokens could not be checked.")),
    "userinfo-none": (NOTE, _("It has no userinfo address: what is not in the ID token is not known.")),
    "email-none": (WARN, _("It does not list the scope email. People without an address cannot be let in.")),
    "auth-method": (WARN, _("The way it wants applications to prove themselves is unusual: %(value)s.")),
    "unsigned-allowed": (BAD, _("Answers are accepted without a signature: anybody could sign in as anybody.")),
}
CODES = frozenset(_KNOWN)


@dataclass(frozen=True)
class Weakness:
    """One finding. `code` is among `CODES`; `value` is what its sentence names."""

    code: str
    value: str = ""

    @property
    def severity(self) -> str:
        """`bad` (it will not work, or not safely), `warn` or `note`."""
        return _KNOWN[self.code][0]

    @property
    def text(self) -> str:
        """The sentence, in the reader's language."""
        return str(_KNOWN[self.code][1]) % {"value": self.value}
