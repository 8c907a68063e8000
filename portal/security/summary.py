"""How well an account is protected, in three safeguards and one next step. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import ngettext

FEW_CODES = 4


@dataclass(frozen=True)
class Safeguard:
    """One of three. `kind` is ok or warn."""

    kind: str
    title: str
    text: str


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


def summarize(
    *, password: bool, passkeys: int, factors: int, codes_left: int, provider: bool, offered: frozenset[str]
) -> Summary:
    """Judge what there is. `provider`: signs in through an identity provider; `offered`: slugs that may be added."""
    first = _way_in(password, passkeys, provider)
    second = _second_step(passkeys, factors, provider and not password)
    back = _way_back(passkeys + factors, codes_left, provider)
    return Summary(_title(first, second, back), (first, second, back), _next(second, back, passkeys, offered))


def _way_in(password: bool, passkeys: int, provider: bool) -> Safeguard:
    title = _("A way to sign in")
    if passkeys:
        said = ngettext("A passkey.", "%(num)d passkeys.", passkeys)
        return Safeguard("ok", title, said + (" " + _("Your password works too.") if password else ""))
    if password:
        return Safeguard("ok", title, _("Your password."))
    if provider:
        return Safeguard("ok", title, _("Your account at another provider."))
    return Safeguard("warn", title, _("None that stays."))


def _second_step(passkeys: int, factors: int, elsewhere: bool) -> Safeguard:
    title = _("Something you have")
    if factors:
        said = ngettext("A second step after the password.", "%(num)d second steps after the password.", factors)
        return Safeguard("ok", title, said)
    if passkeys:
        return Safeguard("ok", title, _("Your passkey is bound to a device of yours."))
    if elsewhere:
        return Safeguard("ok", title, _("Your provider decides what it asks for."))
    return Safeguard("warn", title, _("Nothing. Whoever learns your password gets in."))


def _way_back(devices: int, codes_left: int, provider: bool) -> Safeguard:
    title = _("A way back in")
    if codes_left > FEW_CODES:
        return Safeguard("ok", title, ngettext("%(num)d recovery code.", "%(num)d recovery codes.", codes_left))
    if codes_left:
        said = ngettext("Only %(num)d recovery code is left.", "Only %(num)d recovery codes are left.", codes_left)
        return Safeguard("warn", title, said)
    if devices > 1:
        return Safeguard("ok", title, _("If one device is lost, another still works."))
    if provider:
        return Safeguard("ok", title, _("Your provider can let you back in."))
    if devices:
        return Safeguard("warn", title, _("None. Recovery codes work when your device does not."))
    return Safeguard("ok", title, _("A forgotten password can be set anew by mail."))


def _title(first: Safeguard, second: Safeguard, back: Safeguard) -> str:
    if first.kind == "warn":
        return _("You may lose access")
    if second.kind == "warn":
        return _("Protected by your password alone")
    if back.kind == "warn":
        return _("Well protected, but one lost device could lock you out")
    return _("Well protected")


def _next(second: Safeguard, back: Safeguard, passkeys: int, offered: frozenset[str]) -> str:
    wishes = []
    if second.kind == "warn":
        wishes = ["passkey", "app", "security-key"]
    elif back.kind == "warn":
        wishes = ["recovery-codes"] if not passkeys else ["recovery-codes", "passkey"]
    return next((wish for wish in wishes if wish in offered), "")
