"""`make permissions`: docs/permissions.md from the table of rights."""

from __future__ import annotations

from pathlib import Path

from portal.home.permissions import markdown

PAGE = Path(__file__).parent.parent.parent / "docs" / "permissions.md"

if __name__ == "__main__":
    PAGE.write_text(markdown(), encoding="utf-8")
    print(f"{PAGE.name} is written")
