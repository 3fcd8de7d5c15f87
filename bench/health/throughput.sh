#!/usr/bin/env bash
# Records and megabytes a second over real FHIR records, reader and rules apart, and peak memory when the input is repeated.
#   throughput.sh TENFOLD RECORDS.ndjson OUT_FOLDER [REPEATS]
set -euo pipefail
export TENFOLD_MEMO=off
tenfold=$1 records=$2 out=$3 repeats=${4:-100}
peak() { python3 - "$@" <<'PY'
import resource, subprocess, sys, time
start = time.time()
status = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=open(sys.argv[0] + ".log", "w") if False else subprocess.DEVNULL).returncode
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(f"  exit {status}  wall {time.time() - start:.2f} s  cpu {used.ru_utime + used.ru_stime:.2f} s  peak {used.ru_maxrss / 1024:.0f} MiB")
PY
}
echo "whole job, $(stat -c %s "$records") bytes, $(wc -l < "$records") records, two threads:"
"$tenfold" run health "$records" --threads 2 --timings --out "$out/t.jsonl" 2>&1 >/dev/null | grep '"stage"' | grep -v plan
echo "peak memory: once, then the same records $repeats times over:"
peak "$tenfold" run health "$records" --threads 2 --out "$out/t.jsonl"
many=$out/many.ndjson
trap 'rm -f "$many" "$out/t.jsonl"' EXIT
rm -f "$many"; mkfifo "$many" 2>/dev/null || true
( for _ in $(seq "$repeats"); do cat "$records"; done > "$many" ) &
peak "$tenfold" run health "$many" --threads 2 --out "$out/t.jsonl"
