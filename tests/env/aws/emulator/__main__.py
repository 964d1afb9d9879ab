"""python -m emulator: start, say where, serve."""

from __future__ import annotations

import argparse
import gc
import json
import logging
import os
import shutil
import signal
import sys
import tempfile
import threading
from pathlib import Path
from typing import Any


def main() -> None:
    parser = argparse.ArgumentParser(prog="tests/env/aws/run", description="The emulated AWS. Prints one line of JSON when it is ready.")
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0 (the default) takes a free one")
    parser.add_argument("--tls-port", type=int, default=0, help="port on 127.0.0.1 at which the data path speaks TLS; 0 (the default) takes a free one")
    parser.add_argument("--settings", default="{}", help="JSON of settings, see README.md")
    parser.add_argument("--seed", type=Path, help="a file of APIs and users to begin with, such as seeds/demo.json")
    parser.add_argument("--exit-with-stdin", action="store_true", help="end when stdin is closed")
    options = parser.parse_args()
    # moto keys its state by account from the caller's key; every key is of one account here.
    os.environ.pop("MOTO_ACCOUNT_ID", None)
    logging.basicConfig(level=os.environ.get("EMULATOR_LOG", "ERROR"), stream=sys.stderr)

    from . import everything
    from .core.answers import AwsError
    from .core.settings import Settings
    from .datapath.listener import TlsServer
    from .pipeline import Pipeline
    from .seed import plant
    from .server import Server
    from .world import World

    everything.load()
    try:
        world = World(Settings(json.loads(options.settings)))
        if options.seed:
            world.seed = json.loads(options.seed.read_text())
            plant(world, world.seed)
    except (AwsError, ValueError) as error:
        parser.error(str(error))
    # What is there by now stays: it need not be searched for garbage, which is seldom.
    gc.freeze()
    gc.set_threshold(20_000)
    server = Server(options.port)
    world.endpoint = f"http://127.0.0.1:{server.port}"
    server.app = pipeline = Pipeline(world)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    listener = TlsServer(options.tls_port, world)
    listener.app, world.tls_port = pipeline, listener.port
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    folder = tempfile.mkdtemp(prefix="emulated-aws-")
    ca_file = Path(folder) / "ca.pem"
    ca_file.write_text(world.authority.pem)

    ended = threading.Event()

    def end(*_: Any) -> None:
        ended.set()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    print(json.dumps({"ready": True, "endpoint": world.endpoint, "tls": world.tls_port, "caFile": str(ca_file)}), flush=True)
    if options.exit_with_stdin:
        threading.Thread(target=lambda: (sys.stdin.buffer.read(), end()), daemon=True).start()
    ended.wait()
    pipeline.close()
    shutil.rmtree(folder, ignore_errors=True)
    # Threads of open connections need no farewell.
    os._exit(0)


if __name__ == "__main__":
    main()
