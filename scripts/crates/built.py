"""The crates that are built for 64-bit Linux, as `cargo tree` finds them.

The metadata of Cargo name more crates, because they do not know which optional dependencies the features select.
"""

import re
import subprocess
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
TARGETS = ("x86_64-unknown-linux-gnu", "aarch64-unknown-linux-gnu")
# The parts, the most important one first, with the arguments of `cargo tree` that select their crates.
PARTS = {
    "program": ("--package", "api", "--edges", "normal"),
    "build": ("--package", "api", "--edges", "normal,build"),
    "tests": ("--workspace", "--edges", "normal,build,dev"),
}
LINE = re.compile(r"^(\S+) v(\S+)((?: \(.+?\))*)$", re.MULTILINE)

Crate = tuple[str, str]


def cargo(*arguments: str) -> str:
    return subprocess.run(["cargo", *arguments], cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True).stdout


def for_each_target(option: str) -> list[str]:
    return [argument for target in TARGETS for argument in (option, target)]


def tree(part: str) -> tuple[set[Crate], set[Crate]]:
    """Returns (name, version) of the crates of a part: those of other authors, and those of the workspace."""
    targets = for_each_target("--target")
    lines = cargo("tree", "--locked", "--prefix", "none", "--format", "{p}", *PARTS[part], *targets)
    others, own = set(), set()
    for name, version, remarks in LINE.findall(lines):
        # A crate of the workspace has its path behind the version.
        (own if "(/" in remarks else others).add((name, version))
    return others, own


def parts_of_others() -> dict[Crate, str]:
    """Returns the part of each crate of other authors: the most important one that contains it."""
    found: dict[Crate, str] = {}
    for part in PARTS:
        for crate in tree(part)[0]:
            found.setdefault(crate, part)
    return found
