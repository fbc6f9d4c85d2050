"""A mail server and an HTTP endpoint on loopback that keep what they are sent."""

import asyncio
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


@contextmanager
def mail_server():
    """An SMTP server; yields (port, messages)."""
    messages, ready, loop = [], threading.Event(), asyncio.new_event_loop()
    about = {}

    async def talk(reader, writer):
        async def say(line):
            writer.write(f"{line}\r\n".encode())
            await writer.drain()

        await say("220 sink")
        while line := (await reader.readline()).decode().strip():
            verb = line.split()[0].upper()
            if verb == "EHLO":
                await say("250-sink")
                await say("250 AUTH PLAIN LOGIN")
            elif verb == "AUTH":
                await say("235 fine")
            elif verb == "DATA":
                await say("354 go on")
                kept = []
                while (part := await reader.readline()) != b".\r\n":
                    kept.append(part.decode())
                messages.append("".join(kept))
                await say("250 kept")
            elif verb == "QUIT":
                await say("221 bye")
                break
            else:
                await say("250 fine")
        writer.close()
        await writer.wait_closed()

    async def serve():
        server = await asyncio.start_server(talk, "127.0.0.1", 0)
        about["port"] = server.sockets[0].getsockname()[1]
        about["stop"] = asyncio.Event()
        ready.set()
        async with server:
            await about["stop"].wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),))
    thread.start()
    ready.wait(10)
    try:
        yield about["port"], messages
    finally:
        loop.call_soon_threadsafe(about["stop"].set)
        thread.join(10)
        loop.close()


@contextmanager
def http_endpoint(statuses=()):
    """An endpoint that answers with `statuses` one after another, then 200; yields (url, requests)."""
    requests, ahead = [], list(statuses)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["Content-Length"]))
            requests.append((self.path, dict(self.headers), body))
            answer = b"ok"
            self.send_response(ahead.pop(0) if ahead else 200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_args):
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", requests
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()
