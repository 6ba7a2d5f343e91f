"""The service under load on a database, and the checks after a failure."""

import contextlib
import pathlib
import time

from account_writer import AccountWriter
from actors import Actor, Reader
from answers import UNAVAILABLE, Client, Record
from card_writers import DavWriter, GroupWriter, Importer
from databases import broken_invariants, contacts, groups, picture_names
from followers import DavFollower, RestFollower
from ledger import Ledger
from photo_writer import PhotoWriter
from programs import Violation, until
from registrant import Registrant
from rest_writer import RestWriter
from service import Person, Service, new_settings

# Bound of the time in which the service works again after a failure has ended.
RECOVERY = 30
# Time without a trouble after which it works again.
CALM = 1.0
# Seconds after which no replica accepts an ended session (docs/behaviour/sessions.md), on a busy machine.
SESSION_LAG = 1 + 2


class Scene:
    """Replicas, two address books with their clients, an account, and what all clients have seen.

    One address book has two writers of REST, two devices, a writer of photos and readers, the other one an importer.
    Two followers follow each. One client signs in and out, and changes the password of the account. Another one registers
    accounts and deletes them, if the scenario asks for it.
    """

    # The scene of this scenario.
    latest: "Scene | None" = None

    def __init__(self, folder: pathlib.Path, database, settings: dict | None = None, replicas: int = 1):
        self.folder, self.database, self.record = folder, database, Record()
        shared = {**new_settings(), **database.settings, **(settings or {})}
        self.services = [Service(folder, shared, f"service-{number}") for number in range(replicas)]
        # Returns the names of the stored pictures.
        self.pictures = lambda: {
            f"{file.parent.name}/{file.stem}" for file in (folder / "data/media").glob("*/[!.]*.jpg")
        }
        # Returns the bytes of one of them.
        self.picture = lambda name: (folder / f"data/media/{name}.jpg").read_bytes()
        # Share of the answers that may be 503 without a failure. A scene that sets it has the reason beside it.
        self.busy_share = 0.0
        Scene.latest = self
        # True: the clients of REST sign in with app passwords, not with a session.
        self.by_app_password = False
        # False: without the client that changes an account.
        self.has_account = True
        # True: with the client that registers accounts and deletes them.
        self.has_registrant = False
        self.session_lag: float = SESSION_LAG
        self.happened = 0
        self.recoveries: list[float] = []
        self.checks = 0

    def start(self) -> None:
        for service in self.services:
            service.start()
        self.mixed, self.files, owner = (
            Person(self.services[0], self.record, f"{name}@example.com") for name in ("m", "f", "a")
        )
        self.writers, self.followers = [], []
        self.account = AccountWriter("a0", self.record, self.clients(""), owner, self.session_lag)
        self.registrant = Registrant("n0", self.record, self.clients(""), self.database)
        mixed, files = (person.app if self.by_app_password else person.session for person in (self.mixed, self.files))
        for number in range(2):
            self.writers.append(RestWriter(f"w{number}", self.record, self.clients(mixed), Ledger()))
        device = self.clients(self.mixed.device)
        self.writers.append(DavWriter("d0", self.record, device, Ledger(), self.mixed.book))
        device = self.clients(self.mixed.device)
        self.writers.append(GroupWriter("g0", self.record, device, Ledger(), self.mixed.book))
        self.photo_writer = PhotoWriter("p0", self.record, self.clients(mixed), Ledger())
        self.writers.append(self.photo_writer)
        self.writers.append(Importer("i0", self.record, self.clients(files), Ledger()))
        for person, authorization in ((self.mixed, mixed), (self.files, files)):
            name = person.email[0]
            self.followers.append(RestFollower(f"feed-{name}", self.record, self.clients(authorization)))
            self.followers.append(DavFollower(f"sync-{name}", self.record, self.clients(person.device), person.book))
        self.readers = [Reader(f"r{number}", self.record, self.clients(mixed)) for number in range(2)]
        for actor in self.actors():
            actor.start()
        # Until the pools have their connections: a busy machine may need longer than a request waits for one.
        with self.failure(UNAVAILABLE):
            self.wake()
        self.recoveries.clear()

    def clients(self, authorization: str) -> list[Client]:
        return [Client(service, self.record, authorization) for service in self.services]

    def actors(self) -> list[Actor]:
        others = [*([self.account] if self.has_account else []), *([self.registrant] if self.has_registrant else [])]
        return [*self.writers, *self.followers, *self.readers, *others]

    def wake(self) -> None:
        for actor in self.actors():
            actor.wake()

    def rest(self) -> None:
        for actor in self.actors():
            actor.awake.clear()
        for actor in self.actors():
            actor.rest()

    def more_writes(self, number: int = 40, seconds: float = 60) -> None:
        """Waits for acknowledged writes."""
        target = self.record.counts["acknowledged"] + number
        until(lambda: self.record.counts["acknowledged"] >= target, seconds, f"{number} more acknowledged writes")

    @contextlib.contextmanager
    def failure(self, *troubles: str):
        """Allows troubles during a failure, and until the service works again."""
        with self.record.allows(*troubles):
            yield
            self.await_recovery()

    def await_recovery(self, seconds: float = RECOVERY) -> None:
        """Waits until writes are acknowledged, without a trouble for a while. Records how long it took."""
        end = time.monotonic()

        def works() -> bool:
            since = max(end, self.record.last_trouble)
            return self.record.last_write > since and time.monotonic() - since > CALM

        until(works, seconds, "the service works again")
        self.recoveries.append(max(0.0, self.record.last_trouble - end))

    def check(self) -> None:
        """Lets the clients rest, and compares what they know with the database."""
        self.rest()
        try:
            until(self.database.is_quiet, 30, "no transaction is open")
            self.compare()
            self.checks += 1
        finally:
            self.wake()
        self.require_promises()

    def require_promises(self) -> None:
        if self.record.violations:
            raise Violation(f"{len(self.record.violations)} broken promises")

    def compare(self, follows: bool = True) -> None:
        """Compares what the clients know with the database. `follows`: the followers read all changes before."""
        violations = self.record.violations
        for person, number in ((self.mixed, slice(0, 5)), (self.files, slice(5, 6))):
            rows = contacts(self.database, person.id) + groups(self.database, person.id)
            by_marker: dict[str, dict] = {}
            for row in rows:
                if by_marker.setdefault(row["marker"], row) is not row:
                    violations.append(f"two contacts of one request: {row['marker']}")
            writers = self.writers[number]
            for writer in writers:
                own = {marker: row for marker, row in by_marker.items() if marker.startswith(f"{writer.name}-")}
                requested = set(writer.ledger.known).union(*(doubt.after for doubt in writer.ledger.doubts))
                violations += [
                    f"a contact that was purged or never written: {marker}" for marker in own.keys() - requested
                ]
                found, happened = writer.ledger.settle(own)
                self.happened += happened
                violations += found
                if writer is self.photo_writer:
                    violations += writer.settle_photos(own)
            for follower in self.followers:
                if follower.name.endswith(f"-{person.email[0]}"):
                    if follows:
                        until(follower.catch_up, 60, f"{follower.name} reads all changes")
                    violations += follower.differences(rows)
        if self.has_account:
            violations += self.account.settle(self.database)
        if self.has_registrant:
            violations += self.registrant.settle()
        violations += broken_invariants(self.database) + self.record.too_busy(self.busy_share)
        self.compare_pictures()

    def compare_pictures(self) -> None:
        stored = self.pictures()
        used, orphaned = picture_names(self.database)
        self.record.violations += [f"a lost picture: {name}" for name in used - stored]
        broken = [name for name in used & stored if not is_whole(self.picture(name))]
        self.record.violations += [f"a broken picture: {name}" for name in broken]
        # The worker may have removed one meanwhile: the file, then its row.
        unnamed = (stored - used - orphaned) & self.pictures()
        self.record.violations += [f"a picture that no row names: {name}" for name in unnamed]

    def stop(self) -> None:
        for actor in self.actors():
            actor.end()
        for service in self.services:
            self.record.violations += service.stop()
        self.record.violations += self.record.too_busy(self.busy_share)
        self.require_promises()

    def report(self) -> str:
        counts = self.record.counts
        parts = [
            f"{counts['acknowledged']} writes acknowledged",
            f"{self.happened} without an answer had happened",
            *(f"{counts[kind]} {kind}" for kind in ("answered 503", "lost", "cut") if counts[kind]),
            f"{counts['photos']} photos",
            *([f"{counts['account changes']} changes of an account"] if self.has_account else []),
            *([f"{counts['deletions']} accounts deleted"] if self.has_registrant else []),
            f"{counts['repeated']} replayed by their key",
            f"{counts['reads']} reads",
            f"{counts['items']} changes followed",
            *([f"{len(self.record.busy)} of the 503 without a failure"] if self.record.busy else []),
            f"{self.checks} checks",
            f"longest answer {self.record.longest:.1f} s",
        ]
        if self.recoveries:
            parts.append(f"recovered within {max(self.recoveries):.1f} s")
        return ", ".join(parts)


def is_whole(jpeg: bytes) -> bool:
    """True for a JPEG with its first and its last marker."""
    return jpeg.startswith(b"\xff\xd8\xff") and jpeg.endswith(b"\xff\xd9")
