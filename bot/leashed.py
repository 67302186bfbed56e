"""A command of `suture` that ends when whoever started it is gone: its standard input is a pipe that only they hold.

What is killed cannot stop its children; that their pipe ends is seen on every system.
"""

import os
import signal
import sys
import threading
import time

from bot.__main__ import main

_LONGEST_END = 15.0  # seconds that a command may take to stop by itself


def _end_with(pipe: int) -> None:
    while os.read(pipe, 1024):
        pass
    os.kill(os.getpid(), signal.SIGINT)
    time.sleep(_LONGEST_END)
    os._exit(1)


if __name__ == "__main__":
    threading.Thread(target=_end_with, args=(sys.stdin.fileno(),), daemon=True).start()
    main()
