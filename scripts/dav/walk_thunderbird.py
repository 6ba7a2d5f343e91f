"""Thunderbird: adds the address book as its dialog does, and shares it with the REST API."""

import functools
import pathlib
import subprocess
import time

from install import debian_program
from marionette import Program
from service import Service

install = functools.partial(debian_program, "thunderbird")

ADD = """
    const { CardDAVUtils } = ChromeUtils.importESModule("resource:///modules/CardDAVUtils.sys.mjs");
    const [user, password, location] = args;
    const books = await CardDAVUtils.detectAddressBooks(user, password, location);
    const book = await books[0].create();
    return [books.length, book.UID];"""

# Begins each script below: `book` is the address book, `card(name)` its contact with that name.
BOOK = """
    const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
    const { CardDAVDirectory } = ChromeUtils.importESModule("resource:///modules/CardDAVDirectory.sys.mjs");
    const book = MailServices.ab.getDirectoryFromUID(args.shift());
    const server = CardDAVDirectory.forFile(book.fileName);
    const card = name => book.childCards.find(card => card.displayName == name);
"""
SYNC = BOOK + "await server.syncWithServer();"
NAMES = BOOK + "return book.childCards.map(card => card.displayName).sort();"
CREATE = BOOK + """
    const { AddrBookCard } = ChromeUtils.importESModule("resource:///modules/AddrBookCard.sys.mjs");
    const created = new AddrBookCard();
    [created.displayName, created.firstName] = [args[0], args[0]];
    created.primaryEmail = args[1];
    book.addCard(created);"""
EDIT = BOOK + """
    const edited = card(args[0]);
    edited.primaryEmail = args[1];
    book.modifyCard(edited);"""
DELETE = BOOK + "book.deleteCards([card(args[0])]);"
EMAIL = BOOK + "return card(args[0]).primaryEmail;"


def until(expected, value) -> None:
    """Waits until a value is as expected: Thunderbird sends its changes in the background."""
    found = None
    for _ in range(300):
        found = value()
        if found == expected:
            return
        time.sleep(0.1)
    raise AssertionError(f"{found} is not {expected} within 30 seconds")


def run(program: pathlib.Path, service: Service, work: pathlib.Path) -> None:
    person = service.person("olena@example.com")
    ivan = person.create(first_name="Іван", emails=[{"address": "ivan@example.com"}])
    with Program(program, work) as thunderbird:
        number, book = thunderbird.run(ADD, person.email, person.app_password("thunderbird"), service.base)
        assert number == 1, "there is one address book"

        def names():
            return thunderbird.run(NAMES, book)

        def email(name):
            return person.contacts()[name]["emails"][0]["address"]

        until(["Іван"], names)
        thunderbird.run(CREATE, book, "Леся", "lesia@example.com")
        until({"Іван", "Леся"}, lambda: set(person.contacts()))
        assert email("Леся") == "lesia@example.com"

        thunderbird.run(EDIT, book, "Іван", "franko@example.com")
        until("franko@example.com", lambda: email("Іван"))
        person.patch(person.contacts()["Леся"], emails=[{"address": "ukrainka@example.com"}])
        thunderbird.run(SYNC, book)
        until("ukrainka@example.com", lambda: thunderbird.run(EMAIL, book, "Леся"))

        person.delete(ivan)
        thunderbird.run(SYNC, book)
        until(["Леся"], names)
        thunderbird.run(DELETE, book, "Леся")
        until(["Леся", "Іван"], person.trash)

        # A restored backup makes every token invalid.
        command = [service.binary, "renew-sync-tokens"]
        subprocess.run(command, cwd=service.folder, env=service.environment, check=True, capture_output=True)
        person.create(first_name="Тарас")
        thunderbird.run(SYNC, book)
        until(["Тарас"], names)
