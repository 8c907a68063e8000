"""The key with which the sample application asks the portal for setup links."""

from __future__ import annotations

import uuid
from datetime import timedelta

from portal.demo.folder import Folder
from portal.keys.authenticate import SHOWN, digest, new_key
from portal.keys.scopes import SCOPES
from portal.store import Store, keys, now
from portal.store.models_keys import ApiKey

DAYS = 365


def api_key(folder: Folder) -> str:
    """The key itself, made once and kept in a file that only its owner may read."""
    path = folder.root / "api-key"
    if not path.exists():
        folder.write_private(path, new_key() + "\n")
    return path.read_text(encoding="utf-8").strip()


def seed_key(store: Store, folder: Folder, owner: str, realm: str = "demo") -> None:
    """Let the portal know the key, as the operator `owner` (an id) would have made it, for a year from now."""
    secret = api_key(folder)
    present, until = now(), now() + timedelta(days=DAYS)
    row = keys.by_hash(store, digest(secret))
    if row is not None:
        keys.change(store, row, owner=owner, expires=until)
        return
    keys.insert(
        store,
        ApiKey(
            id=uuid.uuid4().hex, realm=realm, hash=digest(secret), shown=secret[:SHOWN], name="Orders (sample)",
            scopes=sorted(SCOPES), organizations=[], networks=[], owner=owner, owner_name="Rita", roles=[],
            created=present, created_by_name="Demonstration", expires=until,
        ),
    )  # fmt: skip
