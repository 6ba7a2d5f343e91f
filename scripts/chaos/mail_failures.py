"""The mail server unavailable, rejecting, stalling and cutting: no mail is lost, and none is sent twice without a reason."""

import collections
import contextlib
import itertools
import re

from answers import CUT, LOST, UNAVAILABLE
from databases import PostgresDatabase, SqliteDatabase
from mail_server import ACCEPT, CUT_AFTER, CUT_BEFORE, DELAY, REJECT, SLOW, STALL, MailServer
from postgres import Postgres
from programs import Violation, until
from scene import Scene
from service import PASSWORD

PEOPLE = 8
# Makes the waiting mails due, as time does. For parked ones it is the statement of docs/operating.md.
DUE = "UPDATE outbox SET due_at = CURRENT_TIMESTAMP, attempts = 0"


class Post:
    """Registrations, each of which promises a mail."""

    def __init__(self, scene: Scene, server: MailServer):
        self.scene, self.server = scene, server
        self.numbers = itertools.count()
        self.promised: list[str] = []

    def register(self) -> None:
        client = self.scene.clients("")[0]
        for _ in range(PEOPLE):
            address = f"person-{next(self.numbers)}@example.org"
            body = {"username": "Petro", "email": address, "password": PASSWORD}
            if client.send("POST", "/api/auth/register", body, expected=(201,)):
                self.promised.append(address)

    def outbox(self, condition: str) -> int:
        return self.scene.database.rows(f"SELECT count(*) AS n FROM outbox WHERE {condition}")[0]["n"]

    def await_attempts(self) -> None:
        until(lambda: self.outbox("last_error IS NULL") == 0, 90, "each mail was tried, and its error recorded")

    def deliver(self) -> None:
        """Repairs the server, and waits for the mails."""
        self.server.mode = ACCEPT
        self.server.relay.flow()
        self.scene.database.execute(DUE)
        until(lambda: self.outbox("1 = 1") == 0, 60, "the outbox is empty")

    def check(self, may_repeat: bool = False) -> int:
        """Checks the mails so far. Returns the number of those that came more than once."""
        received = collections.defaultdict(list)
        for address, message_id, text in self.server.mails:
            if address.startswith("person-"):
                received[address].append((message_id, text))
        violations = [f"a lost mail: {address}" for address in self.promised if address not in received]
        violations += [f"a mail that was not asked for: {address}" for address in received.keys() - set(self.promised)]
        repeated = {address: mails for address, mails in received.items() if len(mails) > 1}
        for address, mails in repeated.items():
            allowed = self.server.cuts.count(address) + 1 + may_repeat
            if len(mails) > allowed or len({message_id for message_id, _ in mails}) > 1:
                violations.append(f"{len(mails)} mails, {allowed} are possible: {address}")
        client = self.scene.clients("")[0]
        for address in self.promised:
            if address in received:
                token = re.search(r"token=([0-9a-f]+)", received[address][-1][1])
                body = {"token": token[1] if token else ""}
                if not client.send("POST", "/api/auth/verify-email", body, expected=(204,)):
                    violations.append(f"the link of the last mail does not work: {address}")
        self.scene.record.violations += violations
        if violations:
            raise Violation(f"{len(violations)} broken promises")
        self.promised = []
        self.server.mails.clear()
        self.server.cuts.clear()
        return len(repeated)


@contextlib.contextmanager
def with_mail(folder):
    server, postgres = MailServer(), Postgres.create(folder / "postgres")
    scene = Scene(folder, PostgresDatabase(postgres), server.settings, 2)
    # Its mails would wait in the same outbox.
    scene.has_account = False
    scene.start()
    scene.more_writes()
    post = Post(scene, server)
    yield scene, server, post
    scene.check()
    scene.stop()
    postgres.stop()
    server.stop()


def rejecting(folder):
    with with_mail(folder) as (scene, server, post):
        server.mode = DELAY
        post.register()
        post.await_attempts()
        waiting = post.outbox("due_at IS NOT NULL")
        post.deliver()
        post.check()
        server.mode = REJECT
        post.register()
        until(lambda: post.outbox("due_at IS NULL") == PEOPLE, 60, "each rejected mail is parked")
        post.deliver()
        post.check()
        server.relay.lead_to(1)
        post.register()
        post.await_attempts()
        server.relay.lead_to(server.controller.port)
        post.deliver()
        post.check()
    return f"{waiting} mails delayed, {PEOPLE} parked, {PEOPLE} without a server, all delivered once, {scene.report()}"


def stalling(folder):
    with with_mail(folder) as (scene, server, post):
        server.mode = STALL
        post.register()
        post.await_attempts()
        post.deliver()
        post.check()
        server.relay.stall()
        post.register()
        post.await_attempts()
        post.deliver()
        post.check()
    return f"{2 * PEOPLE} mails stalled after their text and before the greeting, all delivered once, {scene.report()}"


def cutting(folder):
    with with_mail(folder) as (scene, server, post):
        server.mode = CUT_BEFORE
        post.register()
        post.await_attempts()
        post.deliver()
        post.check()
        server.mode = CUT_AFTER
        post.register()
        post.await_attempts()
        post.deliver()
        repeated = post.check()
    return f"{2 * PEOPLE} mails cut, {repeated} repeated with their Message-ID, none lost, {scene.report()}"


def killing(folder):
    """The service is killed while it sends."""
    server = MailServer()
    scene = Scene(folder, SqliteDatabase(folder / "data/contacts.db"), server.settings)
    scene.has_account = False
    scene.start()
    post, repeated = Post(scene, server), 0
    for _ in range(3):
        server.mode = SLOW
        post.register()
        until(lambda: any(mail[0] in post.promised for mail in server.mails), 30, "mails are being sent")
        with scene.record.allows(LOST, CUT, UNAVAILABLE):
            scene.services[0].kill()
            scene.services[0].start()
            # The lease of two minutes has passed.
            post.deliver()
            scene.more_writes(1)
            scene.check()
        repeated += post.check(may_repeat=True)
    scene.stop()
    server.stop()
    return f"3 kills while {3 * PEOPLE} mails were sent, {repeated} repeated with their Message-ID, none lost, {scene.report()}"


SCENARIOS = {
    "mail-rejecting": rejecting,
    "mail-stalling": stalling,
    "mail-cutting": cutting,
    "mail-killed": killing,
}
