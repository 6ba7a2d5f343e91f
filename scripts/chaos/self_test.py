"""Breaks each promise by hand, and requires that its check reports it. A check that cannot fail proves nothing."""

import collections
import dataclasses
import types

import client_tests
import kill_failures
from answers import WRITE
from breaks import BREAKS
from client_tests import taken
from databases import INVARIANTS, SqliteDatabase, contacts, picture_names
from mail_failures import Post
from programs import Violation, until
from scene import Scene
from service import session_of

# A mail in the outbox, with the number of its attempts, the time at which it is due, and its last error.
MAIL = (
    "INSERT INTO outbox (id, kind, address, to_unverified, requested_at, attempts, due_at, last_error) VALUES "
    "(randomblob(16), 'verify_email', '{}', 0, '2099-01-01T00:00:00+00:00', {}, {}, {})"
)
NO_MAIL = "DELETE FROM outbox WHERE requested_at LIKE '2099-%'"


def checks(folder):
    database = SqliteDatabase(folder / "data/contacts.db")
    scene = Scene(folder, database)
    scene.has_registrant = True
    scene.start()
    scene.more_writes(100)
    scene.check()
    until(lambda: scene.account.signed_out and scene.record.counts["photos"] > 9, 60, "photos and an ended session")
    scene.rest()
    scene.compare()
    assert not scene.record.violations, scene.record.violations
    values, found = damaged_rows(scene), set()
    for damage, repair, expected in BREAKS:
        database.execute(damage.format(**values))
        found |= reported(scene, expected)
        database.execute(repair.format(**values))
        scene.compare(follows=False)
        assert not scene.record.violations, f"{repair} does not repair: {scene.record.violations}"
    missing = [name for name in INVARIANTS if not any(text.startswith(f"not true: {name}: ") for text in found)]
    assert not missing, f"no damage contradicts {missing}"
    orphan = next((folder / "data/media").glob("*/*.jpg")).with_name("orphan.jpg")
    orphan.touch()
    reported(scene, "a picture that no row names")
    orphan.unlink()
    others = (*client_tests.ALL, pictures, mails, outbox, registrations, passwords, late)
    number = len(BREAKS) + 1 + sum(check(scene) for check in others)
    scene.stop()
    return f"{number} broken promises were reported, and each of {len(INVARIANTS)} invariants was contradicted"


def damaged_rows(scene: Scene) -> dict:
    """Returns the ids for the statements of BREAKS."""
    rows = contacts(scene.database, scene.mixed.id)

    def some(condition) -> list[str]:
        return [row["id"] for row in rows if row["live"] and condition(row)]

    # A card that was renamed has a name that does not begin with that of its contact.
    cards = some(lambda row: row["name"] == f"{row['marker']}.vcf" and row["marker"].startswith("d"))
    values = {
        "id": some(lambda row: row["marker"].startswith("w"))[0], "photo": some(lambda row: row["photo"])[0],
        "card": cards[0], "other_card": cards[1], "owner": scene.mixed.id, "other": scene.files.id,
        "ended": session_of(scene.account.signed_out[-1]),
    }  # fmt: skip
    return {name: f"x'{value.replace('-', '')}'" for name, value in values.items()}


def reported(scene: Scene, expected: str) -> set[str]:
    """Requires a violation with a text, and forgets the violations. Returns them."""
    scene.compare(follows=False)
    return taken(scene.record, expected)


def pictures(scene: Scene) -> int:
    """A picture that is cut, and an empty one."""
    name = next(iter(picture_names(scene.database)[0]))
    file, jpeg = scene.folder / f"data/media/{name}.jpg", scene.picture(name)
    for broken in (jpeg[:-2], b""):
        file.write_bytes(broken)
        reported(scene, f"a broken picture: {name}")
    file.write_bytes(jpeg)
    scene.compare(follows=False)
    assert not scene.record.violations, scene.record.violations
    return 2


def mails(scene: Scene) -> int:
    """Lost, repeated and unasked mails."""
    cases = (
        (["person-1@example.org"], [], "a lost mail"),
        ([], [("person-1@example.org", "<1>", "token=00")], "a mail that was not asked for"),
        (["person-1@example.org"], [("person-1@example.org", "<1>", "")] * 2, "2 mails, 1 are possible"),
        (["person-1@example.org"], [("person-1@example.org", "<1>", "token=00")], "the link of the last mail"),
    )
    for promised, received, expected in cases:
        post = Post(scene, types.SimpleNamespace(mails=received, cuts=[]))
        post.promised = promised
        try:
            post.check()
        except Exception:  # its text is a number; the violations are checked
            pass
        taken(scene.record, expected)
    return len(cases)


def outbox(scene: Scene) -> int:
    """A mail that was given up, one that is retried too late, and one that does not wait."""
    address = "person-9@example.org"
    post = Post(scene, types.SimpleNamespace(mails=[], cuts=[]))
    post.promised = [address]
    soon = "strftime('%Y-%m-%dT%H:%M:%S', 'now', '+{} seconds') || '+00:00'"
    cases = (
        (MAIL.format(address, 1, "NULL", "'550'"), "a mail is parked after 1 attempts"),
        (MAIL.format(address, 1, soon.format(40), "'451'"), "s after 1 attempts"),
        (MAIL.format(address, 1, soon.format(150), "NULL"), "s after 1 attempts"),
        (MAIL.format(address, 3, soon.format(300), "'451'"), "s after 3 attempts"),
        (NO_MAIL, "a mail that does not wait"),
    )
    for statement, expected in cases:
        scene.database.execute(statement)
        try:
            post.require_waiting()
        except Violation:  # its text is a number; the violations are checked
            pass
        taken(scene.record, expected)
        scene.database.execute(NO_MAIL)
    for attempts, seconds, error in ((1, 10, "'451'"), (1, 100, "NULL"), (3, 200, "'451'")):
        scene.database.execute(MAIL.format(address, attempts, soon.format(seconds), error))
        post.require_waiting()
        scene.database.execute(NO_MAIL)
    return len(cases)


def passwords(scene: Scene) -> int:
    """A former password that still signs in, and a client whose password was not changed."""
    account = scene.account
    account.password, account.former = account.former, account.password
    reported(scene, f"{account.name} has ")
    account.former = account.password
    account.password = "never acknowledged"
    reported(scene, f"{account.name} has ")
    return 2


def registrations(scene: Scene) -> int:
    """A lost change of a profile, and a user and a mail that are left of a deleted account."""
    registrant = scene.registrant
    until(lambda: registrant.profile or registrant.step(), 60, "an account is registered")
    profile, email = registrant.profile, registrant.email
    for lost in ({"name": "v0"}, {"avatar": "avatars/lost"}, {"passwords": profile.passwords | {"lost"}}):
        registrant.profile = dataclasses.replace(profile, **lost)
        reported(scene, f"{email} has ")
    registrant.profile = None
    reported(scene, f"{email} has ")
    # As after an acknowledged deletion and the next registration.
    registrant.email = f"{registrant.name}-none@example.com"
    reported(scene, f"a user or a mail is left of a deleted account: {email}")
    registrant.profile, registrant.email = profile, email
    scene.database.execute(MAIL.format(f"{registrant.name}-0@example.com", 0, "NULL", "NULL"))
    reported(scene, f"a user or a mail is left of a deleted account: {registrant.name}-0@example.com")
    scene.database.execute(NO_MAIL)
    # A deletion without an answer that was done to a part.
    registrant.doubt, registrant.profile = ("DELETE /api/me", None), dataclasses.replace(profile, name="v0")
    reported(scene, f"{email} has ")
    scene.compare(follows=False)
    assert not scene.record.violations, scene.record.violations
    return 7


def late(scene: Scene) -> int:
    """A service that does not work again, and kills that meet no request of a kind."""
    cases = (
        (lambda: scene.await_recovery(1), "the service works again"),
        (lambda: kill_failures.require_each(collections.Counter({WRITE: kill_failures.KILLS})), "kills were during"),
    )
    for check, expected in cases:
        try:
            check()
        except Violation as violation:
            assert expected in str(violation), violation
        else:
            raise AssertionError(f"not reported: {expected}")
    return len(cases)


SCENARIOS = {"checks": checks}
