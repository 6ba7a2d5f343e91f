"""The mail server unavailable, rejecting, stalling and cutting: no mail is lost, and none is sent twice without a reason."""

import collections
import contextlib
import itertools
import re
import time

from answers import CUT, LOST, UNAVAILABLE
from databases import PostgresDatabase, SqliteDatabase
from mail_server import ACCEPT, CUT_AFTER, CUT_BEFORE, DELAY, REJECT, SLOW, STALL, MailServer
from postgres import Postgres
from programs import Violation, until
from scene import Scene
from service import PASSWORD

PEOPLE = 8
# Makes the waiting mails due, as time does. A parked mail stays parked.
DUE = "UPDATE outbox SET due_at = CURRENT_TIMESTAMP WHERE due_at IS NOT NULL"
# The statement of docs/operating.md for parked mails.
SEND_AGAIN = "UPDATE outbox SET due_at = CURRENT_TIMESTAMP, attempts = 0 WHERE due_at IS NULL"
# Seconds until a mail is retried after its first failed attempt, and until one is retried whose process was killed
# (docs/behaviour/mails.md). Each pause is four times as long as the one before.
FIRST_PAUSE, LEASE = 15, 120
# Bound of the retry by itself: after one attempt, or after two if some registrations took longer than the first pause.
RETRIED = 90


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
        """Waits until an attempt of each mail has failed, and requires that the mails wait for the next one."""
        until(lambda: self.outbox("last_error IS NULL") == 0, 90, "each mail was tried, and its error recorded")
        self.require_waiting()

    def require_waiting(self) -> None:
        """Requires that each promised mail that was not received waits, and that no pause is longer than documented."""
        seconds = self.scene.database.seconds_until.format("due_at")
        query = f"SELECT address, attempts, last_error, due_at IS NULL AS parked, {seconds} AS seconds FROM outbox"
        rows = self.scene.database.rows(query)
        found = {row["address"] for row in rows}.union(address for address, *_ in self.server.mails)
        violations = [f"a mail that does not wait: {address}" for address in self.promised if address not in found]
        for row in rows:
            if row["parked"]:
                violations.append(f"a mail is parked after {row['attempts']} attempts: {row['address']}")
            elif row["seconds"] > longest_pause(row):
                due = f"a mail is due in {row['seconds']:.0f} s after {row['attempts']} attempts"
                violations.append(f"{due}: {row['address']}")
        self.scene.record.violations += violations
        self.scene.require_promises()

    def deliver(self, statement: str = DUE) -> None:
        """Repairs the server, makes the mails due, and waits for them."""
        self.server.mode = ACCEPT
        self.server.relay.flow()
        self.scene.database.execute(statement)
        self.await_delivery(60)

    def await_delivery(self, seconds: float) -> None:
        until(lambda: self.outbox("1 = 1") == 0, seconds, "the outbox is empty")

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


def longest_pause(row: dict) -> float:
    """Returns the seconds after which a mail is due at most. One that is being sent has a lease. Only a mail that has failed
    exactly once is certainly not being sent."""
    pause = FIRST_PAUSE * 4 ** (row["attempts"] - 1)
    return pause if row["attempts"] == 1 and row["last_error"] else max(pause, LEASE)


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
        # The outbox is not touched: the mails must be retried by themselves.
        server.mode, begin = ACCEPT, time.monotonic()
        post.await_delivery(RETRIED)
        retried = time.monotonic() - begin
        post.check()
        server.mode = REJECT
        post.register()
        until(lambda: post.outbox("due_at IS NULL") == PEOPLE, 60, "each rejected mail is parked")
        post.deliver(SEND_AGAIN)
        post.check()
        server.relay.lead_to(1)
        post.register()
        post.await_attempts()
        server.relay.lead_to(server.controller.port)
        post.deliver()
        post.check()
    return (
        f"{PEOPLE} mails delayed and retried by themselves within {retried:.0f} s, {PEOPLE} parked, "
        f"{PEOPLE} without a server, all delivered once, {scene.report()}"
    )


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
            post.require_waiting()
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
