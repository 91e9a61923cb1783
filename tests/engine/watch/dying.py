"""A process that writes clips until it is killed, and says which are finished.

`dying.py FOLDER FOOTAGE [OWNER]`, the owner's mark in hexadecimal digits.
"""

import sys
from pathlib import Path

from engine.model import ClipFinished, ClipNews
from tests.engine.watch.camera import Stage, both, event


def main() -> None:
    """Write clips for ever."""
    folder, content = Path(sys.argv[1]), Path(sys.argv[2]).read_bytes()
    on = Stage(folder, owner=bytes.fromhex("".join(sys.argv[3:])))

    def tell(news: ClipNews) -> None:
        if isinstance(news, ClipFinished):
            print(news.clip_id, flush=True)

    on.recorder = type(on.recorder)(on.settings, on.clock, on.writer, tell)
    print("ready", flush=True)
    while True:
        on.play(content, both(event(on, 6.5, 9.0), event(on, 15.5, 22.0), event(on, 30.5, 31.0)))


if __name__ == "__main__":
    main()
