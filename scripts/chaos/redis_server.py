"""A Redis server that can be killed, frozen, emptied, and started with old data, and its counters of requests."""

import json
import pathlib
import shutil
import signal
import socket

from programs import Program, free_port, program, server_folder, server_user, until


# Returns the counters with their values, which change at each request.
COUNTERS = """
local found = {}
for _, key in ipairs(redis.call('KEYS', 'contacts:limit:*')) do
    found[#found + 1] = {string.match(key, '^contacts:limit:([^:]+):'), key, redis.call('GET', key)}
end
return cjson.encode(found)
"""


class RedisServer:
    def __init__(self, folder: pathlib.Path):
        self.folder, self.port = server_folder(folder), free_port()
        self.start()

    def start(self) -> None:
        options = ["--port", self.port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", self.folder]
        self.server = Program([program("redis-server"), *options], self.folder / "log", **server_user())
        until(self.answers, 30, "Redis answers")

    def answers(self) -> bool:
        try:
            return self.command("PING") == "+PONG"
        except OSError:
            return False

    def command(self, *words: str, port: int | None = None) -> str:
        """Sends one command, to the server or to a relay. Returns the answer, which has one line."""
        with socket.create_connection(("127.0.0.1", port or self.port), 10) as connection:
            parts = "".join(f"${len(word.encode())}\r\n{word}\r\n" for word in words)
            connection.sendall(f"*{len(words)}\r\n{parts}".encode())
            answer = connection.makefile()
            line = answer.readline().strip()
            return answer.readline().strip() if line.startswith("$") else line

    def counters(self) -> set[tuple]:
        """Returns the name, the key and the value of each counter."""
        return {tuple(counter) for counter in json.loads(self.command("EVAL", COUNTERS, "0")) or ()}

    def kill(self) -> None:
        self.server.kill()

    def freeze(self) -> None:
        self.server.send(signal.SIGSTOP)

    def thaw(self) -> None:
        self.server.send(signal.SIGCONT)

    def save(self) -> None:
        """Writes the data to a file, which `start_with_saved` restores."""
        assert self.command("SAVE") == "+OK"
        shutil.copy(self.folder / "dump.rdb", self.folder / "old.rdb")

    def start_with_saved(self) -> None:
        """Kills the server, and starts it with the data of the last `save`."""
        self.kill()
        shutil.move(self.folder / "old.rdb", self.folder / "dump.rdb")
        if user := server_user():
            shutil.chown(self.folder / "dump.rdb", user["user"])
        self.start()
        (self.folder / "dump.rdb").unlink()

    def stop(self) -> None:
        self.server.end()
