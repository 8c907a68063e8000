"""Takes the README's pictures from the running demonstration (or one of its own): docs/pictures/<page>-<theme>.png."""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page
from size import ROOT
from stage_run import chromium, demonstration, say, sign_in

PERSON = "olivia"
PAGES = ("profile", "security")
WIDTH, HEIGHT = 1280, 860
COLOURS = 128


@contextlib.contextmanager
def running(demo: Path) -> Iterator[dict[str, Any]]:
    """What `info.json` says of the demonstration in this folder; one is started if none runs there."""
    if (demo / "info.json").exists():
        yield json.loads((demo / "info.json").read_text(encoding="utf-8"))
        return
    with demonstration() as stage:
        yield stage.info()


def take(browser: Browser, info: dict[str, Any], theme: str) -> Iterator[Path]:
    """One picture of each page in this theme."""
    context = browser.new_context(color_scheme=theme, viewport={"width": WIDTH, "height": HEIGHT}, locale="en-GB")  # type: ignore[arg-type]
    base = f"{info['portal']}/{info['realm']}"
    tab = sign_in(
        context, f"{base}/profile?return_to={info['sample_app']}/", PERSON, info["people"][PERSON]["password"]
    )
    for name in PAGES:
        path = ROOT / "docs" / "pictures" / f"{name}-{theme}.png"
        tab.goto(f"{base}/{name}")
        picture(tab, path)
        yield path
    context.close()


def picture(tab: Page, path: Path) -> None:
    """The window as it is, with few colours so that the file stays small."""
    tab.wait_for_load_state("networkidle")
    path.parent.mkdir(exist_ok=True)
    tab.screenshot(path=path, animations="disabled")
    with Image.open(path) as taken:
        taken.convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE).save(path, optimize=True)


def main() -> int:
    """Take all pictures and say how large they are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--demo", type=Path, default=Path(os.environ.get("DEMO_DIR") or ROOT / ".demo"))
    with running(parser.parse_args().demo) as info, chromium() as browser:
        for theme in ("light", "dark"):
            for path in take(browser, info, theme):
                say(f"{path.relative_to(ROOT)}  {path.stat().st_size // 1024} KB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
