"""The documentation's site as a browser shows it from this machine's disk: light and dark, wide and narrow, and nothing of it from elsewhere."""

from __future__ import annotations

import json
import shutil
import time
from pathlib import Path

import pytest
from browser import Browser
from conftest import ROOT, Json, run
from test_pictures import DARK, LIGHT, contrast, luminance

of_chromium = pytest.mark.skipif(not shutil.which("apt-get"), reason="Chromium is Debian's")
# The first one, one of wide tables, one that is generated, one of code, one of the decisions.
PAGES = ("index", "troubleshooting", "reference/protectedapi", "install", "decisions/0029-the-image")

# How wide the page is and its window, what is behind its text and that itself, the pictures that are not there, and where all of it is from.
SEEN = """() => {
  const colour = (element, what) => getComputedStyle(element)[what];
  const [back, text] = [document.body, document.querySelector("article p")];
  return {
    wide: document.documentElement.scrollWidth, width: innerWidth,
    back: colour(back, "backgroundColor"), text: colour(text, "color"),
    missing: [...document.images].filter((image) => !image.complete || !image.naturalWidth).map((image) => image.src),
    loaded: [location.href, ...performance.getEntriesByType("resource").map((entry) => entry.name),
      ...[...document.querySelectorAll("script[src], link[rel=stylesheet], img")].map((element) => element.src ?? element.href)],
  };
}"""
# At first no page is open, and nothing is remembered.
FORGET = "() => location.protocol === 'file:' && localStorage.clear()"
SEARCH = """async (words) => {
  const field = document.querySelector("input.md-search__input");
  field.focus();
  field.value = words;
  for (const kind of ["focus", "input", "keyup"]) field.dispatchEvent(new Event(kind, {bubbles: true}));
  await new Promise((resolve) => setTimeout(resolve, 200));
  return [...document.querySelectorAll(".md-search-result__item a")].map((found) => found.getAttribute("href"));
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("site")
    run(ROOT / "site/build", folder)
    return folder


def shown(chromium: Browser, page: Path, scheme: str, width: int) -> Json:
    """To somebody who comes for the first time: a choice would be remembered."""
    chromium.evaluate(FORGET)
    chromium.open("about:blank")
    chromium.looks(scheme, width)
    chromium.open(page.as_uri())
    found: Json = chromium.evaluate(SEEN)
    return found


def on(back: str, text: str) -> str:
    """The colour of a text that lets some of what is behind it through."""
    behind, over = ([float(part) for part in colour[colour.index("(") + 1 : -1].split(",")] for colour in (back, text))
    share = over[3] if len(over) == 4 else 1
    return f"rgb({', '.join(str(round(share * part + (1 - share) * under)) for part, under in zip(over[:3], behind[:3], strict=True))})"


def test_it_is_made_without_a_dead_link_or_a_page_that_is_in_no_list(site: Path) -> None:
    """The build is strict, and the only one of a run of all tests."""
    assert {path.stem for path in (ROOT / "docs").glob("*.md")} <= {path.stem for path in site.glob("*.html")}


@of_chromium
@pytest.mark.parametrize("width", [1280, 390], ids=["wide", "narrow"])
@pytest.mark.parametrize("page", PAGES)
def test_a_page_fits_its_window_is_readable_light_and_dark_and_is_all_from_here(site: Path, chromium: Browser, page: str, width: int) -> None:
    backs = {}
    for scheme in (LIGHT, DARK):
        seen = shown(chromium, site / f"{page}.html", scheme, width)
        assert seen["wide"] <= seen["width"], "it must be scrolled sideways"
        assert seen["missing"] == []
        assert [address for address in seen["loaded"] if not address.startswith("file:")] == []
        assert contrast(seen["back"], on(seen["back"], seen["text"])) >= 4.5, seen
        backs[scheme] = luminance(seen["back"])
        (site / f"{page.replace('/', '-')}.{width}.{scheme}.png").write_bytes(chromium.screenshot(width, 900))
    assert backs[LIGHT] > 0.9 and backs[DARK] < 0.1


@of_chromium
def test_words_are_found_in_the_site_as_it_lies_on_the_disk(site: Path, chromium: Browser) -> None:
    chromium.looks(LIGHT, 1280)
    chromium.open((site / "index.html").as_uri())
    deadline = time.monotonic() + 60
    while not (found := chromium.evaluate(SEARCH, "mutual TLS")):
        assert time.monotonic() < deadline, "nothing is found"
    assert any("mutual-tls.html" in address for address in found), json.dumps(found)
