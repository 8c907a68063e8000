"""HTTP for the rooms: rights on views, the gate, the renderer, errors."""

from portal.web.current import actor, services
from portal.web.render import flash, page, see_other
from portal.web.rights import right, takes

__all__ = ["actor", "flash", "page", "right", "see_other", "services", "takes"]
