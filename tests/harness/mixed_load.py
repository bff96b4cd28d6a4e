"""A mixed load on an HTTP server: connections opened and closed, kept, reset, half closed, readers
that are slow, large bodies both ways. What a client sees must be what a server under Linux shows:
every answer whole and right, no connection refused, reset or stuck.

    service = Http(address, big=("/big", contents), upload=("/upload", contents, check))
    counts = run(service, seconds=60)

`big` and `upload` may be left out where a server cannot do them. Another protocol takes the place of
Http by giving the same methods: `small`, `start_small`, `finish_small`, `start_big`, `finish_big`,
`upload`; each gets a Stream; and `most_requests`. run() raises LoadError with what went wrong."""

import collections
import random
import socket
import struct
import threading
import time

DEADLINE = 120.0
MIB = 1 << 20


class LoadError(AssertionError):
    pass


class Stream:
    """A connection with a deadline for everything."""

    def __init__(self, address, receive_buffer=None):
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(DEADLINE)
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect(address)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.left = b""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def line(self):
        """Up to and without the line's end."""
        while b"\n" not in self.left:
            part = self.socket.recv(65536)
            if not part:
                raise LoadError(f"the connection ended within {self.left[:80]!r}")
            self.left += part
        line, self.left = self.left.split(b"\n", 1)
        return line.rstrip(b"\r")

    def take(self, most=MIB):
        """Some bytes; empty at the end."""
        if self.left:
            part, self.left = self.left[:most], self.left[most:]
            return part
        return self.socket.recv(most)

    def reset(self):
        """Ends the connection with RST."""
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.socket.close()


def compare(parts, contents, pace=None):
    """The parts, as they come, are the contents; pace() is told how much has come."""
    expected, done = memoryview(contents), 0
    for part in parts:
        if part != expected[done:done + len(part)]:
            raise LoadError(f"wrong bytes between {done} and {done + len(part)}")
        done += len(part)
        if pace is not None:
            pace(done)
    if done != len(expected):
        raise LoadError(f"{done} bytes instead of {len(expected)}")


def counted(stream, left, most=MIB):
    """So many bytes, in pieces as they come."""
    while left > 0:
        part = stream.take(min(most, left))
        if not part:
            raise LoadError(f"{left} bytes are missing")
        left -= len(part)
        yield part


class Http:
    def __init__(self, address, small="/", big=None, upload=None, method="POST", most_requests=200):
        """`big`: path and contents; `upload`: path, contents and a function that gets the answer's
        body and says whether it is right; `method`: how it goes there; `most_requests`: over one
        connection, whose end may be the answer's where that is 1."""
        self.address = address
        self.small_path = small
        self.big = big
        self.upload_to = upload
        self.method = method
        self.most_requests = most_requests

    def request(self, path, method="GET", length=None):
        body = "" if length is None else f"Content-Length: {length}\r\n"
        return f"{method} {path} HTTP/1.1\r\nHost: {self.address[0]}\r\n{body}\r\n".encode()

    def head(self, stream):
        """Reads an answer's head; its length, or what tells it instead."""
        status = stream.line()
        if not status.startswith((b"HTTP/1.1 2", b"HTTP/1.0 2")):
            raise LoadError(f"status {status!r}")
        length, chunked = 0 if b" 204 " in status else None, False
        while True:
            line = stream.line()
            if not line:
                break
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
            if name.lower() == b"transfer-encoding" and value.strip().lower() == b"chunked":
                chunked = True
        if length is None and not chunked and self.most_requests > 1:
            raise LoadError("an answer without a length")
        return "chunks" if chunked else "end" if length is None else length

    def parts(self, stream, most):
        """The body in pieces as they come."""
        length = self.head(stream)
        if length == "end":
            while part := stream.take(most):
                yield part
            return
        if length != "chunks":
            yield from counted(stream, length, most)
            return
        while (size := int(stream.line().split(b";")[0], 16)) > 0:
            yield from counted(stream, size, most)
            stream.line()
        stream.line()

    def start_small(self, stream):
        stream.send(self.request(self.small_path))

    def finish_small(self, stream):
        return b"".join(self.parts(stream, MIB))

    def small(self, stream):
        self.start_small(stream)
        return self.finish_small(stream)

    def start_big(self, stream):
        stream.send(self.request(self.big[0]))

    def finish_big(self, stream, most=MIB, pace=None):
        compare(self.parts(stream, most), self.big[1], pace)

    def upload(self, stream):
        path, contents, check = self.upload_to
        stream.send(self.request(path, self.method, len(contents)))
        for start in range(0, len(contents), MIB):
            stream.send(memoryview(contents)[start:start + MIB])
        answer = self.finish_small(stream)
        if not check(answer):
            raise LoadError(f"the answer to an upload is {answer[:80]!r}")


class Load:
    """The kinds of clients. Each method is one round of one of them."""

    def __init__(self, service, end):
        self.service = service
        self.end = end
        self.stopped = threading.Event()
        self.expected = None
        self.random = random.Random(4)

    def running(self):
        return time.monotonic() < self.end and not self.stopped.is_set()

    def connect(self, **options):
        return Stream(self.service.address, **options)

    def check_small(self, answer):
        if answer != self.expected:
            raise LoadError(f"the small answer is {answer[:80]!r}")

    def keep(self):
        """Many requests over one connection."""
        with self.connect() as stream:
            for _ in range(self.service.most_requests):
                self.check_small(self.service.small(stream))
                if not self.running():
                    break

    def short(self):
        with self.connect() as stream:
            self.check_small(self.service.small(stream))

    def idle(self):
        """A connection that never says anything."""
        with self.connect():
            pass

    def half_close(self):
        """The answers still come after the client's end."""
        with self.connect() as stream:
            self.service.start_small(stream)
            self.check_small(self.service.finish_small(stream))
            stream.socket.shutdown(socket.SHUT_WR)
            if stream.take() != b"":
                raise LoadError("more than the answer")

    def reset_at_once(self):
        self.connect().reset()

    def reset_unanswered(self):
        stream = self.connect()
        self.service.start_small(stream)
        stream.reset()

    def reset_within(self):
        """A large answer is cut off by the client."""
        stream = self.connect(receive_buffer=65536)
        self.service.start_big(stream)
        wanted = self.random.randrange(1, MIB)
        while wanted > 0:
            wanted -= len(stream.take())
        stream.reset()

    def close_within(self):
        """The same with unread bytes left, which the client's system answers with RST."""
        with self.connect(receive_buffer=65536) as stream:
            self.service.start_big(stream)
            stream.take(100)

    def slow(self):
        """Reads a little at a time, then the rest."""
        with self.connect(receive_buffer=8192) as stream:
            def pace(done):
                if done < 64 * 1024:
                    self.stopped.wait(0.02)

            self.service.start_big(stream)
            self.service.finish_big(stream, most=1024, pace=pace)

    def download(self):
        with self.connect() as stream:
            self.service.start_big(stream)
            self.service.finish_big(stream)

    def upload(self):
        with self.connect() as stream:
            self.service.upload(stream)


ALWAYS = {"keep": 4, "short": 2, "idle": 1, "half_close": 1, "reset_at_once": 1,
          "reset_unanswered": 1}  # fmt: skip
WITH_BIG = {"download": 1, "slow": 2, "reset_within": 1, "close_within": 1}
WITH_UPLOAD = {"upload": 1}
# Clients that wait for nothing would outrun the server by thousands of connections, and the others
# would hardly get a turn: now and then these wait for an answer.
WAIT_FOR_NOTHING = ("idle", "reset_at_once", "reset_unanswered")
ROUNDS_AHEAD = 16


def run(service, seconds):
    """Loads the server for so long; how many rounds of each kind went well. Every kind has had a
    round, however short the time."""
    load = Load(service, time.monotonic() + seconds)
    with load.connect() as stream:
        load.expected = service.small(stream)
    kinds = dict(ALWAYS)
    kinds.update(WITH_BIG if service.big else {})
    kinds.update(WITH_UPLOAD if service.upload_to else {})
    counts, failures = collections.Counter(), []

    def client(kind):
        try:
            while True:
                getattr(load, kind)()
                counts[kind] += 1
                if kind in WAIT_FOR_NOTHING and counts[kind] % ROUNDS_AHEAD == 0:
                    load.short()
                if not load.running():
                    return
        except (OSError, ValueError, AssertionError) as error:
            failures.append(f"{kind}, round {counts[kind] + 1}: {type(error).__name__}: {error}")
            load.stopped.set()

    threads = [threading.Thread(target=client, args=(kind,), name=kind)
               for kind, number in kinds.items() for _ in range(number)]  # fmt: skip
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise LoadError("; ".join(failures))
    return dict(counts)
