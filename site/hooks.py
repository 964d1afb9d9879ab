"""What the site has besides docs/: the reference of the custom resources, a list of the decisions, an anchor for each reason."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import yaml
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.plugins import get_plugin_logger
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

HERE = Path(__file__).parent
ROOT = HERE.parent
CRDS = ("protectedapis", "awsaccounts", "perimeterclasses", "perimeterplans")
LINK = re.compile(r"\[([^\]\n]+)\]\((\.\./[^)\s]+)\)")
REASON = re.compile(r"`([A-Z][A-Za-z]+)`")
# A name in a table that may be wider than a narrow screen's column, and between which of its letters it breaks.
CELL = re.compile(r"(<td[^>]*>.*?</td>)", re.DOTALL)
CODE = re.compile(r"(<code[^>]*>)([A-Za-z_.\[\]{}]{12,})(</code>)")
HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[_.])")
log = get_plugin_logger("palisade")


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """All decisions stand in the navigation: a new one needs no line there."""
    found = sorted((ROOT / "docs/decisions").glob("0*.md"))
    titled = [{title(path): f"decisions/{path.name}"} for path in found]
    config.nav[-1]["Decisions"] = ["decisions/index.md", *titled]
    return config


def title(path: Path) -> str:
    return path.read_text().splitlines()[0].removeprefix("#").strip()


def on_files(files: Files, config: MkDocsConfig) -> Files:
    for name in ("extra.css", "iframe-worker.js"):
        files.append(File.generated(config, f"_site/{name}", abs_src_path=str(HERE / name)))
    for plural in CRDS:
        definition = yaml.safe_load((ROOT / f"crds/{plural}.palisade.dev.yaml").read_text())
        kind = definition["spec"]["names"]["kind"]
        files.append(File.generated(config, f"reference/{kind.lower()}.md", content=reference(definition)))
    rows = "\n".join(f"- [{title(path)}]({path.name})" for path in sorted((ROOT / "docs/decisions").glob("0*.md")))
    text = f"# Decisions\n\nWhy it is as it is: what outlives a change, a few lines each.\n\n{rows}\n"
    files.append(File.generated(config, "decisions/index.md", content=text))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Links to files of the repository become their paths: the site has no address of the repository. Dead ones are told."""
    here = (ROOT / "docs" / page.file.src_uri).parent

    def said(match: re.Match[str]) -> str:
        text, target = match.groups()
        path = (here / urlsplit(target).path).resolve()
        if path.is_relative_to(ROOT / "docs"):
            return match.group(0)
        if not path.exists():
            log.warning("%s links to %s, which is not there", page.file.src_uri, target)
        name = str(path.relative_to(ROOT))
        return f"`{name}`" if text.strip("`") == name else f"{text} (`{name}`)"

    markdown = LINK.sub(said, markdown)
    return anchored(markdown) if page.file.src_uri == "troubleshooting.md" else markdown


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Each reason's address is there."""
    if page.file.src_uri == "troubleshooting.md":
        wanted = set(re.findall(r"`\{ #([a-z]+) \}", page.markdown or ""))
        missing = sorted(name for name in wanted if f'id="{name}"' not in html)
        if missing or len(wanted) < 100:
            log.warning("troubleshooting.md: %d reasons, and no address for %s", len(wanted), missing)
    return html


def on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:
    """Names in tables break between their words. Only now: what is searched for is written without."""

    def broken(cell: re.Match[str]) -> str:
        return CODE.sub(lambda code: code[1] + HUMP.sub("<wbr>", code[2]) + code[3], cell[0])

    return CELL.sub(broken, output)


def anchored(markdown: str) -> str:
    """An anchor for each reason of the first column: troubleshooting.html#deploying."""
    lines, of_reasons = [], False
    for line in markdown.splitlines():
        if not line.startswith("|"):
            of_reasons = False
        elif line.startswith("| reason |"):
            of_reasons = True
        elif of_reasons and not line.startswith("|---"):
            first, rest = line[1:].split("|", 1)
            first = REASON.sub(lambda found: f"`{found[1]}`{{ #{found[1].lower()} }}", first)
            lines.append(f"|{first}|{rest}")
            continue
        lines.append(line)
    return "\n".join(lines)


def reference(definition: dict) -> str:
    """One custom resource, field by field, from its schema."""
    scope = {"Namespaced": "of a namespace", "Cluster": "of the cluster"}
    names, version = definition["spec"]["names"], definition["spec"]["versions"][0]
    schema = version["schema"]["openAPIV3Schema"]
    head = [
        f"# {names['kind']}",
        "",
        f"`apiVersion: palisade.dev/{version['name']}`, {scope[definition['spec']['scope']]}. Short: `kubectl get {names['shortNames'][0]}`. "
        "This page is made from the definition that the API server has.",
        "",
        escaped(schema.get("description", "")),
        "",
    ]
    for part in ("spec", "status"):
        found = schema["properties"].get(part)
        if found:
            head += [f"## {part}", "", escaped(found.get("description", "")), "", *rules(found), *fields(found, part)]
    return "\n".join(head) + "\n"


def fields(schema: dict, path: str) -> list[str]:
    """The fields of an object, and after them those of its own objects."""
    rows, below = ["| field | type | what |", "|---|---|---|"], []
    required = schema.get("required", [])
    for name, field in schema.get("properties", {}).items():
        inner, mark = inside(field)
        must = ", required" if name in required else ""
        own = f"{path}.{name}{mark}"
        has_page = bool(inner.get("properties"))
        shown = f"[`{name}`](#{anchor(own)})" if has_page else f"`{name}`"
        what = " ".join([escaped(field.get("description", "")), *limits(field)]).strip()
        rows.append(f"| {shown} | {kind(field)}{must} | {cell(what)} |")
        if has_page:
            below += [f"### {own} {{ #{anchor(own)} }}", "", *rules(inner), *fields(inner, own)]
    return [*rows, "", *below]


def inside(field: dict) -> tuple[dict, str]:
    """What a list or a map is of."""
    if field.get("type") == "array":
        return field.get("items", {}), "[]"
    if isinstance(field.get("additionalProperties"), dict):
        return field["additionalProperties"], "{}"
    return field, ""


def anchor(path: str) -> str:
    return path.replace("[]", "").replace("{}", "").replace(".", "-").lower()


def kind(field: dict) -> str:
    inner, mark = inside(field)
    if mark == "[]":
        return f"list of {kind(inner)}"
    if mark == "{}":
        return f"map of {kind(inner)}"
    if field.get("x-kubernetes-int-or-string"):
        return "integer or string"
    return field.get("type", "any")


def limits(field: dict) -> list[str]:
    """What the schema asks of a value."""
    said = []
    if "enum" in field:
        said.append("One of " + ", ".join(f"`{value}`" for value in field["enum"] if value is not None) + ".")
    if "default" in field:
        said.append(f"Default: `{field['default']}`.")
    words = (("minimum", "at least"), ("maximum", "at most"), ("maxLength", "at most {} characters"), ("maxItems", "at most {} items"))
    told = [word.format(number(field[key])) if "{}" in word else f"{word} {number(field[key])}" for key, word in words if key in field]
    if told:
        text = ", ".join(told)
        said.append(text[0].upper() + text[1:] + ".")
    return said + [rule["message"].rstrip(".") + "." for rule in field.get("x-kubernetes-validations", []) if "properties" not in field]


def rules(schema: dict) -> list[str]:
    """What the API server refuses, in its words."""
    messages = [f"- {cell(rule['message'])}" for rule in schema.get("x-kubernetes-validations", []) if "message" in rule]
    return ["Refused otherwise:", "", *messages, ""] if messages else []


def number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else str(value)


def escaped(text: str) -> str:
    return " ".join(text.split()).replace("<", "&lt;")


def cell(text: str) -> str:
    return escaped(text).replace("|", "\\|")
