"""The contacts that a client has written, with the answers that it got."""

import dataclasses

LIVE, TRASH = "live", "trash"
# The state of a contact: (LIVE or TRASH, its notes), or None for one that does not exist.
State = tuple | None


@dataclasses.dataclass
class Doubt:
    """A write without an answer: it has happened, or not. As a whole, if it is `whole`. `names` are the new names of the
    cards that it moves."""

    request: str
    before: dict
    after: dict
    whole: bool = True
    names: dict = dataclasses.field(default_factory=dict)


class Ledger:
    """Contacts by their first name, which no other client uses. A contact in doubt is not written again."""

    def __init__(self):
        self.known: dict[str, State] = {}
        # Ids, and names of cards, as the client or the database knows them.
        self.ids: dict[str, str] = {}
        self.names: dict[str, str | None] = {}
        self.doubts: list[Doubt] = []

    def acknowledge(self, after: dict) -> None:
        self.known.update(after)

    def doubt(self, request: str, after: dict, whole: bool = True) -> None:
        before = {marker: self.known.pop(marker, None) for marker in after}
        self.doubts.append(Doubt(request, before, after, whole))

    def of_state(self, state: str) -> list[str]:
        return [marker for marker, known in self.known.items() if known and known[0] == state]

    def settle(self, rows: dict) -> tuple[list[str], int]:
        """Compares with the contacts of the database, and takes over what was in doubt. Returns violations, and the
        number of writes without an answer that have happened."""
        found = {marker: row["state"] for marker, row in rows.items()}
        violations = [
            f"acknowledged as {state}, but stored as {found.get(marker)}: {marker}"
            for marker, state in self.known.items()
            if found.get(marker) != state
        ]
        violations += self.settle_names(rows)
        happened = 0
        for doubt in self.doubts:
            stored = {marker: found.get(marker) for marker in doubt.after}
            happened += stored != doubt.before
            if doubt.whole and stored not in (doubt.before, doubt.after):
                done = sum(stored[marker] == doubt.after[marker] for marker in stored)
                violations.append(f"half of {doubt.request}: {done} of {len(stored)} contacts were written")
            for marker, state in stored.items():
                if state not in (doubt.before[marker], doubt.after[marker]):
                    violations.append(f"stored as {state} after {doubt.request}: {marker}")
            self.known.update(stored)
        self.doubts = []
        self.known = {marker: state for marker, state in self.known.items() if state}
        self.ids = {marker: rows[marker]["id"] for marker in self.known if marker in rows}
        self.names = {marker: name for marker, name in self.names.items() if marker in self.known}
        return violations, happened

    def settle_names(self, rows: dict) -> list[str]:
        """Compares the names of live cards, and takes over those of a move in doubt and of contacts without a known name."""
        moved = {marker: name for doubt in self.doubts for marker, name in doubt.names.items()}
        violations = []
        for marker, row in rows.items():
            stored, known = row["name"], self.names.get(marker, row["name"])
            if row["state"][0] == LIVE and stored not in (known, moved.get(marker, known)):
                violations.append(f"acknowledged with the name {known}, but stored with {stored}: {marker}")
            self.names[marker] = stored if marker in moved else known
        return violations
