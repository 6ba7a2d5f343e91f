"""A client that signs in and out, refreshes its tokens, and changes the password of its account."""

import dataclasses
import time

from actors import PAUSE, Actor
from answers import Client, Record, bearer
from databases import active_sessions
from programs import until
from service import PASSWORD, Person, session_of

# Sessions at the same time, after which the password is changed. The service ends the oldest one of a hundred.
MANY = 10
# Ended sessions that are used again at each check.
SIGNED_OUT = 3
# Seconds for which a used refresh token may be sent again (docs/behaviour/sessions.md).
GRACE = 10


@dataclasses.dataclass
class Account:
    """The sessions that this client knows, the number of those that it does not know, and the password."""

    sessions: set[str]
    others: int
    password: str

    def __str__(self) -> str:
        return f"{len(self.sessions)} known sessions, {self.others} others, and the password {self.password!r}"


class AccountWriter(Actor):
    """After a request without an answer it rests until the database is checked. Only a refresh is sent again."""

    def __init__(self, name: str, record: Record, clients: list[Client], person: Person, lag: float):
        super().__init__(name, record, clients)
        # Seconds after which no replica accepts an ended session. 0: that is not checked at each check.
        self.person, self.lag = person, lag
        self.password, self.former = PASSWORD, "no password yet"
        # Tokens of the active sessions, by their id; None where the answer was lost.
        self.active: dict[str, dict | None] = {session_of(person.tokens): person.tokens}
        # Tokens of ended sessions, the latest last.
        self.signed_out: list[dict] = []
        # The account, if the request without an answer has had its effect.
        self.doubt: Account | None = None
        self.changes = 0
        # True: an access token may be of the future, and is renewed.
        self.is_clock_set = False
        # The session whose refresh is not answered, and the time at which it was sent first.
        self.refreshing: tuple[str, float] | None = None

    def step(self) -> None:
        usable = [session for session, tokens in self.active.items() if tokens]
        if self.doubt:
            time.sleep(PAUSE)
        elif self.refreshing:
            self.send_refresh()
        elif not usable:
            self.sign_in()
        elif len(self.active) > MANY:
            self.change_password(usable[-1])
        else:
            actions = [self.sign_in] * 3 + [self.refresh] * 3 + [self.sign_out, self.change_password]
            action = self.random.choice(actions)
            action(*([] if action == self.sign_in else [self.random.choice(usable)]))
        time.sleep(0.2)

    def write(self, request: tuple, body: dict | None, after: Account, session: str = "", expected: int = 200):
        """Sends a write once, with the token of a session. Returns the answer."""
        answer = self.send(request, body, session, (expected, 401) if session and self.is_clock_set else (expected,))
        if answer and answer.status == 401:
            # It has done nothing. A second 401 is a violation.
            self.record.add("renewed")
            self.refresh(session)
            answer = self.send(request, body, session, (expected,))
        if answer is None:
            self.doubt = after
            return None
        self.record.acknowledge()
        self.record.add("account changes")
        self.retire(self.active.keys() - after.sessions)
        self.password = after.password
        return answer

    def send(self, request: tuple, body: dict | None, session: str, expected: tuple):
        headers = {"Authorization": bearer(self.active[session]["access_token"])} if session else {}
        return self.client.send(*request, body, headers, expected)

    def retire(self, sessions: set[str]) -> None:
        tokens = [self.active.pop(session) for session in sessions]
        self.signed_out = [*self.signed_out, *filter(None, tokens)][-SIGNED_OUT:]

    def begin(self, answer) -> None:
        if answer:
            tokens = answer.json()
            self.active[session_of(tokens)] = tokens

    def sign_in(self) -> None:
        body = {"email": self.person.email, "password": self.password}
        after = Account(set(self.active), 1, self.password)
        self.begin(self.write(("POST", "/api/auth/login"), body, after))

    def sign_out(self, session: str) -> None:
        after = Account(self.active.keys() - {session}, 0, self.password)
        self.write(("POST", "/api/auth/logout"), None, after, session, 204)

    def refresh(self, session: str) -> None:
        self.refreshing = (session, time.monotonic())
        self.send_refresh()

    def send_refresh(self) -> None:
        """Exchanges the tokens of a session. Without an answer the same token is sent at the next step. Its successor must
        be returned, even if the first request had its effect."""
        session, begin = self.refreshing
        body = {"refresh_token": self.active[session]["refresh_token"]}
        answer = self.client.send("POST", "/api/auth/refresh", body, expected=(200, 401))
        if answer is None:
            time.sleep(PAUSE)
            return
        self.refreshing = None
        if answer.status == 200:
            self.active[session] = answer.json()
            self.record.acknowledge()
            self.record.add("account changes")
        elif time.monotonic() - begin > GRACE:
            # A later repeat ends the session, because it may be that of a thief.
            self.retire({session})
        else:
            self.record.violation(f"{self.name}: the last refresh token of a session is rejected")

    def change_password(self, session: str) -> None:
        self.changes += 1
        new, old = f"{PASSWORD} {self.changes}", self.password
        body = {"current_password": old, "new_password": new}
        answer = self.write(("PUT", "/api/me/password"), body, Account(set(), 1, new), session)
        if answer:
            self.former = old
        self.begin(answer)

    def settle(self, database) -> list[str]:
        """Compares with the database and with the service, and takes over what was in doubt. Returns violations."""
        while self.refreshing:
            self.send_refresh()
        stored = active_sessions(database, self.person.id)
        known, before = set(self.active), Account(set(self.active), 0, self.password)
        passwords = dict.fromkeys([self.password, self.former, *([self.doubt.password] if self.doubt else [])])
        working = [password for password in passwords if self.signs_in(password)]
        found = Account(stored & known, len(stored - known), " or ".join(working))
        violations = []
        if found not in (before, self.doubt):
            violations.append(f"{self.name} has {found}, not {before}" + (f" or {self.doubt}" if self.doubt else ""))
        if working and working[0] != self.password:
            self.password, self.former = working[0], self.password
        self.doubt = None
        self.retire(known - stored)
        ended = {session_of(tokens) for tokens in self.signed_out}
        left = active_sessions(database, self.person.id) - ended
        self.active = {session: self.active.get(session) for session in left}
        return violations + self.accepted(self.lag)

    def signs_in(self, password: str) -> bool:
        body = {"email": self.person.email, "password": password}
        answer = self.ask("POST", "/api/auth/login", body, (200, 401))
        if answer.status == 200:
            headers = {"Authorization": bearer(answer.json()["access_token"])}
            self.ask("POST", "/api/auth/logout", None, (204, 401), headers)
        return answer.status == 200

    def ask(self, method: str, path: str, body: dict | None, expected: tuple, headers: dict | None = None, client=None):
        """Repeats a request until it is answered."""
        return until(lambda: (client or self.client).send(method, path, body, headers, expected), 60, f"{path} answers")

    def accepted(self, lag: float) -> list[str]:
        """Returns the ended sessions that can be renewed, or whose access token is accepted after some seconds."""
        end, found = time.monotonic() + lag, []
        for tokens in self.signed_out:
            body = {"refresh_token": tokens["refresh_token"]}
            if self.ask("POST", "/api/auth/refresh", body, (200, 401)).status == 200:
                found.append(f"an ended session of {self.name} is renewed")
            headers = {"Authorization": bearer(tokens["access_token"])}
            for client in self.clients if lag else ():
                while self.ask("GET", "/api/me", None, (200, 401), headers, client).status == 200:
                    if time.monotonic() > end:
                        found.append(f"an ended session of {self.name} is accepted")
                        break
                    time.sleep(0.1)
        return found
