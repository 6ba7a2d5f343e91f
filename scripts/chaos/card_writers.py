"""Clients that write cards: a device that uses CardDAV, one that has groups, and an import of files."""

import time
import uuid

from actors import PAUSE
from answers import Client, Record
from ledger import LIVE, TRASH, Ledger, State
from rest_writer import MANY, RestWriter

# Entries that an import writes as a whole or not at all (docs/behaviour/imports.md).
PART = 200
# Entries of a file: more than one part.
ENTRIES = 250


def card(marker: str, notes: str, *more: str) -> str:
    lines = [
        "BEGIN:VCARD",
        "VERSION:3.0",
        f"UID:{marker}",
        f"N:;{marker};;;",
        f"FN:{marker}",
        f"NOTE:{notes}",
        *more,
        "END:VCARD",
    ]
    return "\r\n".join(lines) + "\r\n"


class DavWriter(RestWriter):
    """Puts, renames and deletes cards."""

    most = MANY

    def __init__(self, name: str, record: Record, clients: list[Client], ledger: Ledger, book: str):
        super().__init__(name, record, clients, ledger)
        self.book = book

    def step(self) -> None:
        live = self.ledger.of_state(LIVE)
        actions = [self.create] * (4 if len(live) < self.most else 1)
        if live:
            actions += [self.change] * 4 + [self.rename] + [self.delete] * (1 if len(live) < self.most else 4)
        self.random.choice(actions)()

    def text(self, marker: str, notes: str) -> str:
        return card(marker, notes)

    def put(self, marker: str, notes: str, headers: dict, expected: tuple) -> None:
        headers = {"Content-Type": "text/vcard; charset=utf-8", **headers}
        request = ("PUT", self.book + self.ledger.names[marker])
        self.write(request, {marker: (LIVE, notes)}, self.text(marker, notes), headers, expected)

    def create(self) -> None:
        marker = self.marker()
        self.ledger.names[marker] = f"{marker}.vcf"
        self.put(marker, "v1", {"If-None-Match": "*"}, (201,))

    def change(self) -> None:
        marker = self.some(LIVE)
        self.put(marker, self.notes_after(marker), {}, (200, 204))

    def rename(self) -> None:
        marker = self.some(LIVE)
        old, new = self.ledger.names[marker], f"{marker}-{uuid.uuid4().hex[:6]}.vcf"
        headers = {"Destination": self.book + new, "Overwrite": "F"}
        after = {marker: self.ledger.known[marker]}
        if self.write(("MOVE", self.book + old), after, None, headers, (201, 204)):
            self.ledger.names[marker] = new
        else:
            self.ledger.doubts[-1].names[marker] = new

    def delete(self) -> None:
        marker = self.some(LIVE)
        after = {marker: self.deleted(marker)}
        self.write(("DELETE", self.book + self.ledger.names[marker]), after, expected=(204,))

    def deleted(self, marker: str) -> State:
        return TRASH, self.ledger.known[marker][1]


class GroupWriter(DavWriter):
    """Does the same with groups of contacts, which have no trash."""

    most = 10

    def step(self) -> None:
        super().step()
        time.sleep(0.05)

    def text(self, marker: str, notes: str) -> str:
        return card(marker, notes, "X-ADDRESSBOOKSERVER-KIND:group")

    def deleted(self, marker: str) -> State:
        return None


class Importer(RestWriter):
    """Imports files of new contacts into an address book of its own, imports some of them again, deletes them, and empties
    the trash."""

    def step(self) -> None:
        live, trash = self.ledger.of_state(LIVE), self.ledger.of_state(TRASH)
        if len(live) >= ENTRIES and self.random.random() < 0.4:
            self.random.choice([self.update, self.skip])(self.random.sample(live, ENTRIES))
        elif len(live) < 2 * ENTRIES:
            self.create_many()
        elif len(trash) < 2 * ENTRIES:
            self.delete_many(live[:PART])
        elif not self.ledger.doubts:
            # Otherwise it might purge a contact whose deletion is in doubt.
            self.empty_trash(trash)
        time.sleep(0.2)

    def create_many(self) -> None:
        notes = {self.marker(): "v1" for _ in range(ENTRIES)}
        self.import_file("skip", notes, notes, "created")

    def update(self, markers: list[str]) -> None:
        notes = {marker: self.notes_after(marker) for marker in markers}
        self.import_file("update", notes, notes, "updated")

    def skip(self, markers: list[str]) -> None:
        """Sends other notes, which must not be written."""
        sent = {marker: self.notes_after(marker) for marker in markers}
        self.import_file("skip", sent, {marker: self.ledger.known[marker][1] for marker in markers}, "skipped")

    def import_file(self, mode: str, sent: dict, stored: dict, action: str) -> None:
        """Sends contacts with their notes. The import must do the action with each, and leave the notes in `stored`."""
        text = "".join(card(marker, notes) for marker, notes in sent.items())
        request = ("POST", f"/api/contacts/import?mode={mode}")
        answer = self.repeat(request, text, {"Content-Type": "text/vcard"}, (200,))
        markers, after = list(stored), {marker: (LIVE, notes) for marker, notes in stored.items()}
        if answer is None:
            for first in range(0, len(markers), PART):
                part = {marker: after[marker] for marker in markers[first : first + PART]}
                self.ledger.doubt(f"part {first // PART} of an import", part)
            return
        report = answer.json()
        if report[action] != len(markers):
            counts = {name: report[name] for name in ("created", "updated", "skipped", "failed")}
            text = f"an import of {len(markers)} contacts, repeated with its key, reports {counts}, not all as {action}"
            self.record.violation(text)
        self.record.acknowledge()
        self.ledger.acknowledge(after)
        for marker, item in zip(markers, report["items"], strict=True):
            self.ledger.ids[marker] = item["contact_id"]

    def delete_many(self, markers: list[str]) -> None:
        operations = [{"op": "delete", "id": self.ledger.ids[marker]} for marker in markers]
        after = {marker: (TRASH, self.ledger.known[marker][1]) for marker in markers}
        self.write(("POST", "/api/contacts/batch"), after, {"operations": operations})

    def empty_trash(self, markers: list[str]) -> None:
        """The trash is emptied in parts, so each contact is in doubt by itself."""
        answer = self.client.send("DELETE", "/api/contacts/trash", expected=(204,))
        if answer is None:
            self.ledger.doubt("DELETE /api/contacts/trash", dict.fromkeys(markers), whole=False)
            time.sleep(PAUSE)
        else:
            self.record.acknowledge()
            self.ledger.acknowledge(dict.fromkeys(markers))
