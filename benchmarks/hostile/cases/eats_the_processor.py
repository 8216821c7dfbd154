"""Computes without end in many processes, and does not listen to signals."""

import multiprocessing
import signal

ENDS = "limit"


def _burn():
    while True:
        pass


def test_burns():
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGALRM, signal.SIG_IGN)
    for _ in range(8):
        multiprocessing.Process(target=_burn).start()
    _burn()
