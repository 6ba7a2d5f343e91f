"""khard: lists, creates, changes and removes contacts in the folder of a device."""

import pathlib
import subprocess

from install import python_programs as install
from service import Service
from vdir import Device

__all__ = ["install", "run"]

CONFIG = """
[addressbooks]
[[device]]
path = {book}
[general]
editor = true
merge_editor = true
[vcard]
preferred_version = {version}
"""


def run(programs: pathlib.Path, service: Service, work: pathlib.Path) -> None:
    for version in ("3.0", "4.0"):
        person = service.person(f"olena{version}@example.com")
        walk(programs, person, Device(programs, work, f"device-{version}", person), version)


def walk(programs: pathlib.Path, person, device: Device, version: str) -> None:
    config = device.folder / "khard.conf"
    config.write_text(CONFIG.format(book=device.book, version=version), "utf-8")

    def khard(*arguments, text=None) -> str:
        command = [programs / "khard", "--config", config, *arguments]
        # A question without an answer is asked again for ever.
        result = subprocess.run(command, input=text, text=True, capture_output=True, check=False, timeout=30)
        assert result.returncode == 0, f"khard {arguments} failed: {result.stdout}{result.stderr}"
        return result.stdout

    fields = {"emails": [{"address": "ivan@example.com", "label": "work"}], "birthday": "1856-08-27"}
    person.create(first_name="Іван", last_name="Франко", **fields)
    device.sync()
    assert "Іван Франко" in khard("list"), khard("list")
    assert "ivan@example.com" in khard("email", "--parsable")
    assert "Іван Франко" in khard("birthdays", "--parsable")

    khard("new", text="First name : Леся\nLast name : Українка\nPhone :\n    cell : '+380671112233'\n")
    device.sync()
    lesia = person.contacts()["Леся"]
    assert (lesia["last_name"], lesia["phones"][0]["number"]) == ("Українка", "+380671112233"), lesia

    edited = device.folder / "edited.yaml"
    edited.write_text("First name : Іван\nLast name : Франко\nNickname : Каменяр\n", "utf-8")
    khard("edit", "--input-file", edited, "Франко", text="yes\n")
    device.sync()
    ivan = person.contacts()["Іван"]
    assert ivan["nickname"] == "Каменяр", ivan

    khard("remove", "--force", "Українка")
    device.sync()
    assert list(person.contacts()) == ["Іван"] and person.trash() == ["Леся"]
