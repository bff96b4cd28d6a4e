"""A name server and a web server that run in the test, for guests that call out. A guest on QEMU's
own network reaches them at HOST."""

import http.server
import socketserver
import struct
import threading

HOST = "10.0.2.2"  # QEMU's user network: the machine that runs the guest
TYPE_A = 1
NXDOMAIN = 3


class _Served:
    """A socketserver in a thread, as long as the with-block lasts."""

    def __init__(self, server):
        self.server = server
        self.port = server.server_address[1]
        self.thread = threading.Thread(target=server.serve_forever, args=(0.05,))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class NameServer(_Served):
    """Answers over UDP with the addresses of `names`; all other names do not exist. `asked` has
    every name that was asked for."""

    def __init__(self, names):
        self.asked = []
        outer = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                query, socket = self.request
                socket.sendto(outer.reply(query, names), self.client_address)

        super().__init__(socketserver.ThreadingUDPServer(("127.0.0.1", 0), Handler))

    def reply(self, query, names):
        """RFC 1035, section 4: the header, the question as it came, an answer that points at it."""
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        question = query[12:at + 5]
        name, (kind,) = ".".join(labels).lower(), struct.unpack_from("!H", query, at + 1)
        self.asked.append(name)
        addresses = names.get(name, []) if kind == TYPE_A else []
        code = 0 if name in names else NXDOMAIN
        reply = query[:2] + struct.pack("!HHHHH", 0x8180 | code, 1, len(addresses), 0, 0) + question
        for address in addresses:
            reply += struct.pack("!HHHIH", 0xC00C, TYPE_A, 1, 60, 4)
            reply += bytes(int(part) for part in address.split("."))
        return reply


class WebServer(_Served):
    """Serves `pages`, bytes by path; 404 for all others. With a TLS context: over HTTPS."""

    def __init__(self, pages, tls=None):
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                body = pages.get(self.path)
                self.send_response(404 if body is None else 200)
                self.send_header("Content-Length", str(len(body or b"")))
                self.end_headers()
                self.wfile.write(body or b"")

            def log_message(self, *_):
                pass

        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        server.daemon_threads = True
        if tls is not None:
            server.handle_error = lambda *_: None  # a client may well refuse
            server.socket = tls.wrap_socket(server.socket, server_side=True,
                                            do_handshake_on_connect=False)
        super().__init__(server)
