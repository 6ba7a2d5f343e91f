"""Tokens of mails, for the walks."""

import pathlib
import re
import time


def token(mails: str, email: str) -> str:
    """Waits for the first mail to an e-mail address, and returns the token of its link."""
    for _ in range(100):
        found = re.search(rf"{re.escape(email)} ([0-9a-f]{{64}})", pathlib.Path(mails).read_text("utf-8"))
        if found:
            return found[1]
        time.sleep(0.1)
    raise TimeoutError(f"no mail to {email}")
