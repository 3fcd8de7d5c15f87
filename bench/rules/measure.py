"""Runs a command once and says what it took: wall and CPU seconds and peak memory of the whole process.

The peak that the system reports for a child starts at that of the process which started it, so this module and what
imports it stay small (about 18 MiB, the least that can be seen); answers are compared by `sort` and `sha256sum`.
"""
import os
import signal
import subprocess
import time
from dataclasses import dataclass


@dataclass
class Run:
    wall_s: float
    cpu_s: float
    peak_mib: float
    status: int  # of the process; negative: the signal that ended it
    timed_out: bool = False


def run(command, cwd, out, err, timeout_s):
    with open(out, "wb") as stdout, open(err, "wb") as stderr:
        start = time.perf_counter()
        child = subprocess.Popen(command, cwd=cwd, stdout=stdout, stderr=stderr, stdin=subprocess.DEVNULL)
        previous = signal.signal(signal.SIGALRM, lambda *_: child.kill())
        signal.setitimer(signal.ITIMER_REAL, timeout_s)
        try:
            _, status, usage = os.wait4(child.pid, 0)
        finally:
            signal.setitimer(signal.ITIMER_REAL, 0)
            signal.signal(signal.SIGALRM, previous)
        wall = time.perf_counter() - start
    child.returncode = os.waitstatus_to_exitcode(status)
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, child.returncode,
               child.returncode == -signal.SIGKILL and wall >= timeout_s)
