#!/usr/bin/env python3
"""make.py: the pages of the site, in site/pages: docs/, the READMEs of examples and proofs, figures, and the API from the XML documentation of Release builds.

Run after 'dotnet build -c Release'; then 'npm ci' and 'npx vitepress build' in this folder. Python's standard library alone.
"""

import html
import re
import shutil
import xml.etree.ElementTree as xml
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGES = ROOT / "site" / "pages"
ASSEMBLIES = ["Guarantees", "Certify", "Estimators", "Reports", "Guarantees.Xunit"]


def main():
    shutil.rmtree(PAGES, ignore_errors=True)
    sources = {ROOT / "README.md": "index.md", ROOT / "CONTRIBUTING.md": "contributing.md", ROOT / "CHANGELOG.md": "changelog.md", ROOT / "bench" / "RESULTS.md": "results.md", ROOT / "proofs" / "README.md": "proofs.md", ROOT / "examples" / "README.md": "examples/index.md"}
    sources |= {path: str(path.relative_to(ROOT / "docs")).replace("README.md", "index.md") for path in (ROOT / "docs").rglob("*.md")}
    sources |= {path: f"examples/{path.parent.name}.md" for path in (ROOT / "examples").glob("*/README.md")}
    for source, page in sources.items():
        write(page, escaped(linked(source, page, sources)))
    shutil.copy(ROOT / "docs" / "report.png", PAGES / "report.png")
    api()


def write(page, text):
    path = PAGES / page
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def linked(source, page, sources):
    """Links to files that are pages become links to the pages; others become their text."""

    def change(match):
        text, target = match[1], match[2]
        if re.match(r"[a-z]+:|#", target):
            return match[0]
        path, _, anchor = target.partition("#")
        found = (source.parent / path).resolve()
        found = found / "README.md" if found.is_dir() else found
        if found in sources:
            up = "../" * page.count("/")
            return f"[{text}]({up or './'}{sources[found]}{'#' + anchor if anchor else ''})"
        return match[0].replace(target, "./report.png") if found.name == "report.png" else text

    return "".join(part if i % 2 else re.sub(r"\[([^\]]*)\]\(([^)\s]+)\)", change, part) for i, part in enumerate(re.split(r"(```.*?```)", source.read_text(), flags=re.S)))


def escaped(text):
    """Outside code, angle brackets and braces are text: the generator would take them for components and expressions."""
    parts = re.split(r"(```.*?```|`[^`\n]+`|^(?: {4}.*\n)+)", text, flags=re.S | re.M)
    return "".join(code(part) if i % 2 else part.replace("<", "&lt;").replace("{{", "&#123;&#123;") for i, part in enumerate(parts))


def code(part):
    return f"<code v-pre>{html.escape(part[1:-1])}</code>" if re.fullmatch(r"`[^`]+`", part) and "{{" in part else part


def api():
    """A page for each namespace: public types with summary, remarks, members, parameters, returns and exceptions."""
    public = {}
    for path in (ROOT / "tests" / "Conventions.Tests" / "public-api").glob("*.txt"):
        for line in path.read_text().splitlines():
            name, _, shown = line.partition(": ")
            public.setdefault(name, set()).add(re.sub(r"^(get_|set_)", "", re.split(r"[(]", shown)[0].split(" ")[-1]).replace(".ctor", "#ctor"))
    types = {}
    for assembly in ASSEMBLIES:
        for member in xml.parse(ROOT / "artifacts" / "bin" / assembly / "release" / f"{assembly}.xml").iter("member"):
            kind, name = member.get("name").split(":", 1)
            if kind == "T":
                types.setdefault(name, [member, []])[0] = member
            else:
                owner = re.sub(r"\(.*", "", name).rsplit(".", 1)[0]
                types.setdefault(owner, [None, []])[1].append((kind, name[len(owner) + 1 :], member))
    spaces = {}
    for name in sorted(types):
        if name in public and types[name][0] is not None:
            spaces.setdefault(name.rsplit(".", 1)[0], []).append(name)
    for space, names in spaces.items():
        page = [f"# {space}\n"]
        for name in names:
            about, members = types[name]
            page.append(f"\n## {title(name.rsplit('.', 1)[1])}\n\n{words(about.find('summary'))}\n")
            page += [f"\n{words(part)}\n" for part in about.findall("remarks")]
            page += [f"- **{part.get('name')}**: {words(part)}\n" for part in about.findall("param")]
            shown = [one for one in members if re.split(r"[(`]", one[1])[0] in public[name] or one[0] == "F"]
            for _, member, element in sorted(shown, key=lambda one: ("PFEM".index(one[0]), one[1])):
                page.append(f"\n### {title(signature(member))}\n\n{words(element.find('summary'))}\n\n")
                page += [f"- {part.get('name')}: {words(part)}\n" for part in element.findall("param")]
                page += [f"- returns: {words(part)}\n" for part in element.findall("returns")]
                page += [f"- throws {title(part.get('cref').split('.')[-1])}: {words(part)}\n" for part in element.findall("exception")]
        write(f"api/{space}.md", "".join(page))
    write("api/index.md", "# API\n\n" + "".join(f"- [{space}](./{space}.md): {len(names)} types\n" for space, names in sorted(spaces.items())))


def signature(member):
    member = member.replace("#ctor", "constructor")
    name, _, parameters = member.partition("(")
    short = ", ".join(re.sub(r"[\w.]*\.(\w+)", r"\1", one) for one in re.split(r",(?![^{]*\})", parameters.rstrip(")"))) if parameters else ""
    return re.sub(r"`+\d+", "", name) + (f"({short})" if parameters else "")


def title(text):
    return re.sub(r"`+\d+", "", text).replace("{", "&lt;").replace("}", "&gt;").replace("<", "&lt;")


def words(element):
    """Text of a documentation element as one paragraph, code as code."""
    if element is None:
        return ""
    out = [text(element.text)]
    for child in element:
        name = child.get("cref") or child.get("langword") or child.get("name") or ""
        short = re.sub(r"`+\d+", "", re.sub(r"\(.*", "", name.split(":", 1)[-1]).split(".")[-1])
        out.append(
            f"`{short}`" if child.tag in ("see", "paramref", "typeparamref", "seealso")
            else f"`{''.join(child.itertext())}`" if child.tag == "c"
            else f"\n\n```csharp\n{''.join(child.itertext()).strip()}\n```\n\n" if child.tag == "code"
            else f"\n\n{words(child)}\n\n" if child.tag in ("para", "example", "list", "item")
            else words(child))
        out.append(text(child.tail))
    return "".join(out).strip() if element.tag in ("summary", "remarks", "param", "returns", "exception", "para", "example") else "".join(out)


def text(value):
    return html.escape(re.sub(r"\s+", " ", value or ""), quote=False).replace("{{", "&#123;&#123;").replace("*", "\\*").replace("_", "\\_")


if __name__ == "__main__":
    main()
