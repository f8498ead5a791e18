"""The same static file server as tools/serve.mjs, for machines that have Python and no Node.

    python3 tools/serve.py [--port 8000] [--pkg DIR]     --pkg serves /pkg/ from DIR instead of pkg/
"""

import argparse
import errno
import json
import sys
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
MIME = json.loads((ROOT / "tools/mime.json").read_text(encoding="utf-8"))
TRIES = 20


class Handler(SimpleHTTPRequestHandler):
    """Files of the repository, nothing outside it, nothing hidden, nothing cached."""

    extensions_map = {**MIME, "": "application/octet-stream"}
    pkg = ROOT / "pkg"

    def translate_path(self, path):
        path = unquote(urlsplit(path).path)
        base, rest = (self.pkg, path[len("/pkg/") :]) if path.startswith("/pkg/") else (ROOT, path[1:])
        base = base.resolve()
        name = (base / rest.lstrip("/")).resolve() if "\0" not in rest else base
        hidden = any(part.startswith(".") for part in path.split("/"))
        if hidden or not name.is_relative_to(base):
            return str(base / "no such file")
        return str(name) + ("/" if path.endswith("/") else "")

    def send_head(self):
        if urlsplit(self.path).path == "/":
            self.send_response(302)
            self.send_header("Location", "/www/")
            self.end_headers()
            return None
        return super().send_head()

    def list_directory(self, path):
        self.send_error(404, "no such file")

    def end_headers(self):
        # While developing, a cached wasm beside a new script costs an hour of wondering.
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        super().end_headers()

    def log_message(self, format, *args):
        """Says nothing: what is opened here may carry a patient's name."""


class Server(ThreadingHTTPServer):
    daemon_threads = True
    # With address reuse a second server on some systems takes over the port of the first.
    allow_reuse_address = sys.platform != "win32"


def listen(port):
    for candidate in range(port, port + TRIES):
        try:
            return Server(("127.0.0.1", candidate), Handler)
        except OSError as error:
            if error.errno != errno.EADDRINUSE or candidate + 1 == port + TRIES:
                raise
            print(f"port {candidate} is taken, trying {candidate + 1}", file=sys.stderr)
    raise AssertionError("the last port either listens or raises")


def main():
    parser = argparse.ArgumentParser(description="Serves this repository on 127.0.0.1.")
    parser.add_argument("--port", type=int, default=8000, help="the first port to try, 0 for any free one")
    parser.add_argument("--pkg", default="pkg", help="the folder behind /pkg/")
    arguments = parser.parse_args()
    Handler.pkg = ROOT / arguments.pkg
    server = listen(arguments.port)
    print(f"Vitrine is at http://127.0.0.1:{server.server_address[1]}/www/   (Ctrl-C stops it)", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        pass


if __name__ == "__main__":
    main()
