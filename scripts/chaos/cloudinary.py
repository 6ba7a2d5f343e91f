"""A stand-in for Cloudinary behind a proxy. The service reaches it by `HTTPS_PROXY`, and trusts it by `SSL_CERT_FILE`."""

import base64
import hashlib
import json
import pathlib
import re
import socket
import ssl
import threading
import time

import trustme

WORKS = "works"
# An error, an error after the picture was stored, silence after that, a closed connection after or before it, and a rejection.
ERROR, STORED_ERROR, STORED_SILENCE, STORED_CUT, CUT, REJECTED = (
    "error", "stored, error", "stored, silence", "stored, cut", "cut", "rejected",
)  # fmt: skip
SILENCE = 15
SECRET = "the-secret"


class Cloudinary:
    """The modes concern uploads and removals alike."""

    def __init__(self, folder: pathlib.Path):
        authority = trustme.CA()
        self.certificate = folder / "authority.pem"
        authority.cert_pem.write_to_path(self.certificate)
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        authority.issue_cert("api.cloudinary.com", "res.cloudinary.com").configure_cert(self.context)
        self.mode = WORKS
        self.stored: dict[str, bytes] = {}
        self.requests = 0
        self.lock = threading.Lock()
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        threading.Thread(target=self.accept, daemon=True).start()

    @property
    def settings(self) -> dict:
        return {
            "CLOUDINARY_URL": f"cloudinary://123456:{SECRET}@test-cloud",
            "HTTPS_PROXY": f"http://127.0.0.1:{self.listener.getsockname()[1]}",
            "SSL_CERT_FILE": str(self.certificate),
        }

    def accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection: socket.socket) -> None:
        """Answers one request. A client that disconnects is no error."""
        try:
            with connection:
                connection.settimeout(30)
                head = read_head(connection)[0]
                is_known = re.match(rb"CONNECT (api|res)\.cloudinary\.com:443 ", head)
                if self.mode == CUT or not is_known:
                    return
                connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
                with self.context.wrap_socket(connection, server_side=True) as stream:
                    self.answer(stream)
        except OSError:
            pass

    def answer(self, stream: ssl.SSLSocket) -> None:
        head, body = read_head(stream)
        if delivered := re.match(rb"GET /test-cloud/image/upload/(.+)\.jpg ", head):
            return send(stream, *self.deliver(delivered[1].decode()))
        length = int(re.search(rb"(?i)content-length: *(\d+)", head)[1])
        while len(body) < length and (part := stream.recv(65536)):
            body += part
        if len(body) < length:
            return
        action = re.match(rb"POST /v1_1/test-cloud/image/(\w+) ", head)[1].decode()
        fields = dict(re.findall(rb'name="(\w+)"[^\r]*\r\n(?:[^\r]+\r\n)*\r\n(.*?)\r\n--', body, re.DOTALL))
        mode, result = self.mode, self.apply(action, fields)
        if mode == STORED_SILENCE:
            time.sleep(SILENCE)
        if mode not in (STORED_CUT, STORED_SILENCE):
            send(stream, *result)

    def deliver(self, name: str) -> tuple:
        """Returns a picture as it was uploaded."""
        with self.lock:
            if self.mode != WORKS:
                return 500, b""
            return (200, self.stored[name]) if name in self.stored else (404, b"")

    def apply(self, action: str, fields: dict) -> tuple:
        name = fields[b"public_id"].decode()
        with self.lock:
            self.requests += 1
            if self.mode == ERROR:
                return 500, {"error": {"message": "General Error"}}
            if self.mode == REJECTED or not is_signed(fields):
                return 401, {"error": {"message": "Invalid Signature"}}
            if action == "upload":
                self.stored[name] = base64.b64decode(fields[b"file"].partition(b"base64,")[2])
                answer = {"public_id": name, "version": 1, "secure_url": "https://res.cloudinary.com/a.jpg"}
            else:
                answer = {"result": "ok" if name in self.stored else "not found"}
                self.stored.pop(name, None)
            return (502, b"<html>Bad gateway</html>") if self.mode == STORED_ERROR else (200, answer)

    def names(self) -> set[str]:
        with self.lock:
            return set(self.stored)

    def picture(self, name: str) -> bytes:
        with self.lock:
            return self.stored[name]

    def stop(self) -> None:
        self.listener.close()


def send(stream, status: int, answer) -> None:
    text = json.dumps(answer).encode() if isinstance(answer, dict) else answer
    head = f"HTTP/1.1 {status} Answer\r\ncontent-length: {len(text)}\r\nconnection: close\r\n\r\n"
    stream.sendall(head.encode() + text)


def is_signed(fields: dict) -> bool:
    """Checks the digest of the sorted parameters and the secret, as Cloudinary documents it."""
    unsigned = (b"file", b"cloud_name", b"resource_type", b"api_key", b"signature")
    signed = b"&".join(name + b"=" + value for name, value in sorted(fields.items()) if name not in unsigned)
    return hashlib.sha1(signed + SECRET.encode()).hexdigest().encode() == fields.get(b"signature")


def read_head(stream) -> tuple[bytes, bytes]:
    """Returns the head of a message, and the part of the body that came with it."""
    data = b""
    while b"\r\n\r\n" not in data:
        if not (part := stream.recv(65536)):
            raise ConnectionResetError
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    return head, body
