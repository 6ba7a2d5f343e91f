"""The bill of materials (SBOM) of the program, in the format CycloneDX 1.5.

cargo-cyclonedx makes it. Afterwards, crates that are not built are removed, and the paths of the machine are replaced. The
time in the file is that of the commit, so two runs on one commit write the same bytes.
"""

import json
import os
import subprocess
import sys
from collections.abc import Callable

from built import ROOT, Crate, tree

TOOL, VERSION = "cargo-cyclonedx", "0.5.9"
TOOLS = ROOT / "target/tools"
SBOM = ROOT / "target/sbom/contacts-api.cdx.json"
# The name of the binary, and the suffix of the tool.
WRITTEN = ROOT / "crates/api/contacts-api_bin.cdx.json"


def run(*command: str, **options) -> str:
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, **options).stdout


def get_tool() -> None:
    program = TOOLS / "bin" / TOOL
    if not program.exists() or VERSION not in run(str(program), "cyclonedx", "--version"):
        run("cargo", "install", "--quiet", "--locked", "--force", "--root", str(TOOLS), f"{TOOL}@{VERSION}")


def replace_texts(value, replace: Callable[[str], str]):
    """Applies a function to each text of a JSON value."""
    if isinstance(value, str):
        return replace(value)
    if isinstance(value, list):
        return [replace_texts(item, replace) for item in value]
    if isinstance(value, dict):
        return {key: replace_texts(item, replace) for key, item in value.items()}
    return value


def name_of(component: dict) -> Crate:
    return component["name"], component["version"]


def of_program(document: dict) -> dict:
    """Removes what is not built, and the paths."""
    others, own = tree("build")
    built = others | own
    components = [component for component in document["components"] if name_of(component) in built]
    # `api` is the program itself, which is no component of it.
    missing = {crate for crate in built - set(map(name_of, components)) if crate[0] != "api"}
    if missing:
        raise AssertionError(f"{TOOL} does not list {sorted(missing)}")
    document["components"] = components
    listed = {component["bom-ref"] for component in components}
    listed.add(document["metadata"]["component"]["bom-ref"])
    document["dependencies"] = [
        entry | {"dependsOn": [name for name in entry["dependsOn"] if name in listed]} if "dependsOn" in entry else entry
        for entry in document["dependencies"]
        if entry["ref"] in listed
    ]
    return replace_texts(document, lambda text: text.replace(f"path+file://{ROOT}/", "workspace:"))


def write() -> None:
    get_tool()
    time = run("git", "log", "-1", "--format=%ct").strip()
    path = f"{TOOLS / 'bin'}:{os.environ['PATH']}"
    command = ["cargo", "cyclonedx", "--manifest-path", "crates/api/Cargo.toml", "--target", "x86_64-unknown-linux-gnu"]
    command += ["--format", "json", "--spec-version", "1.5", "--describe", "binaries"]
    run(*command, env={**os.environ, "PATH": path, "SOURCE_DATE_EPOCH": time})
    document = of_program(json.loads(WRITTEN.read_text(encoding="utf-8")))
    WRITTEN.unlink()
    SBOM.parent.mkdir(parents=True, exist_ok=True)
    SBOM.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")
    print(f"{SBOM.relative_to(ROOT)}: {len(document['components'])} crates")


def compare() -> None:
    """Writes the file twice. Fails when the bytes differ, or contain the path of the project."""
    write()
    first = SBOM.read_bytes()
    write()
    if SBOM.read_bytes() != first:
        sys.exit("crates: two bills of materials of one commit differ")
    if str(ROOT).encode() in first:
        sys.exit(f"crates: the bill of materials contains the path {ROOT}")
