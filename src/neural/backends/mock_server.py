"""A server that speaks OpenAI's chat completions, well and badly, and runs a test program against it.

    mock_server.py PROGRAM [ARGUMENT…]      PROGRAM finds the address in TENFOLD_MOCK

The first part of the path says how it behaves. After the program it is checked that no request went where it should not:
to a place that a redirect named, or with the key in its body or path. Standard library only."""
import base64
import http.server
import json
import os
import socket
import subprocess
import sys
import threading
import time
import zlib

KEY = "sk-mock-0123456789"
seen = {}      # behaviour: number of requests
wrong = []     # what must not have happened
lock = threading.Lock()


def chunk(content, logprobs=None, finish=None):
    choice = {"index": 0, "delta": {"content": content}, "finish_reason": finish}
    if logprobs:
        choice["logprobs"] = {"content": [{"token": content, "logprob": logprobs[0][1],
                                           "top_logprobs": [{"token": t, "logprob": p} for t, p in logprobs]}]}
    return {"choices": [choice]}


FILE = bytes((i * 7 + i // 251) % 256 for i in range(300_000))
LETTERS = [("B", -0.2231435513), (" A", -2.3025850930), ("x", -3.0)]  # B 0.8, A 0.1
USAGE = {"choices": [], "usage": {"prompt_tokens": 20, "completion_tokens": 1}}
RECORD = json.dumps({"answer": {"drug": "aspirin", "mg": 500}})


def events(*objects, done=True):
    text = "".join(": alive\n\ndata: " + json.dumps(o) + "\n\n" for o in objects)
    return (text + ("data: [DONE]\n\n" if done else "")).encode()


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, body, kind="text/event-stream", headers=(), length=None):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(length if length is not None else len(body)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def error(self, status, headers=()):
        body = json.dumps({"error": {"message": f"mock error; your key was {KEY}"}}).encode()
        self.reply(status, body, "application/json", headers)

    def cut(self):
        """The connection ends in the middle of what was promised."""
        self.close_connection = True
        self.connection.shutdown(socket.SHUT_RDWR)

    def do_GET(self):
        """A file to download: FILE, whole or from a byte on."""
        way = self.path.split("/")[1]
        with lock:
            seen[way] = count = seen.get(way, 0) + 1
            if self.headers.get("Authorization"):
                wrong.append("a key was sent for a file")
        if not way.startswith("file-"):
            return self.error(404)
        kind, _, number = way[5:].partition("-")
        if kind == "moved":
            return self.reply(302, b"", headers=[("Location", "/file-good/x")])
        if kind == "loop":
            return self.reply(302, b"", headers=[("Location", self.path)])
        if kind == "status":
            return self.error(int(number))
        content = FILE[::-1] if kind == "other" else FILE
        start, status, headers = 0, 200, []
        asked = self.headers.get("Range", "")
        if asked and kind != "whole":
            start, status = int(asked.removeprefix("bytes=").split("-")[0]), 206
            if start >= len(content):
                return self.reply(416, b"")
            headers = [("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")]
        body = content[start:]
        try:
            if kind in ("drop", "whole") and count <= int(number):
                self.reply(status, body[:len(body) // 2], "application/octet-stream", headers, length=len(body))
                return self.cut()
            self.reply(status, body, "application/octet-stream", headers)
        except OSError:
            self.close_connection = True

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
        way = self.path.split("/")[1]
        with lock:
            seen[way] = count = seen.get(way, 0) + 1
            if KEY in body or KEY in self.path:
                wrong.append("the key is in the body or the path")
            if way == "elsewhere":
                wrong.append("a redirect was followed")
        request = json.loads(body)
        if self.headers.get("Authorization") != f"Bearer {KEY}":
            return self.error(401)
        try:
            getattr(self, "way_" + way.split("-")[0])(way, count, request)
        except (BrokenPipeError, ConnectionResetError, OSError):
            self.close_connection = True

    def way_good(self, way, count, request):
        if "response_format" in request:
            return self.reply(200, events(chunk(RECORD[:7]), chunk(RECORD[7:], finish="stop"), USAGE))
        text = request["messages"][0]["content"]
        letters = [("A", -0.1053605157), ("B", -2.3025850930)] if "it is negative" in text else LETTERS
        self.reply(200, events(chunk(letters[0][0], letters), chunk("", finish="stop"), USAGE))

    def way_picture(self, way, count, request):  # A for one pixel of (200, 10, 20) between two texts
        parts = request["messages"][0]["content"]
        kinds = [part["type"] for part in parts]
        if kinds != ["text", "image_url", "text"] or parts[0]["text"] != "Is " or not parts[2]["text"].startswith(" red?"):
            return self.error(400)
        head, _, data = parts[1]["image_url"]["url"].partition(",")
        png = base64.b64decode(data, validate=True)
        at = png.index(b"IDAT")
        size = int.from_bytes(png[at - 4:at])
        pixel = zlib.decompress(png[at + 4:at + 4 + size])[1:]
        red = head == "data:image/png;base64" and pixel == bytes([200, 10, 20])
        letters = [("A", -0.1053605157), ("B", -2.3025850930)] if red else LETTERS
        self.reply(200, events(chunk(letters[0][0], letters), chunk("", finish="stop"), USAGE))

    def way_plain(self, way, count, request):  # ignores "stream"
        choice = {"message": {"content": "B"}, "finish_reason": "stop",
                  "logprobs": {"content": [{"token": "B", "top_logprobs": [{"token": t, "logprob": p} for t, p in LETTERS]}]}}
        self.reply(200, json.dumps({"choices": [choice], "usage": USAGE["usage"]}).encode(), "application/json")

    def way_status(self, way, count, request):  # status-429-2: that status twice, then well
        _, status, times = way.split("-")[:3]
        if count <= int(times):
            return self.error(int(status), [("Retry-After", "0")] if status == "429" else ())
        self.way_good(way, count, request)

    def way_later(self, way, count, request):
        self.error(429, [("Retry-After", "3600")])

    def way_drop(self, way, count, request):  # in the middle of the stream; drop-1: once
        times = int(way.split("-")[1])
        if count > times:
            return self.way_good(way, count, request)
        body = events(chunk("B", LETTERS), USAGE, done=False)
        self.reply(200, body, length=len(body) + 1000)
        self.cut()

    def way_unfinished(self, way, count, request):  # ends as if all were well, without [DONE]
        self.reply(200, events(chunk("B", LETTERS), done=False))

    def way_slow(self, way, count, request):  # a byte now and then, for ever
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        for _ in range(600):
            self.wfile.write(b":")
            self.wfile.flush()
            time.sleep(0.05)

    def way_silent(self, way, count, request):
        time.sleep(30)

    def way_endless(self, way, count, request):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        block = (": " + "x" * 998 + "\n").encode() * 64
        for _ in range(2000):
            self.wfile.write(block)

    def way_redirect(self, way, count, request):
        self.reply(307, b"", headers=[("Location", f"http://{self.headers['Host']}/elsewhere/v1/chat/completions")])

    def way_garbage(self, way, count, request):
        bodies = {"json": b"{\"choices\": [", "html": b"<html>hello</html>", "events": b"data: {broken\n\n", "empty": b"",
                  "binary": bytes(range(256)) * 10, "deep": b"[" * 100_000,
                  "types": json.dumps({"choices": {"a": 1}}).encode(), "null": b"null",
                  "error": events({"error": {"message": "overloaded"}})}
        self.reply(200, bodies[way.split("-")[1]], "application/json")

    def way_letters(self, way, count, request):
        answers = {"none": None, "unknown": [("x", -0.01)], "positive": [("A", 0.7), ("B", -1.0)], "sum": [("A", -0.1), ("B", -0.1)],
                   "nan": [("A", float("nan"))], "outside": [("Z", -0.01)]}
        self.reply(200, events(chunk("A", answers[way.split("-")[1]]), USAGE))

    def way_record(self, way, count, request):
        answers = {"missing": {"answer": {"drug": "aspirin"}}, "extra": {"answer": {"drug": "a", "mg": 1, "x": 2}},
                   "type": {"answer": {"drug": "aspirin", "mg": "500"}}, "range": {"answer": {"drug": "aspirin", "mg": -5}},
                   "list": {"answer": []}, "bare": {"drug": "aspirin", "mg": 500}}
        kind = way.split("-")[1]
        text = RECORD[:20] if kind == "cut" else json.dumps(answers[kind])
        self.reply(200, events(chunk(text, finish="length" if kind == "cut" else "stop"), USAGE))

    def way_word(self, way, count, request):
        self.reply(200, events(chunk(way.split("-")[1], finish="stop"), USAGE))


def main():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # clients that hang up are what is tested
    server.block_on_close = False
    threading.Thread(target=server.serve_forever, daemon=True).start()
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment |= {"TENFOLD_MOCK": f"http://127.0.0.1:{server.server_port}", "TENFOLD_MOCK_KEY": KEY}
    done = subprocess.run(sys.argv[1:], env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    sys.stdout.write(done.stdout)
    if KEY in done.stdout:
        wrong.append("the key was printed")
    # budget-N-…: no more than N requests, however many were wanted.
    for way, count in seen.items():
        if "budget" in way and count > int(way.split("budget-")[1]):
            wrong.append(f"{way}: {count} requests")
    for what in wrong:
        print("mock server:", what)
    sys.exit(done.returncode or bool(wrong))


if __name__ == "__main__":
    main()
