"""Where the benchmarks find their data and the program under test, and how they run it."""

import os
import pathlib
import resource
import subprocess
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
# What an earlier run was told must not be counted as saved by this one.
os.environ.setdefault("TENFOLD_MEMO", "off")
# The measured data is not in the repository: beside it, or where TENFOLD_DATA says.
HEALTH_DATA = pathlib.Path(os.environ.get("TENFOLD_DATA", REPOSITORY.parent / "shared" / "data")) / "health"


def run(command, log=None):
    """Runs a command to its end: {"status", "wall_s", "cpu_s", "peak_mib"} of the whole process with its children.

    CPU time is the difference of RUSAGE_CHILDREN, so nothing else may be run by this process meanwhile; peak_mib is the
    largest resident size of any child so far (the kernel keeps only the maximum).
    """
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    with open(log or os.devnull, "w", encoding="utf-8") as sink:
        status = subprocess.run([str(part) for part in command], stdout=sink, stderr=subprocess.STDOUT, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return {"status": status.returncode, "wall_s": round(time.monotonic() - start, 4), "cpu_s": round(cpu, 4),
            "peak_mib": round(after.ru_maxrss / 1024, 1)}
