"""What is done to connections, by one name each."""

from portal.sso.changing import change
from portal.sso.drafting import save_draft
from portal.sso.living import activate, delete, disable, enable, reopen

__all__ = ["activate", "change", "delete", "disable", "enable", "reopen", "save_draft"]
