"""Tokens from the links in mails, which the service writes into files."""

import email
import email.policy
import re
import time
import urllib.parse
import urllib.request

from service import PASSWORD, Service

# Tokens of each kind, and the longest time until a mail is written.
NUMBER = 3
SECONDS = 30


def verify_email(service: Service, users: list) -> list:
    for user in users:
        service.call("POST", "/api/auth/register", {"username": "Olena", "email": user, "password": PASSWORD})
    return [token(service, user, "verify-email") for user in users]


def reset_password(service: Service, users: list) -> list:
    for user in users:
        service.person(user)
        service.call("POST", "/api/auth/forgot-password", {"email": user})
    return [token(service, user, "reset-password") for user in users]


def revert_email(service: Service, users: list) -> list:
    """Changes the e-mail address of each user first."""
    for user in users:
        change = {"email": f"new.{user}", "password": PASSWORD}
        service.person(user).call("POST", "/api/me/email", change)
    for user in users:
        form = urllib.parse.urlencode({"token": token(service, f"new.{user}", "confirm-email")}).encode()
        urllib.request.urlopen(f"{service.base}/confirm-email", form).close()
    return [token(service, user, "revert-email") for user in users]


# By the id of the operation that accepts the tokens.
SOURCES = {source.__name__: source for source in (verify_email, reset_password, revert_email)}


def tokens(service: Service, operation: str) -> list:
    """Returns tokens for an operation. Each works once. None for an operation without tokens."""
    source = SOURCES.get(operation)
    return source(service, [f"{operation}{number}@example.com" for number in range(NUMBER)]) if source else []


def token(service: Service, receiver: str, page: str) -> str:
    """Waits for a mail with a link to a page, and returns the token of the link."""
    link = re.compile(rf"/{page}\?token=([0-9a-f]+)")
    for _ in range(SECONDS * 10):
        for file in (service.folder / "data/mail").glob("*.eml"):
            mail = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            body = mail.get_body(("plain",))
            if str(mail["to"]) == receiver and body and (match := link.search(body.get_content())):
                return match[1]
        time.sleep(0.1)
    raise AssertionError(f"no mail with a link to {page} for {receiver} within {SECONDS} seconds")
