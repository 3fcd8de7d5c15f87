"""The systems that are compared. Each turns a case into a command, and what the command leaves into sorted tuples.

    prepare(case, mode)  writes the program, compiles it where the system compiles (not timed); returns a command
    answers(case)        shell text that prints `relation,arg1,arg2,…` lines after a run in mode "tuples"
    sizes(case)          {relation: number of tuples} after a run in mode "size"
"""
import csv
import re
import shlex
import subprocess
from pathlib import Path

PROGRAMS = Path(__file__).parent / "programs"


class Unsupported(Exception):
    """This system has no program for the case."""


class System:
    def __init__(self, name, binary, out):
        self.name, self.binary, self.out = name, binary, out

    def folder(self, case):
        folder = self.out / case.program / case.data / self.name
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    def text(self, case, suffix, key_from, key_to):
        path = PROGRAMS / f"{case.program}.{suffix}"
        if not path.exists():
            raise Unsupported(self.name)
        text = path.read_text()
        return text.replace(key_from, key_to) if case.named else text


def columns(arity):
    return ", ".join(f"c{i}" for i in range(arity))


class Scl(System):
    """What tenfold and Scallop share: the language."""

    def write(self, case, mode):
        text = self.text(case, "scl", "type Node = i32", "type Node = String")
        for relation, arity in case.outputs.items():
            if mode == "size":
                c = columns(arity)
                text += f"rel size_{relation}(n) = n := count({c}: {relation}({c}))\nquery size_{relation}\n"
            else:
                text += f"query {relation}\n"
        path = self.folder(case) / f"{mode}.scl"
        path.write_text(text)
        return path


class Tenfold(Scl):
    def __init__(self, binary, out, threads=1):
        super().__init__("tenfold" if threads == 1 else f"tenfold-{threads}", binary, out)
        self.threads = threads

    def prepare(self, case, mode):
        return [self.binary, "run", str(self.write(case, mode)), "--provenance", "unit", "--threads",
                str(self.threads), "--format", "csv"]

    def answers(self, case):
        out = shlex.quote(str(self.folder(case) / "stdout"))
        return f"grep -v '^relation,probability' {out} | tr -d '\\r' | cut -d, -f1,3-"

    def sizes(self, case):
        with open(self.folder(case) / "stdout", newline="") as file:
            return {row[0].removeprefix("size_"): int(row[2]) for row in csv.reader(file) if row[0] != "relation"}


class Scallop(Scl):
    def __init__(self, binary, out):
        super().__init__("scallop", binary, out)

    def prepare(self, case, mode):
        return [self.binary, str(self.write(case, mode))]

    def answers(self, case):
        out = shlex.quote(str(self.folder(case) / "stdout"))
        # relation: {(1, "a"), (2, "b")}
        return (f"sed -E 's/^([a-z_]+): [{{](.*)[}}]$/\\1\\n\\2/; s/[)], [(]/\\n/g' {out} | tr -d '()\" ' | "
                "awk '/^[a-z_]+$/ { relation = $0; next } NF { print relation \",\" $0 }'")

    def sizes(self, case):
        text = (self.folder(case) / "stdout").read_text()
        return {name: int(n) for name, n in re.findall(r"^size_(\w+): \{\((\d+)\)\}", text, re.M)}


class Souffle(System):
    """Compiled Soufflé, one thread; the compilation (10 to 20 s a program) is not counted. Tuples that are wanted for
    the comparison alone come from its interpreter, which needs no compilation."""

    def __init__(self, binary, out):
        super().__init__("souffle", binary, out)

    def prepare(self, case, mode):
        text = self.text(case, "dl", ".type Node = number", ".type Node = symbol")
        for relation in case.outputs:
            text += (f".printsize {relation}\n" if mode == "size" else
                     f'.output {relation}(filename="{relation}.csv", delimiter=",")\n')
        folder = self.folder(case)
        kind = "-named" if case.named else ""
        program = self.out / "compiled" / f"{case.program}{kind}-{mode}"  # one executable for all inputs of a program
        source = program.with_suffix(".dl")
        program.parent.mkdir(parents=True, exist_ok=True)
        if mode != case.show:
            source.write_text(text)
            return [self.binary, "-w", "-F", ".", "-D", str(folder), str(source)]
        if not program.exists() or not source.exists() or source.read_text() != text:
            source.write_text(text)
            done = subprocess.run([self.binary, "-w", "-o", str(program), str(source)], capture_output=True, text=True)
            if done.returncode != 0:
                source.unlink()
                raise RuntimeError(f"souffle: {source}: {done.stderr[-2000:]}")
        return [str(program), "-j1", "-F", ".", "-D", str(folder)]

    def answers(self, case):
        return files(self, case)

    def sizes(self, case):
        return printed(self, case)


class Ascent(System):
    """The programs of `ascent/`, built once by cargo."""

    def __init__(self, out):
        target = out / "ascent"
        subprocess.run(["cargo", "build", "--release", "--quiet", "--locked", "--target-dir", str(target)],
                       cwd=Path(__file__).parent / "ascent", check=True)
        super().__init__("ascent", str(target / "release/ascent-cases"), out)

    def prepare(self, case, mode):
        text = (Path(__file__).parent / "ascent/src/programs.rs").read_text()
        if f'"{case.program}"' not in text:
            raise Unsupported(self.name)
        return [self.binary, case.program, mode, "yes" if case.named else "no", str(self.folder(case))]

    def answers(self, case):
        return files(self, case)

    def sizes(self, case):
        return printed(self, case)


class FlowLog(System):
    """FlowLog, one worker; its compilation to Rust is not counted. It reads Soufflé's syntax without the aggregates."""

    def __init__(self, binary, out):
        super().__init__("flowlog", binary, out)

    def prepare(self, case, mode):
        text = self.text(case, "dl", "", "")
        if "{" in text or ".pragma" in text:
            raise Unsupported(self.name)
        key = "string" if case.named else "int32"
        text = re.sub(r"^\.type .*\n", "", text, flags=re.M).replace(": Node", f": {key}").replace("number", "int32")
        text = text.replace("(filename", '(IO="file", filename')
        text += "".join(f".printsize {r}\n" if mode == "size" else f".output {r}\n" for r in case.outputs)
        kind = "-named" if case.named else ""
        program = self.out / "flowlog" / f"{case.program}{kind}-{mode}"
        source = program.with_suffix(".dl")
        if not program.exists() or not source.exists() or source.read_text() != text:
            program.parent.mkdir(parents=True, exist_ok=True)
            source.write_text(text)
            command = [self.binary, str(source), "-o", str(program), "-B", str(program.parent / "build"), "-D",
                       "-" if mode == "size" else "flowlog"]
            done = subprocess.run([*command, *(["--str-intern"] if case.named else [])], capture_output=True, text=True)
            if done.returncode != 0:
                source.unlink()
                raise RuntimeError(f"flowlog: {source}: {done.stderr[-2000:]}")
        (self.out / "data" / case.data / "flowlog").mkdir(exist_ok=True)
        return [str(program), "-w", "1"]

    def answers(self, case):
        folder = self.out / "data" / case.data / "flowlog"  # it writes below the folder of the input, with tabs
        return " ; ".join(f"sed 's/^/{r},/; s/\\t/,/g' {shlex.quote(str(folder / r))}*" for r in case.outputs)

    def sizes(self, case):
        text = (self.folder(case) / "stdout").read_text() + (self.folder(case) / "stderr").read_text()
        return {r: int(re.search(rf"\b{r}\b\D*?(\d+)", text)[1]) for r in case.outputs}


class DuckDb(System):
    """Recursive queries in DuckDB, one thread; `binary` is a Python that has the module."""

    def __init__(self, binary, out):
        super().__init__("duckdb", binary, out)

    def prepare(self, case, mode):
        program = self.folder(case) / "program.sql"
        program.write_text(self.text(case, "sql", "INTEGER", "VARCHAR"))
        script = Path(__file__).parent / "duckdb_case.py"
        return [self.binary, str(script), str(program), mode, str(self.folder(case)), *case.outputs]

    def answers(self, case):
        return files(self, case)

    def sizes(self, case):
        return printed(self, case)


def files(system, case):
    """One CSV file a relation in the folder of the case."""
    folder = system.folder(case)
    return " ; ".join(f"sed 's/^/{r},/' {shlex.quote(str(folder / (r + '.csv')))}" for r in case.outputs)


def printed(system, case):
    """Lines of relation and size on stdout."""
    text = (system.folder(case) / "stdout").read_text()
    return {name: int(n) for name, n in re.findall(r"^(\w+)\t(\d+)$", text, re.M)}
