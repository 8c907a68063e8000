"""Requests that are sent twice are done once: `Idempotency-Key`, for a day, for each caller apart."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _

from portal.actor import Actor
from portal.errors import Conflict, Invalid, PortalError, Upstream
from portal.store import Store, answers
from portal.store.answers import BEGUN, DONE, UNKNOWN
from portal.store.models_keys import Answered

HEADER = "Idempotency-Key"
LONGEST = 255


@dataclass(frozen=True)
class Answer:
    """What a request is answered: a status and a JSON body. With `secret` the body holds one and is not kept."""

    status: int
    body: Any = None
    secret: bool = False


class Repeated(Conflict):
    """The request was answered before, with a secret that is never shown again."""


def once(actor: Actor, given: str, asked: tuple[Any, ...], run: Callable[[], Answer]) -> Answer:
    """Run it, or give the answer that the same request of the same idempotency key `given` was given before.

    `asked` is what makes a request the same: method, path and body. Raises `Invalid` when the key was used for
    something else, `Conflict` while the first one is under way or when nobody knows what came of it, `Repeated`.
    """
    who = holder(actor)
    if not given or not who:
        return run()
    if len(given) > LONGEST:
        raise Invalid({HEADER: _("Use at most %(most)s characters.", most=LONGEST)})
    request, digest = _digest(asked), _digest((given,))
    earlier = answers.begin(actor.services.store, who, digest, request)
    return _again(earlier, request) if earlier else _first(actor.services.store, who, digest, run)


def holder(actor: Actor) -> str:
    """Whose idempotency keys these are: a program's, or those of a person in one application."""
    return actor.key or (_digest((actor.kind, actor.sub, actor.client))[:32] if actor.sub else "")


def _digest(parts: tuple[Any, ...]) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def _again(earlier: Answered, request: str) -> Answer:
    if earlier.request != request:
        raise Invalid({HEADER: _("This idempotency key was used for another request. Use a new one.")})
    if earlier.state == BEGUN:
        raise Conflict(_("The same request is under way. Wait for its answer."))
    if earlier.state == UNKNOWN:
        raise Conflict(_("Nobody knows what came of the same request. Look before you repeat it with a new key."))
    if earlier.secret:
        raise Repeated(_("This was answered before, with a secret that is shown once. Ask anew with a new key."))
    return Answer(earlier.status, earlier.body)


def _first(store: Store, who: str, digest: str, run: Callable[[], Answer]) -> Answer:
    try:
        found = run()
    except Upstream as error:
        if error.unknown:
            answers.finish(store, who, digest, state=UNKNOWN)
        else:
            answers.forget(store, who, digest)
        raise
    except PortalError:
        answers.forget(store, who, digest)
        raise
    except Exception:
        answers.finish(store, who, digest, state=UNKNOWN)
        raise
    kept = None if found.secret else found.body
    answers.finish(store, who, digest, state=DONE, secret=found.secret, status=found.status, body=kept)
    return found
