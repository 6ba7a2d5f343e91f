"""A mail server that can be unavailable, reject, stall, and cut its connections before or after it has a mail."""

import asyncio
import email
import email.policy
import threading

from aiosmtpd.controller import Controller

from programs import free_port
from relay import Relay

ACCEPT = "accept"
# 451, 550, silence after the mail, and a connection that is closed at once after a mail, or before it.
DELAY, REJECT, STALL, CUT_AFTER, CUT_BEFORE, SLOW = "delay", "reject", "stall", "cut after", "cut before", "slow"


class MailServer:
    """Behind a relay, which rejects connections while the server is stopped. `mails` are those that it has taken over."""

    def __init__(self):
        self.mode = ACCEPT
        self.mails: list[tuple[str, str, str]] = []
        self.cuts: list[str] = []
        self.lock = threading.Lock()
        self.controller = Controller(self, hostname="127.0.0.1", port=free_port())
        self.controller.start()
        self.relay = Relay(self.controller.port)

    @property
    def settings(self) -> dict:
        return {"SMTP_URL": f"smtp://127.0.0.1:{self.relay.port}", "MAIL_FROM": "Contacts <no-reply@example.com>"}

    async def handle_RCPT(self, server, session, envelope, address, options) -> str:
        if self.mode == DELAY:
            return "451 4.3.0 try again later"
        if self.mode == REJECT:
            return "550 5.1.1 no such mailbox"
        if self.mode == CUT_BEFORE:
            server.transport.abort()
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope) -> str:
        if self.mode == STALL:
            await asyncio.sleep(3600)
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        text = message.get_body(("plain",)).get_content()
        with self.lock:
            self.mails += [(address, message["Message-ID"], text) for address in envelope.rcpt_tos]
        if self.mode == SLOW:
            await asyncio.sleep(2)
        if self.mode == CUT_AFTER:
            self.cuts += envelope.rcpt_tos
            server.transport.abort()
        return "250 OK"

    def stop(self) -> None:
        self.relay.close()
        self.controller.stop(no_assert=True)
