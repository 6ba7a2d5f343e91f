"""The list of crates in docs/dependencies.md, and its rules."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

from built import ROOT, Crate, cargo, for_each_target, parts_of_others

DOCUMENT = ROOT / "docs/dependencies.md"
SECTION = "## Which crates are unsafe and new?"
LIST = re.compile(r"(<!-- list of crates -->\n).*(<!-- end of the list -->)", re.DOTALL)
HEAD = "| Crate | Version | Part of | `unsafe` | Runs at the build | C | First release | This release |\n"
DAY = re.compile(r"(The list is of )(\d{4}-\d\d-\d\d)")
# A crate is new if its first release is at most this old on the day of the list.
NEW = timedelta(days=365)
NO_CODE = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
UNSAFE = re.compile(r"\bunsafe\s*(?:\{|fn\b|impl\b|trait\b|extern\b)")
NOT_BUILT = {"tests", "benches", "examples", "fuzz"}


def listed(text: str) -> dict[Crate, list[str]]:
    """Returns the columns behind the version of each crate of the list."""
    lines = LIST.search(text)[0].splitlines()
    rows = [[cell.strip() for cell in line[1:-1].split("|")] for line in lines if line.startswith("| ")]
    return {(row[0], row[1]): row[2:] for row in rows if row[0] != "Crate"}


def read_crates(text: str) -> set[Crate]:
    section = text.partition(SECTION)[2].partition("\n## ")[0]
    return set(re.findall(r"^\| (\S+) \| (\d\S*) \|", section, re.MULTILINE))


def must_be_read(row: list[str], day: date) -> bool:
    part, unsafe, runs, c_code, first, _ = row
    is_dangerous = unsafe != "0" or runs or c_code
    return part != "tests" and bool(is_dangerous) and day - date.fromisoformat(first) <= NEW


def findings(text: str, parts: dict[Crate, str], packages: dict[Crate, dict]) -> Iterator[str]:
    rows = listed(text)
    for name, version in sorted(parts.keys() - rows.keys()):
        yield f"{name} {version} is not in the list"
    for name, version in sorted(rows.keys() - parts.keys()):
        yield f"{name} {version} is in the list, but not built"
    for name, version in sorted(parts.keys() & rows.keys()):
        part, stated = parts[name, version], rows[name, version][0]
        if part != stated:
            yield f"{name} {version} is part of: {part}, not {stated}"
        found, stated = of_sources(packages[name, version]), rows[name, version][1:4]
        if found != stated:
            yield f"{name} {version}: unsafe, build and C by its sources: {' | '.join(found)}, not {' | '.join(stated)}"
    day = date.fromisoformat(DAY.search(text)[2])
    required = {crate for crate, row in rows.items() if must_be_read(row, day)}
    for name, version in sorted(required - read_crates(text)):
        yield f"{name} {version} is unsafe and new: read it, and describe it in the section on such crates"
    for name, version in sorted(read_crates(text) - required):
        yield f"{name} {version} is not unsafe and new: remove it from the section on such crates"


def check() -> None:
    # Afterwards Cargo has the sources of all parts.
    parts = parts_of_others()
    found = list(findings(DOCUMENT.read_text(encoding="utf-8"), parts, packages_of_cargo()))
    for finding in found:
        print(f"docs/dependencies.md: {finding}")
    if found:
        sys.exit(f"crates: {len(found)} findings. Read the changed crates, then run `python3 scripts/crates list`")


def releases(index: Path, name: str) -> dict[str, str]:
    """Returns the day of each release of a crate, from the index of the registry as Cargo has stored it."""
    lower = name.lower()
    folder = {1: "1", 2: "2", 3: f"3/{lower[0]}"}.get(len(lower), f"{lower[:2]}/{lower[2:4]}")
    entries = (index / folder / lower).read_bytes().split(b"\0")
    parsed = [json.loads(entry) for entry in entries if entry.startswith(b"{")]
    return {entry["vers"]: entry["pubtime"][:10] for entry in parsed}


def packages_of_cargo() -> dict[Crate, dict]:
    """Returns the metadata of each crate, with the path of its sources."""
    metadata = json.loads(cargo("metadata", "--locked", "--format-version", "1", *for_each_target("--filter-platform")))
    return {(package["name"], package["version"]): package for package in metadata["packages"]}


def of_sources(package: dict) -> list[str]:
    """Returns the columns `unsafe`, build and C of a crate. `unsafe` is counted for all platforms, without tests."""
    folder = Path(package["manifest_path"]).parent
    files = [path for path in folder.rglob("*") if not NOT_BUILT.intersection(path.relative_to(folder).parts)]
    sources = [path.read_text(encoding="utf-8", errors="replace") for path in files if path.suffix == ".rs"]
    unsafe = sum(len(UNSAFE.findall(NO_CODE.sub("", source))) for source in sources)
    kinds = {kind for target in package["targets"] for kind in target["kind"]}
    runs = ", ".join(word for kind, word in (("custom-build", "script"), ("proc-macro", "macro")) if kind in kinds)
    c_code = "yes" if package["links"] and any(path.suffix in {".c", ".S"} for path in files) else ""
    return [str(unsafe), runs, c_code]


def days_of(index: Path, name: str, version: str) -> list[str]:
    """Returns the columns with the days of the first release of a crate and of this one."""
    days = releases(index, name)
    return [min(days.values()), days[version]]


def table(parts: dict[Crate, str]) -> str:
    packages = packages_of_cargo()
    # Cargo unpacks crates to registry/src/HOST/CRATE, and stores the index in registry/index/HOST.
    sources = Path(packages[min(parts)]["manifest_path"]).parent.parent
    index = sources.parent.parent / "index" / sources.name / ".cache"
    rows = [
        [*crate, part, *of_sources(packages[crate]), *days_of(index, *crate)] for crate, part in sorted(parts.items())
    ]
    return HEAD + "|---" * 8 + "|\n" + "".join(f"| {' | '.join(row)} |\n" for row in rows)


def write() -> None:
    # Makes Cargo ask the registry for the index of every crate.
    subprocess.run([ROOT / "scripts/check-yanked"], check=True)
    text = DOCUMENT.read_text(encoding="utf-8")
    rows = table(parts_of_others())
    text = LIST.sub(lambda found: found[1] + rows + found[2], text)
    DOCUMENT.write_text(DAY.sub(rf"\g<1>{date.today()}", text), encoding="utf-8")
    check()
