"""`kubectl palisade status -o svg` and `-o html` as a browser shows them: light and dark, one object and forty."""

from __future__ import annotations

import base64
import copy
import json
import shutil
import subprocess
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml
from browser import Browser
from conftest import ROOT, Json

pytestmark = pytest.mark.skipif(not shutil.which("apt-get"), reason="Chromium is Debian's")
SITUATIONS = ("deploying", "stalled", "ready", "at_first", "refused", "suspended", "deleting")
LIST = "/apis/palisade.dev/v1alpha1/protectedapis"
DARK, LIGHT = "dark", "light"

# What is seen of a page: each line of text with its place, its colour and that of what is behind it, the boxes, and how wide the page is.
SEEN = """() => {
  const svg = document.documentElement.tagName === "svg";
  const texts = [], boxes = [], page = document.documentElement;
  const place = (at) => ({left: at.left + scrollX, top: at.top + scrollY, right: at.right + scrollX, bottom: at.bottom + scrollY});
  const back = getComputedStyle(svg ? page : document.body).backgroundColor;
  const filled = svg ? "fill" : "backgroundColor";
  for (const box of document.querySelectorAll(svg ? ".box" : "li.part"))
    boxes.push({...place(box.getBoundingClientRect()), colour: getComputedStyle(box)[filled]});
  const walker = document.createTreeWalker(svg ? page : document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode()); ) {
    if (!node.data.trim() || node.parentElement.closest("style, title")) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const colour = getComputedStyle(node.parentElement)[svg ? "fill" : "color"];
    for (const at of svg ? [node.parentElement.getBoundingClientRect()] : range.getClientRects())
      if (at.width) texts.push({...place(at), colour, text: node.data});
  }
  const whole = svg ? page.getBoundingClientRect() : {width: innerWidth, height: page.scrollHeight};
  return {texts, boxes, back, width: whole.width, height: whole.height, wide: svg ? whole.width : page.scrollWidth};
}"""

# Of a screenshot: its colours by how often they are there, most first.
COLOURS = """async (data) => {
  const image = await createImageBitmap(await (await fetch(data)).blob());
  const canvas = new OffscreenCanvas(image.width, image.height).getContext("2d");
  canvas.drawImage(image, 0, 0);
  const pixels = new Uint32Array(canvas.getImageData(0, 0, image.width, image.height).data.buffer), found = new Map();
  for (const pixel of pixels) found.set(pixel, (found.get(pixel) ?? 0) + 1);
  const rgb = (pixel) => `rgb(${pixel & 255}, ${(pixel >> 8) & 255}, ${(pixel >> 16) & 255})`;
  return [...found].sort((one, other) => other[1] - one[1]).slice(0, 200).map(([pixel]) => rgb(pixel));
}"""


def status(situation: str) -> Json:
    """As the domain makes it."""
    snapshot = (ROOT / f"tests/domain/snapshots/domain__statuses__status_{situation}.snap").read_text()
    found: Json = yaml.safe_load(snapshot.removeprefix("---").split("\n---\n", 1)[1])
    return found


def objects(count: int) -> list[Json]:
    """In all situations, with names as long as they may be, and with texts that have no place to break."""
    petstore = yaml.safe_load((ROOT / "deploy/examples/petstore.yaml").read_text())
    found = []
    for number in range(count):
        made = copy.deepcopy(petstore)
        name = f"petstore-{number}" if number % 10 else "o" * 253
        made["metadata"] = {"namespace": "n" * 63 if number % 10 == 0 else "shop", "name": name, "generation": 3}
        made["status"] = status(SITUATIONS[number % len(SITUATIONS)])
        if number % 3 == 0:
            made["status"]["access"] = {**made["status"].get("access", {}), "otherDoors": [{"type": "Stage", "name": "dev", "stage": "dev", "state": "Open"}]}
            message = "a rule of others, " + "x" * 300
            made["status"]["notes"] = [{"resource": "webAcl", "reason": "ForeignAllowRule", "message": message}]
        found.append(made)
    return found


class Api(BaseHTTPRequestHandler):
    """A Kubernetes API that has these objects, and no other thing."""

    items: list[Json]

    def do_GET(self) -> None:
        assert self.path.startswith(LIST), self.path
        items = [{"apiVersion": "palisade.dev/v1alpha1", "kind": "ProtectedApi", **item} for item in self.items]
        body = json.dumps({"apiVersion": "palisade.dev/v1alpha1", "kind": "ProtectedApiList", "metadata": {"resourceVersion": "1"}, "items": items}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def pictures(palisade: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the plugin wrote."""
    folder = tmp_path_factory.mktemp("pictures")
    plugin = folder / "kubectl-palisade"
    plugin.symlink_to(palisade)
    for count in (1, 40):
        handler = type("Handler", (Api,), {"items": objects(count)})
        with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
            threading.Thread(target=server.serve_forever, daemon=True).start()
            cluster = {"name": "it", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}
            context = {"name": "it", "context": {"cluster": "it", "user": "it"}}
            kubeconfig = folder / "kubeconfig"
            kubeconfig.write_text(json.dumps({"clusters": [cluster], "contexts": [context], "users": [{"name": "it", "user": {}}], "current-context": "it"}))
            for kind in ("svg", "html"):
                words = [plugin, "status", "-A", "-o", kind]
                shown = subprocess.run(words, env={"KUBECONFIG": str(kubeconfig), "LANG": "C.UTF-8"}, capture_output=True, check=False)
                assert shown.returncode == 0, shown.stderr
                (folder / f"{count}.{kind}").write_bytes(shown.stdout)
            server.shutdown()
    return folder


def overlapping(texts: list[Json]) -> list[tuple[str, str]]:
    """Pairs of which one stands on the other, by more than a pixel both ways."""
    found, open_ones = [], []
    for text in sorted(texts, key=lambda text: text["top"]):
        open_ones = [other for other in open_ones if other["bottom"] > text["top"] + 1]
        found += [(other["text"], text["text"]) for other in open_ones if other["right"] > text["left"] + 1 and text["right"] > other["left"] + 1]
        open_ones.append(text)
    return found


def around(text: Json, boxes: list[Json]) -> Json | None:
    """The box in which a text begins."""
    inside = (box for box in boxes if box["left"] <= text["left"] < box["right"] and box["top"] <= (text["top"] + text["bottom"]) / 2 < box["bottom"])
    return next(inside, None)


def luminance(colour: str) -> float:
    parts = [int(part) / 255 for part in colour[colour.index("(") + 1 : -1].split(",")[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    """As the Web Content Accessibility Guidelines count it: 4.5 is enough for text."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


# A window of a desk, and a telephone's, which a page of HTML fits too.
@pytest.mark.parametrize(("name", "width"), [("1.svg", 1280), ("40.svg", 1280), ("1.html", 1280), ("40.html", 1280), ("1.html", 360), ("40.html", 360)])
def test_texts_stand_apart_within_their_boxes_and_are_readable_light_and_dark(pictures: Path, chromium: Browser, name: str, width: int) -> None:
    looks: dict[str, Any] = {}
    for scheme in (LIGHT, DARK):
        chromium.looks(scheme, width)
        chromium.open((pictures / name).as_uri())
        seen = looks[scheme] = chromium.evaluate(SEEN)
        texts, boxes = seen["texts"], seen["boxes"]
        count = int(name.partition(".")[0])
        assert len(boxes) >= 4 * count and len(texts) > 3 * len(boxes)

        assert overlapping(texts) == []
        assert overlapping([{**box, "text": "box"} for box in boxes]) == []
        assert seen["wide"] <= seen["width"], "it must be scrolled sideways"
        edges = {"left": 0, "top": 0, "right": seen["width"], "bottom": seen["height"]}
        for text in texts:
            box = around(text, boxes)
            assert outside(text, box or edges) == [], text
            assert contrast(text["colour"], box["colour"] if box else seen["back"]) >= 4.5, text

        image = chromium.screenshot(int(seen["width"]), int(seen["height"]))
        (pictures / f"{name}.{width}.{scheme}.png").write_bytes(image)
        chromium.open("about:blank")
        colours = chromium.evaluate(COLOURS, "data:image/png;base64," + base64.b64encode(image).decode())
        # The two that cover most of it, and letters.
        assert {seen["back"], boxes[0]["colour"]} == set(colours[:2])
        assert max(contrast(seen["back"], colour) for colour in colours) >= 4.5

    light, dark = looks[LIGHT], looks[DARK]
    assert [text["text"] for text in light["texts"]] == [text["text"] for text in dark["texts"]]
    assert luminance(light["back"]) > 0.9 and luminance(dark["back"]) < 0.1
    assert light["boxes"][0]["colour"] != dark["boxes"][0]["colour"]
    assert not {text["colour"] for text in light["texts"]} & {text["colour"] for text in dark["texts"]}


def outside(inner: Json, outer: Json) -> list[str]:
    """The sides on which it is cut off, by more than a pixel."""
    return [side for side, sign in (("left", -1), ("top", -1), ("right", 1), ("bottom", 1)) if sign * (inner[side] - outer[side]) > 1]


def test_what_stands_on_another_or_is_cut_off_is_seen_as_that(chromium: Browser, tmp_path: Path) -> None:
    """The checks above can fail."""
    page = tmp_path / "page.svg"
    page.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" width="200" height="100"><text x="10" y="20">one long text</text>'
        '<text x="40" y="25">another</text><text x="150" y="60">cut off at the edge</text></svg>'
    )
    chromium.looks(LIGHT, 1280)
    chromium.open(page.as_uri())
    seen = chromium.evaluate(SEEN)
    assert overlapping(seen["texts"]) == [("one long text", "another")]
    cut = [text["text"] for text in seen["texts"] if outside(text, {"left": 0, "top": 0, "right": seen["width"], "bottom": seen["height"]})]
    assert cut == ["cut off at the edge"]
