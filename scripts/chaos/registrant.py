"""A client that registers accounts, changes them, and deletes them."""

import dataclasses
import time

from actors import PAUSE, Actor
from answers import Client, Record, bearer
from photo_writer import BOUNDARY, form, key_of, picture
from service import PASSWORD

# App passwords of an account, after which no more are made.
MANY = 5
# An avatar whose key the client does not know: the answer was lost.
NEW = "a new one"


@dataclasses.dataclass(frozen=True)
class Profile:
    """A name, the key of the avatar, the app passwords that the client knows, and the number of the others."""

    name: str
    avatar: str | None = None
    passwords: frozenset = frozenset()
    others: int = 0


class Registrant(Actor):
    """Has one account at a time. After a request without an answer it rests until the database is checked."""

    def __init__(self, name: str, record: Record, clients: list[Client], database):
        super().__init__(name, record, clients)
        self.database = database
        self.number, self.email, self.token = 0, "", ""
        # None: there is no account.
        self.profile: Profile | None = None
        # The request without an answer, and the profile if it has had its effect.
        self.doubt: tuple[str, Profile | None] | None = None

    def step(self) -> None:
        if self.doubt:
            time.sleep(PAUSE)
        elif self.profile is None:
            self.register()
        elif not self.token:
            self.sign_in()
        else:
            actions = [self.rename, self.rename, self.upload, self.upload, self.remove, self.delete]
            actions += [self.create_password] * 2 * (len(self.profile.passwords) < MANY)
            actions += [self.end_password] * bool(self.profile.passwords)
            self.random.choice(actions)()
        time.sleep(0.1)

    def write(self, request: tuple, after: Profile | None, body=None, headers=None, expected=(200,)):
        """Sends a write once. Returns the answer."""
        headers = {**({"Authorization": bearer(self.token)} if self.token else {}), **(headers or {})}
        answer = self.client.send(*request, body, headers, expected)
        if answer is None:
            self.doubt = (" ".join(request), after)
        else:
            self.record.acknowledge()
            self.profile = after
        return answer

    def register(self) -> None:
        self.number += 1
        self.email = f"{self.name}-{self.number}@example.com"
        body = {"username": "v1", "email": self.email, "password": PASSWORD}
        if self.write(("POST", "/api/auth/register"), Profile("v1"), body, expected=(201,)):
            self.verify()

    def verify(self) -> None:
        """Verifies the e-mail address by hand: its mail may be delayed when the service is killed."""
        self.database.execute(f"UPDATE users SET email_verified = true WHERE email = '{self.email}'")

    def sign_in(self) -> None:
        answer = self.client.send("POST", "/api/auth/login", {"email": self.email, "password": PASSWORD})
        if answer:
            self.token = answer.json()["access_token"]

    def rename(self) -> None:
        name = f"v{int(self.profile.name[1:]) + 1}"
        self.write(("PATCH", "/api/me"), dataclasses.replace(self.profile, name=name), {"username": name})

    def upload(self) -> None:
        headers = {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
        body = form(picture(self.random.randrange(256)))
        answer = self.write(("PUT", "/api/me/avatar"), dataclasses.replace(self.profile, avatar=NEW), body, headers)
        if answer:
            self.profile = dataclasses.replace(self.profile, avatar=key_of(answer.json()["avatar_url"]))

    def remove(self) -> None:
        self.write(("DELETE", "/api/me/avatar"), dataclasses.replace(self.profile, avatar=None), expected=(204,))

    def create_password(self) -> None:
        after, body = dataclasses.replace(self.profile, others=1), {"name": "Phone"}
        answer = self.write(("POST", "/api/me/app-passwords"), after, body, expected=(201,))
        if answer:
            passwords = self.profile.passwords | {answer.json()["id"]}
            self.profile = dataclasses.replace(self.profile, passwords=passwords, others=0)

    def end_password(self) -> None:
        password = self.random.choice(sorted(self.profile.passwords))
        after = dataclasses.replace(self.profile, passwords=self.profile.passwords - {password})
        self.write(("DELETE", f"/api/me/app-passwords/{password}"), after, expected=(204,))

    def delete(self) -> None:
        if self.write(("DELETE", "/api/me"), None, {"password": PASSWORD}, expected=(204,)):
            self.record.add("deletions")
            self.token = ""

    def settle(self) -> list[str]:
        """Compares with the database, and takes over what was in doubt. Returns violations."""
        found = self.database.rows_of_all({
            "users": f"SELECT email, email_verified, username, avatar_key FROM users WHERE email LIKE '{self.name}-%'",
            "passwords": "SELECT p.id FROM app_passwords p JOIN users ON users.id = p.user_id "
            f"WHERE email = '{self.email}'",
            "mails": f"SELECT address FROM outbox WHERE address LIKE '{self.name}-%'",
        })  # fmt: skip
        user = next((row for row in found["users"] if row["email"] == self.email), None)
        passwords = frozenset(row["id"] for row in found["passwords"])
        stored, violations = self.stored(user, passwords), []
        if stored != self.profile and not (self.doubt and stored == self.doubt[1]):
            doubt = f" or {self.doubt[1]} after {self.doubt[0]}" if self.doubt else ""
            violations.append(f"{self.email} has {stored}, not {self.profile}{doubt}")
        left = {row["email"] for row in found["users"]} | {row["address"] for row in found["mails"]}
        left -= {self.email} if user else set()
        violations += [f"a user or a mail is left of a deleted account: {email}" for email in left]
        if self.doubt:
            self.profile = Profile(user["username"], user["avatar_key"], passwords) if user else None
            self.doubt = None
            if user is None:
                self.token = ""
            elif not user["email_verified"]:
                self.verify()
        return violations

    def stored(self, user: dict | None, passwords: frozenset) -> Profile | None:
        """Returns the profile of the database, without what the client cannot know."""
        if user is None:
            return None
        known = self.profile or Profile("")
        avatar = user["avatar_key"] if user["avatar_key"] in (None, known.avatar) else NEW
        return Profile(user["username"], avatar, passwords & known.passwords, len(passwords - known.passwords))
