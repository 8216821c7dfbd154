"""Runs proof-of-concept code that somebody wrote into an advisory, as a child, and sees by general signs what it did.

The facts and the quoted code follow below. The code knows no contract: what counts is that the child recurses without
end, takes all memory or dies by a signal (`crashed`), does not come to its end (`hung`), prints or writes the secret
that stands in place of a private file (`read`), or has a decoy run or a file written elsewhere (`executed`).
"""

import io
import json
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time

import contract

COMMANDS = ("touch", "id", "whoami", "ls", "cat", "calc", "calc.exe", "xcalc", "gnome-calculator", "open", "curl",
    "wget", "nc", "ping", "sleep", "uname", "hostname", "date", "ifconfig", "env", "ps", "mkdir", "rm")  # fmt: skip
"""What proofs of concept like to run: for those that the code names a decoy is put before the real one."""

PRIVATE = re.compile(r"/etc/(?:passwd|shadow|hosts|group|hostname)\b")
"""Files that proofs of concept like to read: the secret of the run takes their place in the code."""

OUTSIDE = re.compile(r"/(?:tmp|var/tmp|home|root|opt|srv)/[\w./-]+")
"""Paths that the code names; what appears there was written by it or by the package."""

CUT = 20
"""Seconds of processor time after which the child is ended."""
WALL = 100
"""Seconds after which it is ended though it takes no processor time: it waits for somebody."""
MEMORY = 1 << 30
"""Bytes of address space that it may take beyond what it begins with."""

_CHILD = r"""
import importlib, json, os, resource, signal, sys

path, report, modules = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
cut, memory = int(sys.argv[4]), int(sys.argv[5])
sys.argv = [path]
sys.path.insert(0, os.path.dirname(path))


class Cut(BaseException):
    pass


def told(ends, line, inside, began):
    used = os.times()
    said = {"ends": ends, "line": line, "inside": inside, "seconds": used[0] + used[1] + used[2] + used[3] - began}
    with open(report, "w") as file:
        json.dump(said, file)
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except Exception:
            pass
    os._exit(0)


def places(trace):
    line, module = 0, ""
    while trace is not None:
        frame = trace.tb_frame
        if frame.f_code.co_filename == path:
            line = trace.tb_lineno
        module = frame.f_globals.get("__name__") or ""
        trace = trace.tb_next
    return line, str(module)


def stop(number, frame):
    line = 0
    while frame is not None:
        if frame.f_code.co_filename == path:
            line = frame.f_lineno
            break
        frame = frame.f_back
    told("cut", line, "", began)


with open(path) as file:
    source = file.read()
code = compile(source, path, "exec")
for name in modules:
    try:
        importlib.import_module(name)
    except BaseException:
        pass
try:
    import faulthandler
    faulthandler.enable()
except ImportError:
    pass
used = os.times()
began = used[0] + used[1] + used[2] + used[3]
with open("/proc/self/statm") as file:
    held = int(file.read().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (held + memory, held + memory))
resource.setrlimit(resource.RLIMIT_CPU, (int(began) + cut + 3, int(began) + cut + 5))
signal.signal(signal.SIGPROF, stop)
signal.setitimer(signal.ITIMER_PROF, cut)
try:
    exec(code, {"__name__": "__main__", "__file__": path, "__builtins__": __builtins__})
    ends, line, inside = "end", 0, ""
except SystemExit as error:
    ends, line, inside = ("end" if error.code in (None, 0) else "exit", 0, "")
except BaseException as error:
    line, inside = places(sys.exc_info()[2])
    module, ends = type(error).__module__, type(error).__name__
    if module not in ("builtins", "exceptions"):
        ends = module + "." + ends
    try:
        sys.stderr.write(("%s: %s\n" % (ends, error))[:1000])
    except Exception:
        pass
told(ends, line, inside, began)
"""


def observed(code, modules, wanted, ends):
    """The verdict of one run of `code`, whose `modules` are loaded before its time is taken.

    `wanted` is the sign that speaks for the hole, `ends` how the code ends where the hole is closed; where that is
    empty nothing is judged and the observation itself is the detail.
    """
    seen = _seen(code, modules)
    if not ends:
        return contract.inconclusive(json.dumps(seen, sort_keys=True))
    if wanted == "hung" and (seen["ends"] == "cut" or _place(seen) == ends):
        return {"verdict": "measured", "detail": _told(seen), "data": "", "samples": [[1, seen["seconds"]]]}
    if wanted in seen["signs"]:
        return contract.fired(_told(seen), contract.secret() if wanted == "read" else b"")
    if _place(seen) == ends:
        return contract.blocked(_told(seen))
    return contract.inconclusive("it ends by %s, closed it would end by %s" % (_place(seen), ends))


def _told(seen):
    return "ends by %s after %.2f s; signs: %s" % (_place(seen), seen["seconds"], ", ".join(seen["signs"]) or "none")


def _place(seen):
    return seen["ends"] if seen["ends"] == "end" or not seen["line"] else "%(ends)s at line %(line)s" % seen


def _seen(code, modules):
    folder = tempfile.mkdtemp(prefix="avr-quoted-")
    outside = [each for each in set(OUTSIDE.findall(code)) if not os.path.lexists(each)]
    path, report, output = (os.path.join(folder, name) for name in ("poc.py", "seen.json", "output"))
    with io.open(path, "wb") as file:
        file.write(PRIVATE.sub(contract.SECRET_FILE, code).encode("utf-8"))
    work = os.path.join(folder, "work")
    os.mkdir(work)
    command = [sys.executable, "-B", "-c", _CHILD, path, report, json.dumps(modules), str(CUT), str(MEMORY)]
    environment = dict(os.environ, PATH=_decoys(folder, code) + os.pathsep + os.environ.get("PATH", ""))
    for name in ("AVR_PROOF", "AVR_PROOF_RESULTS"):
        environment.pop(name, None)
    with io.open(output, "wb") as sink:
        child = subprocess.Popen(
            command, cwd=work, env=environment, stdin=subprocess.DEVNULL if hasattr(subprocess, "DEVNULL") else None,
            stdout=sink, stderr=subprocess.STDOUT, preexec_fn=os.setsid,
        )  # fmt: skip
        status = _waited(child)
    seen = _judged(status, report, output)
    seen["signs"] += _left(folder, output, outside)
    return seen


def _decoys(folder, code):
    """A folder with a program for each command that the code names: it leaves the witness, then does its work."""
    decoys = os.path.join(folder, "bin")
    os.mkdir(decoys)
    words = set(re.findall(r"[\w.-]+", code))
    for name in words.intersection(COMMANDS):
        path = os.path.join(decoys, name)
        script = '#!/bin/sh\nPATH=/usr/bin:/bin\n%s 2>/dev/null\nexec %s "$@"\n' % (contract.shell_payload(), name)
        with io.open(path, "wb") as file:
            file.write(script.encode("utf-8"))
        os.chmod(path, 0o755)
    return decoys


def _waited(child):
    """The child's status, negative for a signal; None where it had to be ended because it only waits."""
    until = time.time() + WALL
    while child.poll() is None and time.time() < until:
        time.sleep(0.02)
    status = child.poll()
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except OSError:
        pass
    child.wait()
    return status


def _judged(status, report, output):
    """How the child ended: what it says of itself where it ended by itself, else the signal."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    seen = {"ends": "stuck", "line": 0, "inside": "", "seconds": round(used.ru_utime + used.ru_stime, 3), "signs": []}
    if status == 0 and os.path.isfile(report):
        with io.open(report, encoding="utf-8") as file:
            said = json.load(file)
        seen.update(ends=str(said["ends"])[:120], line=int(said["line"]), inside=str(said["inside"])[:60])
        seen["seconds"] = round(float(said["seconds"]), 3)
        if seen["ends"].rpartition(".")[2] in ("RecursionError", "MemoryError") or _recursed(seen, output):
            seen["signs"].append("crashed")
    elif status is not None:
        seen["ends"] = "signal %d" % -status if status < 0 else "exit"
        if status in (-signal.SIGXCPU, -signal.SIGPROF):
            seen["ends"] = "cut"
        elif status < 0 and -status in (signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE, signal.SIGILL):
            seen["signs"].append("crashed")
            seen["line"] = _last_line(_read(output))
    if seen["ends"] == "cut":
        seen["signs"].append("hung")
    return seen


def _last_line(said):
    """The line of the code at which a signal came, as faulthandler tells it; 0 where it does not."""
    found = re.search(r'File "[^"]*/poc\.py", line (\d+) in', said.decode("ascii", "replace"))
    return int(found.group(1)) if found else 0


def _recursed(seen, output):
    """Python 2.7 has a RuntimeError for it."""
    return seen["ends"].rpartition(".")[2] == "RuntimeError" and b"maximum recursion depth" in _read(output)


def _read(path):
    with io.open(path, "rb") as file:
        return file.read(4 << 20)


def _left(folder, output, outside):
    said = _read(output)
    print(said[:6000].decode("utf-8", "replace").encode("ascii", "backslashreplace").decode("ascii"))
    secret = contract.secret().encode("ascii")
    if secret in said or any(secret in _read(path) for path in _files(os.path.join(folder, "work"))):
        yield "read"
    if contract.executed():
        yield "executed"
    elif any(os.path.lexists(each) for each in outside):
        os.mkdir(os.path.join(contract.RESULTS, "ran-" + contract.nonce()))
        yield "executed"
    shutil.rmtree(folder, ignore_errors=True)


def _files(folder):
    for top, _, names in os.walk(folder):
        for name in names[:50]:
            path = os.path.join(top, name)
            if os.path.isfile(path) and not os.path.islink(path):
                yield path
