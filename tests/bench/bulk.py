"""A server of much: ``bulk.py --port N`` sends as many bytes as the path says, and swallows any upload."""

import os
import socket
import sys
import tempfile
import threading
from typing import BinaryIO

from bench.calls import VIDEO


def serve(port: int) -> None:
    with (
        socket.create_server(("127.0.0.1", port)) as listener,
        tempfile.TemporaryFile() as source,
    ):
        source.truncate(1 << 31)
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=answer, args=(connection, source), daemon=True).start()


def answer(connection: socket.socket, source: BinaryIO) -> None:
    with connection, connection.makefile("rb") as incoming:
        while first := incoming.readline():
            length, last = 0, False
            while line := incoming.readline().strip().lower():
                if line.startswith(b"content-length:"):
                    length = int(line.partition(b":")[2])
                last = last or line == b"connection: close"
            while length:
                length -= len(incoming.read(min(length, 1 << 20)))
            size = first.split()[1].decode().rpartition("/")[2]
            if first.startswith(b"GET ") and size.isdigit():
                send(connection, source, int(size))
            else:
                head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: "
                connection.sendall(f"{head}{len(VIDEO)}\r\n\r\n".encode() + VIDEO)
            if last:
                return


def send(connection: socket.socket, source: BinaryIO, size: int) -> None:
    head = f"HTTP/1.1 200 OK\r\ncontent-type: video/mp4\r\ncontent-length: {size}\r\n\r\n"
    connection.sendall(head.encode())
    place = 0
    while place < size:
        place += os.sendfile(
            connection.fileno(), source.fileno(), place, min(size - place, 1 << 24)
        )


if __name__ == "__main__":
    serve(int(sys.argv[-1]))
