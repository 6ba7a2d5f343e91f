"""A TCP port that leads to another one, which can be changed, cut, stalled or slow."""

import socket
import threading
import time


class Relay:
    """Threads that copy bytes. Connections are cut when the target changes."""

    def __init__(self, port: int):
        self.target = port
        self.flowing = threading.Event()
        self.flowing.set()
        # Seconds after which bytes for the target are sent.
        self.delay = 0.0
        self.pairs: set = set()
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def lead_to(self, port: int) -> None:
        self.target = port
        self.cut()

    def cut(self) -> None:
        """Closes every connection."""
        with self.lock:
            pairs, self.pairs = self.pairs, set()
        for pair in pairs:
            for end in pair:
                close(end)

    def stall(self) -> None:
        """Moves no byte until `flow` is called, and leaves the connections open."""
        self.flowing.clear()

    def flow(self) -> None:
        self.flowing.set()

    def close(self) -> None:
        close(self.listener)
        self.flow()
        self.cut()

    def accept(self) -> None:
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.connect, args=(client,), daemon=True).start()

    def connect(self, client: socket.socket) -> None:
        self.flowing.wait()
        try:
            server = socket.create_connection(("127.0.0.1", self.target), 10)
            server.settimeout(None)
        except OSError:
            return close(client)
        for end in (client, server):
            end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with self.lock:
            self.pairs.add((client, server))
        threading.Thread(target=self.copy, args=(server, client, False), daemon=True).start()
        self.copy(client, server, True)
        with self.lock:
            self.pairs.discard((client, server))

    def copy(self, source: socket.socket, target: socket.socket, is_delayed: bool) -> None:
        try:
            while data := source.recv(65536):
                if is_delayed:
                    time.sleep(self.delay)
                self.flowing.wait()
                target.sendall(data)
        except OSError:
            pass
        close(source)
        close(target)


def close(end: socket.socket) -> None:
    try:
        end.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass
    end.close()
