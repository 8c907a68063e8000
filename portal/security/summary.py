"""How well an account is protected, in three safeguards and one next step. Pure: the same answer for the same input."""

from __future__ import annotations

from dataclasses import dataclass, replace

from flask_babel import gettext as _
from flask_babel import ngettext


@dataclass(frozen=True)
class Standing:
    """What there is. `factors` are asked for after the password; `few` is Keycloak's warning about recovery codes.

    `elsewhere`: another provider signs the person in; `resets`: a forgotten password can be set anew by mail.
    """

    password: bool = True
    passkeys: int = 0
    factors: int = 0
    codes: int = 0
    few: bool = False
    elsewhere: bool = False
    resets: bool = True


@dataclass(frozen=True)
class Safeguard:
    """One of three. `kind` is ok or warn; `wishes` are the slugs of what would mend it, the best first."""

    kind: str
    title: str
    text: str
    wishes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Summary:
    """A headline, the safeguards, and the slug of what to add next (empty: nothing)."""

    title: str
    safeguards: tuple[Safeguard, ...]
    next: str = ""

    @property
    def text(self) -> str:
        """How many are in place."""
        count = sum(each.kind == "ok" for each in self.safeguards)
        return ngettext(
            "%(num)d of %(all)d safeguards is in place.", "%(num)d of %(all)d safeguards are in place.", count,
            all=len(self.safeguards),
        )  # fmt: skip


def summarize(found: Standing, offered: frozenset[str]) -> Summary:
    """Judge what there is; `offered` are the slugs of what the person may add."""
    if not found.password:  # what is asked for after a password opens nothing without one
        found = replace(found, factors=0, codes=0)
    safeguards = (_way_in(found), _something_you_have(found), _way_back(found))
    lacking = next((each for each in safeguards if each.kind == "warn"), None)
    wishes = lacking.wishes if lacking else ()
    return Summary(_title(found, *safeguards), safeguards, next((wish for wish in wishes if wish in offered), ""))


def _title(found: Standing, first: Safeguard, second: Safeguard, back: Safeguard) -> str:
    if first.kind == "warn":
        return _("You may lose access")
    if second.kind == "warn":
        if found.codes:
            return _("Each sign-in uses up a recovery code")
        return _("Your password alone opens your account") if found.passkeys else _("Protected by your password alone")
    if back.kind == "warn":
        return _("Well protected, but recovery codes run out") if found.codes else _lockout()
    return _("Well protected") if found.password or found.passkeys else _("Your provider protects this account")


def _lockout() -> str:
    return _("Well protected, but one lost device could lock you out")


def _way_in(found: Standing) -> Safeguard:
    title = _("A way to sign in")
    if found.passkeys:
        said = ngettext("A passkey.", "%(num)d passkeys.", found.passkeys)
        return Safeguard("ok", title, said + (" " + _("Your password works too.") if found.password else ""))
    if found.password:
        return Safeguard("ok", title, _("Your password."))
    if found.elsewhere:
        return Safeguard("ok", title, _("Your account at another provider."))
    return Safeguard("warn", title, _("None. Once you sign out you may not get in again."), ("passkey",))


def _something_you_have(found: Standing) -> Safeguard:
    title = _("Something you have")
    if not found.password:
        return _without_password(found, title)
    if found.factors:
        said = ngettext(
            "A second step after the password.", "%(num)d second steps after the password.", found.factors
        )  # fmt: skip
        return Safeguard("ok", title, said)
    if found.codes:
        return Safeguard("warn", title, _("Recovery codes alone, meant for emergencies."), ("app", "security-key"))
    if found.passkeys:
        said = _("Your passkey, but the password works without it.")
        return Safeguard("warn", title, said, ("app", "security-key"))
    said = _("Nothing. Whoever learns your password gets in.")
    return Safeguard("warn", title, said, ("app", "security-key", "passkey"))


def _without_password(found: Standing, title: str) -> Safeguard:
    if found.passkeys:
        return Safeguard("ok", title, _("Your passkey is bound to a device of yours."))
    if found.elsewhere:
        return Safeguard("ok", title, _("Your provider decides what it asks for."))
    return Safeguard("warn", title, _("Nothing."), ("passkey",))


def _way_back(found: Standing) -> Safeguard:
    title = _("A way back in")
    if found.few and found.codes:
        said = ngettext("Only %(num)d recovery code is left.", "Only %(num)d recovery codes are left.", found.codes)
        return Safeguard("warn", title, said, ("recovery-codes",))
    if found.password and found.codes:
        return Safeguard("ok", title, ngettext("%(num)d recovery code.", "%(num)d recovery codes.", found.codes))
    if found.passkeys + found.factors > 1:
        return Safeguard("ok", title, _("If one device is lost, another still works."))
    if found.elsewhere:
        return Safeguard("ok", title, _("Your provider can let you back in."))
    return _way_back_alone(found, title)


def _way_back_alone(found: Standing, title: str) -> Safeguard:
    """With one device at most."""
    if found.factors:
        said = _("None. Recovery codes work when your device does not.")
        return Safeguard("warn", title, said, ("recovery-codes", "passkey", "app", "security-key"))
    if not found.password:
        return Safeguard("warn", title, _("None. A second passkey works when your device does not."), ("passkey",))
    if found.passkeys:
        return Safeguard("ok", title, _("Your password and your passkey stand in for each other."))
    if found.resets:
        return Safeguard("ok", title, _("A forgotten password can be set anew by mail."))
    return Safeguard("warn", title, _("None. A passkey works when you forget your password."), ("passkey",))
