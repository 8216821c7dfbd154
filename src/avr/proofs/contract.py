"""What an exploit says and how: this file lies beside it in the sandbox and runs on Python 2.7 and later.

An exploit has two functions. `control()` sends a benign input the very way that the attack will take, and returns true
when the package did its work. `attack()` returns one of the verdicts made here. The control runs first, and once more
after a blocked attack: a package that is broken is not safe. Whatever else happens is inconclusive.
"""

import base64
import gc
import io
import json
import os
import random
import resource
import signal
import sys
import time
import traceback

FOLDER = os.environ.get("AVR_PROOF", "/opt/proof")
RESULTS = os.environ.get("AVR_PROOF_RESULTS", "/results")
SECRET_FILE = os.path.join(FOLDER, "secret")
"""A file that no package may give to a stranger; what it holds is new in each run."""

_LIMIT = 2.0
_ENOUGH = 1.0
_CLEAR = 0.4
_PATIENCE = 10.0
_PLENTY = 64 << 20


class _TooLong(BaseException):
    """The time of one sample is over; no handler of the package's for ordinary errors may catch it."""


def nonce():
    """The one-time value of this run: letters a to f and digits, safe in markup, headers, paths and programs."""
    with io.open(os.path.join(FOLDER, "nonce"), encoding="ascii") as file:
        return str(file.read().strip())


def secret():
    """What `SECRET_FILE` holds, for exploits that have to know what must not leak."""
    with io.open(SECRET_FILE, encoding="ascii") as file:
        return str(file.read().strip())


def payload():
    """A Python expression whose evaluation is the proof that code ran."""
    return "__import__('os').mkdir(%r)" % _witness()


def shell_payload():
    """A shell command whose execution is the proof that code ran."""
    return "mkdir %s" % _witness()


def drawn(*options):
    """The options in an order drawn anew in each run, so that nobody can be ready for the one that comes."""
    order = list(options)
    random.Random(nonce()).shuffle(order)  # noqa: S311 - unforeseen is enough, the sandbox knows the nonce anyway
    return order


def executed():
    """Whether the payload ran."""
    return os.path.isdir(_witness())


def fired(detail, data=b""):
    """The hole is open: the CVE's own signal was seen. `data` is what came out, with the run's marker in it."""
    return _verdict("fired", detail, data)


def blocked(reached, data=b""):
    """The hole is closed. `reached` says what showed that the attack came to the place and was turned away there."""
    return _verdict("blocked", reached, data) if reached else inconclusive("nothing shows that the place was reached")


def inconclusive(detail):
    """Neither: the reason why nothing is known."""
    return _verdict("inconclusive", detail, b"")


def either(is_open, detail, data=b""):
    """Fired or blocked, by a condition that cannot be anything else."""
    return fired(detail, data) if is_open else blocked(detail, data)


def growth(work, sizes):
    """Samples of the processor time of `work(size)` for growing sizes; the judge outside reads the verdict from them.

    Each size is measured three times and the best counts; a sample of a second ends the series, two seconds a sample.
    """
    samples = []
    for size in sizes:
        seconds = min(_measured(work, size))
        samples.append([size, seconds])
        if seconds >= _ENOUGH and len(samples) > 1:
            break
    verdict = _verdict("measured", "seconds by size: %s" % samples, b"")
    verdict["samples"] = samples
    return verdict


def memory(work, sizes):
    """Samples of the peak memory in bytes that `work(size)` adds for growing sizes, for the judge outside.

    Each size has a forked process, whose resident memory counts, that of libraries in C too. `work` must hold nothing
    as large as `size` itself. A sample of 64 MiB ends the series, ten seconds of processor time cut a sample.
    """
    samples, ended = [], True
    for size in sizes:
        taken, ended = _peak(work, size)
        samples.append([size, taken])
        if not ended or (taken >= _PLENTY and len(samples) > 1):
            break
    verdict = _verdict("measured", "bytes by size: %s%s" % (samples, "" if ended else ", the last one cut"), b"")
    verdict["samples"], verdict["cut"] = samples, not ended
    return verdict


def run(control, attack):
    """Run control, attack, control, and report."""
    try:
        report = _judged(control, attack)
    except Exception:  # everything unexpected is inconclusive, by contract
        report = inconclusive(traceback.format_exc()[-2000:])
    report["nonce"] = nonce()
    report["python"] = list(sys.version_info[:3])
    with io.open(os.path.join(RESULTS, "report.json"), "wb") as file:
        file.write(json.dumps(report).encode("utf-8"))
    print("%s: %s" % (report["verdict"], report["detail"]))


def _judged(control, attack):
    if not control():
        return inconclusive("the control gave another answer than expected")
    report = attack()
    if not isinstance(report, dict) or "verdict" not in report:
        return inconclusive("the attack gave no verdict")
    if report["verdict"] in ("blocked", "measured") and not control():
        return inconclusive("the control does not work after the attack")
    return report


def _verdict(verdict, detail, data):
    raw = data if isinstance(data, bytes) else data.encode("utf-8")
    encoded = base64.b64encode(raw[:65536]).decode("ascii")
    return {"verdict": verdict, "detail": str(detail)[:2000], "data": encoded}


def _witness():
    return os.path.join(RESULTS, "ran-" + nonce())


def _measured(work, size):
    """Up to three samples in seconds; one is enough where it is long."""
    clock = getattr(time, "process_time", None) or time.clock  # type: ignore[attr-defined]  # Python 2.7
    for _ in range(3):
        started = clock()
        try:
            _limited(work, size, _LIMIT)
        except _TooLong:
            yield _LIMIT
            return
        seconds = clock() - started
        yield seconds
        if seconds > _CLEAR:
            return


def _limited(work, size, seconds):
    def stop(_number, _frame):
        raise _TooLong

    previous = signal.signal(signal.SIGPROF, stop)
    signal.setitimer(signal.ITIMER_PROF, seconds)
    try:
        work(size)
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, previous)


def _peak(work, size):
    """The bytes that a forked process added to its peak, and whether its work ended; raises where it failed or died."""
    _let_go()
    reading, writing = os.pipe()
    child = os.fork()
    if not child:
        try:
            os.write(writing, json.dumps(_weighed(work, size)).encode("ascii"))
        finally:
            os._exit(0)
    os.close(writing)
    with io.open(reading, "rb") as pipe:
        said = pipe.read()
    os.waitpid(child, 0)
    found = json.loads(said.decode("ascii")) if said else {"error": "the process for size %s died" % size}
    if "error" in found:
        raise RuntimeError(found["error"])
    return found["bytes"], found["ended"]


def _let_go():
    """Give back what is free: a child would use it again and seem to need nothing."""
    gc.collect()
    try:
        import ctypes

        ctypes.CDLL(None).malloc_trim(0)
    except (ImportError, OSError, AttributeError):  # not the GNU library
        pass


def _weighed(work, size):
    before, ended = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, True
    try:
        _limited(work, size, _PATIENCE)
    except _TooLong:
        ended = False
    except BaseException:  # the parent has to hear of it, whatever it is
        return {"error": traceback.format_exc()[-2000:]}
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # Linux counts in KiB
    return {"bytes": (most - before) * 1024, "ended": ended}


class Server(object):
    """An HTTP server on the loopback device for one connection at a time; it keeps what it was sent.

    `answer` gets the raw bytes of a request and gives the raw response. Every connection is closed after one answer.
    """

    def __init__(self, answer):
        import socket
        import threading

        self.requests = []
        self._answer = answer
        self._socket = socket.socket()
        self._socket.bind(("127.0.0.1", 0))
        self._socket.listen(16)
        self.port = self._socket.getsockname()[1]
        thread = threading.Thread(target=self._serve)
        thread.daemon = True
        thread.start()

    @property
    def url(self):
        """The address, without a slash at the end."""
        return "http://127.0.0.1:%d" % self.port

    def seen(self):
        """All that came in, as one string of bytes."""
        return b"\n".join(self.requests)

    def _serve(self):
        while True:
            connection = self._socket.accept()[0]
            connection.settimeout(5)
            try:
                request = self._read(connection)
                if request:
                    self.requests.append(request)
                    connection.sendall(self._answer(request))
            except (IOError, OSError):
                pass
            finally:
                connection.close()

    def _read(self, connection):
        data = b""
        while b"\r\n\r\n" not in data:
            more = connection.recv(65536)
            if not more:
                return data
            data += more
        head, _, body = data.partition(b"\r\n\r\n")
        wanted = _content_length(head)
        while len(body) < wanted:
            more = connection.recv(65536)
            if not more:
                break
            body += more
        return head + b"\r\n\r\n" + body


def response(status, headers=(), body=b"ok"):
    """A raw HTTP response that closes the connection."""
    lines = ["HTTP/1.1 %s" % status, "Content-Length: %d" % len(body), "Connection: close"]
    return ("\r\n".join(lines + list(headers)) + "\r\n\r\n").encode("latin-1") + body


def _content_length(head):
    for line in head.lower().split(b"\r\n"):
        if line.startswith(b"content-length:"):
            return int(line.partition(b":")[2])
    return 0
