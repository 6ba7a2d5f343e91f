"""A device whose address book is a folder of vCards that vdirsyncer synchronizes with the service."""

import pathlib
import subprocess

CONFIG = """
[general]
status_path = "{folder}/status"

[pair device]
a = "local"
b = "remote"
collections = ["from b"]
conflict_resolution = "{conflicts}"

[storage local]
type = "filesystem"
path = "{folder}/books"
fileext = ".vcf"

[storage remote]
type = "carddav"
url = "{url}"
username = "{user}"
password = "{password}"
"""


class Device:
    """A device with an app password of its own. `conflicts` is the rule of vdirsyncer: `a wins` is the device."""

    def __init__(self, programs: pathlib.Path, work: pathlib.Path, name: str, person, conflicts: str = "b wins"):
        self.program, self.folder = programs / "vdirsyncer", work / name
        self.folder.mkdir()
        self.config = self.folder / "config"
        account = {"url": person.service.base + "/", "user": person.email, "password": person.app_password(name)}
        self.config.write_text(CONFIG.format(folder=self.folder, conflicts=conflicts, **account), "utf-8")
        self.run("discover")
        [self.book] = (self.folder / "books").iterdir()

    def run(self, command: str) -> str:
        """Runs a command of vdirsyncer, agrees to its questions, and returns its report."""
        arguments = [self.program, "--config", self.config, command]
        result = subprocess.run(arguments, input="y\n" * 9, text=True, capture_output=True, check=False)
        report = result.stdout + result.stderr
        assert result.returncode == 0, f"vdirsyncer {command} failed:\n{report}"
        return report

    def sync(self) -> str:
        return self.run("sync")

    def file_of(self, text: str) -> pathlib.Path:
        """Returns the only vCard that contains a text."""
        [found] = [file for file in self.book.glob("*.vcf") if text in unfolded(file.read_bytes())]
        return found

    def has(self, text: str) -> bool:
        return any(text in unfolded(file.read_bytes()) for file in self.book.glob("*.vcf"))

    def edit(self, text: str, old: str, new: str) -> None:
        """Replaces a part of the vCard that contains a text, as an editor does."""
        file = self.file_of(text)
        card = file.read_bytes().decode()
        assert old in card, f"no {old!r} in:\n{card}"
        # vdirsyncer detects a change by the time of the file and its inode.
        changed = file.with_suffix(".new")
        changed.write_bytes(card.replace(old, new).encode())
        changed.rename(file)


def unfolded(card: bytes) -> str:
    """Returns a vCard with one line for each property (RFC 6350, 3.2)."""
    return card.replace(b"\r\n", b"\n").replace(b"\n ", b"").replace(b"\n\t", b"").decode()


def lines(card: bytes) -> list:
    """Returns the properties of a vCard in an order that does not depend on the writer."""
    return sorted(unfolded(card).strip().split("\n"))
