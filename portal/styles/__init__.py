"""The operator's look: colours, style sheet, logo and favicon of a realm, as pages and browsers get them."""

from __future__ import annotations

from portal.styles.actions import PageBrand, brand
from portal.styles.views import styles

__all__ = ["PageBrand", "brand", "styles"]
