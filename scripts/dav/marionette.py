"""Scripts inside a headless program of Mozilla, over its Marionette protocol."""

import itertools
import json
import pathlib
import socket
import subprocess
import time

from service import free_port

# No window asks a question. Requests to other machines end at a closed port of this one.
PREFERENCES = {
    "app.update.enabled": False,
    "datareporting.policy.dataSubmissionPolicyBypassNotification": True,
    "mail.provider.suppress_dialog_on_startup": True,
    "mail.rights.version": 1,
    "mailnews.start_page.enabled": False,
    "network.proxy.type": 1,
    "network.proxy.http": "127.0.0.1",
    "network.proxy.http_port": 9,
    "network.proxy.ssl": "127.0.0.1",
    "network.proxy.ssl_port": 9,
    "toolkit.telemetry.enabled": False,
}


class Program:
    """A program with a new profile. Its output is in the folder, and is printed when a test fails."""

    def __init__(self, program: pathlib.Path, work: pathlib.Path):
        self.program, self.folder, self.port = program, work / "profile", free_port()
        self.folder.mkdir()
        values = {**PREFERENCES, "marionette.port": self.port}
        lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in values.items())
        (self.folder / "user.js").write_text("".join(lines), "utf-8")
        self.numbers = itertools.count(1)

    def __enter__(self):
        options = ["--headless", "--no-remote", "--marionette", "--remote-allow-system-access"]
        command = [self.program, *options, "--profile", self.folder]
        with (self.folder / "output").open("w") as output:
            self.process = subprocess.Popen(command, stdout=output, stderr=output, env={"HOME": str(self.folder)})
        try:
            self.connect()
            self.command("WebDriver:NewSession")
            self.command("Marionette:SetContext", value="chrome")
            self.command("WebDriver:SetTimeouts", script=60_000)
        except BaseException:
            self.__exit__(RuntimeError, None, None)
            raise
        return self

    def __exit__(self, kind, error, trace):
        self.process.terminate()
        self.process.wait()
        if kind:
            print((self.folder / "output").read_text("utf-8"))

    def connect(self) -> None:
        for _ in range(600):
            try:
                self.stream = socket.create_connection(("127.0.0.1", self.port), timeout=120).makefile("rwb")
                break
            except OSError:
                assert self.process.poll() is None, "the program has ended"
                time.sleep(0.1)
        self.read()

    def read(self):
        """Reads a message: the length, a colon, JSON."""
        length = b""
        while not length.endswith(b":"):
            length += self.stream.read(1)
        return json.loads(self.stream.read(int(length[:-1])))

    def command(self, name: str, **parameters):
        message = json.dumps([0, next(self.numbers), name, parameters]).encode()
        self.stream.write(b"%d:%s" % (len(message), message))
        self.stream.flush()
        _, _, error, result = self.read()
        assert error is None, f"{name}: {error['message']}\n{error['stacktrace']}"
        return result.get("value") if isinstance(result, dict) else result

    def run(self, script: str, *arguments):
        """Runs the body of an asynchronous function, and returns its result."""
        wrapped = f"""
            const done = arguments[arguments.length - 1];
            (async (...args) => {{ {script} }})(...arguments).then(
                value => done({{ value: value ?? null }}), error => done({{ error: `${{error}} ${{error.stack}}` }}));"""
        result = self.command("WebDriver:ExecuteAsyncScript", script=wrapped, args=list(arguments))
        assert "error" not in result, result["error"]
        return result["value"]
