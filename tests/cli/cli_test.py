"""The program `tenfold` from outside: what a person, a script or hostile input sees. Standard library only."""
import faulthandler
import json
import os
import pathlib
import pty
import resource
import select
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import time
import unittest

TENFOLD = os.environ["TENFOLD"]
VERIFY = os.environ["TENFOLD_VERIFY"]
PACK = str(pathlib.Path(os.environ["TENFOLD_PACKS"]) / "health")
DEMO = pathlib.Path(PACK) / "demo"
NETWORKS = os.environ.get("TENFOLD_NETWORKS") in ("1", "ON", "TRUE")


def run(*args, cwd=None, limit_mib=None):
    def bound():
        if limit_mib:
            resource.setrlimit(resource.RLIMIT_DATA, (limit_mib << 20, limit_mib << 20))

    return subprocess.run([TENFOLD, *map(str, args)], capture_output=True, text=True, cwd=cwd, preexec_fn=bound,
                          timeout=300)


class Folder(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.temporary.name)

    def tearDown(self):
        self.temporary.cleanup()

    def write(self, name, text):
        path = self.folder / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    def pack(self, *inputs, **options):
        """Runs the pack into an --out file; returns (process, lines)."""
        out = self.folder / options.pop("out", "out.jsonl")
        extra = options.pop("extra", [])
        process = run("run", PACK, *inputs, "--out", out, *extra, **options)
        lines = [json.loads(line) for line in out.read_text().splitlines()] if out.exists() else []
        return process, lines


class Programs(Folder):
    def test_ten_lines(self):
        program = self.write("p.scl", 'rel edge = {(0, 1), (1, 2)}\nrel path(a, b) = edge(a, b) or (path(a, c) and edge(c, b))\nquery path\n')
        done = run("run", program, "--format", "csv")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(done.stdout.split(), ["relation,probability,arg1,arg2", "path,1,0,1", "path,1,0,2", "path,1,1,2"])

    # So little memory that the diagram cannot fit, however fast the machine is: bounds end by it too, not by the clock.
    def test_what_exact_cannot_fit_is_an_interval_and_a_warning_that_names_the_rule(self):
        edges = sorted({(a, (a * k + k) % 26) for a in range(26) for k in (3, 5, 7)} | {(0, 1)})
        facts = ", ".join(f"0.{1 + (a + 2 * b) % 9}::({a}, {b})" for a, b in edges if a != b)
        program = self.write("p.scl", f"rel edge = {{{facts}}}\nrel path(a, b) = edge(a, b)\n"
                             "rel path(a, b) = path(a, c) and edge(c, b)\nquery path(0, 1)\n")
        done = run("run", program, "--provenance", "exact", "--memory", 1, "--format", "json")
        self.assertEqual(done.returncode, 0, done.stderr)
        low, high = json.loads(done.stdout)["answers"][0]["interval"]
        self.assertTrue(0.3 <= low < high <= 1.0, (low, high))  # its one edge alone has 0.3
        self.assertIn("probabilities of `path(0, 1)` are bounds", done.stderr)
        self.assertIn("most are of `path(a, b) = path(a, c) and edge(c, b)`", done.stderr)
        self.assertIn("p.scl:3", done.stderr)
        self.assertEqual(run("run", program, "--provenance", "exact", "--memory", 1, "--format", "json").stdout.split('"receipt"')[0],
                         done.stdout.split('"receipt"')[0])

    def test_facts_from_csv_and_scallop_format(self):
        program = self.write("p.scl", "type takes(who: String, mg: i32)\nrel much(w) = takes(w, n) and n > 10\nquery much\n")
        facts = self.write("takes.csv", 'ann,5\n"bo, jr",20\n')
        done = run("run", program, "--facts", f"takes={facts}", "--format", "scallop")
        self.assertEqual(done.stdout, 'much: {("bo, jr")}\n', done.stderr)

    def test_tables_that_are_no_csv_and_their_proofs(self):
        self.write("lab.jsonl", '{"code": "a", "value": 1.5}\n{"code": "b", "value": null}\n{"value": 2, "code": "c"}\n')
        base = sqlite3.connect(self.folder / "h.db")
        base.executescript("CREATE TABLE t(x INTEGER, y TEXT); INSERT INTO t VALUES (1, 'k'), (2, 'l');")
        base.close()
        program = self.write("p.scl", '@file("lab.jsonl", nulls="skip") type lab(code: String, value: f64)\n'
                             '@file("h.db", sql="SELECT y, x FROM t ORDER BY x") type t(y: String, x: i32)\n'
                             "rel big(c, y) = lab(c, v) and t(y, 2) and v > 1.7\nquery big\n")
        done = run("run", program, "--proofs", "--format", "json")
        self.assertIn("lab.jsonl: 1 row left out of `lab`, because a value is missing", done.stderr)
        answer = json.loads(done.stdout)["answers"]
        self.assertEqual([a["args"] for a in answer], [["c", "l"]])
        self.assertEqual([s["origin"] for s in answer[0]["proof"]["steps"] if s["kind"] == "fact"], ["lab.jsonl:3", "h.db:2"])
        answers = self.write("answers.json", done.stdout)

        def verified():
            return subprocess.run([VERIFY, "--program", str(program), str(answers)], capture_output=True, text=True).returncode

        self.assertEqual(verified(), 0)
        self.write("lab.jsonl", '{"code": "a", "value": 1.5}\n{"code": "b", "value": 1}\n{"value": 1, "code": "c"}\n')
        self.assertNotEqual(verified(), 0)

    def test_json_lines_as_facts(self):
        program = self.write("p.scl", "type takes(who: String, mg: i32)\nquery takes\n")
        facts = self.write("takes.jsonl", '{"mg": 5, "who": "ann"}\n{"mg": 5.5, "who": "bo"}\n')
        done = run("run", program, "--facts", f"takes={facts}")
        self.assertEqual(done.returncode, 1)
        self.assertIn("takes.jsonl:2: error: column `mg` of row 2 holds the number `5.5`, which is no i32", done.stderr)

    def test_units_of_ucum_as_a_table(self):
        essence = self.write("ucum.xml", '<root xmlns="http://unitsofmeasure.org/ucum-essence">'
                             '<base-unit Code="m" dim="L"><name>meter</name><property>length</property></base-unit>'
                             '<unit Code="[in_i]" isMetric="no"><name>inch, made up</name><property>length</property>'
                             '<value Unit="cm" value="2.54">2.54</value></unit>'
                             '<unit Code="Cel" isMetric="yes"><name>degree</name><property>temperature</property>'
                             '<value Unit="cel(1 K)"><function name="Cel" value="1" Unit="K"/></value></unit></root>')
        script = pathlib.Path(PACK).parent.parent / "scripts" / "ucum-table"
        table = subprocess.run([script, essence], capture_output=True, text=True, check=True).stdout
        self.write("ucum.csv", table)
        program = self.write("p.scl", '@file("ucum.csv", fields=["code", "name", "metric", "value", "unit"])\n'
                             "type ucum(c: String, n: String, m: bool, v: String, u: String)\nquery ucum\n")
        done = run("run", program, "--format", "scallop")
        self.assertEqual(done.stdout, 'ucum: {("Cel", "degree", true, "", "Cel(1 K)"), ("[in_i]", "inch, made up", false, '
                         '"2.54", "cm"), ("m", "meter", true, "", "")}\n', done.stderr)

    def test_empty_relations_in_scallop_format(self):
        program = self.write("p.scl", "type a(x: i32), b(x: i32, y: i32), c()\nrel d(x) = a(x) and b(x, _)\n")
        done = run("run", program, "--format", "scallop")
        self.assertEqual(done.stdout, "a: {}\nb: {}\nc: {}\nd: {}\n", done.stderr)

    def test_bad_fact_names_file_line_and_column(self):
        program = self.write("p.scl", "type takes(who: String, mg: i32)\nquery takes\n")
        facts = self.write("takes.csv", "ann,5\nbo,many\n")
        done = run("run", program, "--facts", f"takes={facts}")
        self.assertEqual(done.returncode, 1)
        self.assertIn("takes.csv:2", done.stderr)
        self.assertEqual(done.stdout, "")

    def test_several_errors_in_one_run(self):
        program = self.write("p.scl", "rel a(x) = x == $nowhere(1)\nrel b(x, y) = b(x)\nrel c(x) = not a(x)\n")
        done = run("run", program)
        self.assertEqual(done.returncode, 1)
        self.assertGreaterEqual(done.stderr.count("error:"), 3, done.stderr)
        self.assertIn("^", done.stderr)

    def test_exclusive_facts_share_one_whole_where_numbers_are_probabilities(self):
        program = self.write("p.scl", "rel d = {0.5::1; 0.6::2}\nquery d\n")
        done = run("run", program)
        self.assertEqual(done.returncode, 1)
        self.assertIn("sum to more than 1", done.stderr)
        self.assertIn("p.scl:1:18", done.stderr)
        self.assertEqual(run("run", program, "--provenance", "unit", "--format", "scallop").stdout, "d: {(1), (2)}\n")

    def test_tags_in_scallop_format(self):
        program = self.write("tags.scl", "rel a = {0.0::1, 2, 1.0::3}\nrel b() = a(x)\nquery a\nquery b\n")
        for provenance, printed in (("unit", "a: {(1), (2), (3)}\nb: {()}\n"),
                                    ("bool", "a: {true::(2), true::(3)}\nb: {true::()}\n"),
                                    ("natural", "a: {1::(2), 1::(3)}\nb: {2::()}\n"),
                                    ("minmaxprob", "a: {1::(2), 1::(3)}\nb: {1::()}\n")):
            self.assertEqual(run("run", program, "--provenance", provenance, "--format", "scallop").stdout, printed)

    def test_a_seed_draws_the_same_whatever_the_order_of_facts(self):
        def drawn(numbers, seed, how="uniform<5>"):
            facts = ", ".join(f"{0.001 * (n + 1):.3f}::{n}" for n in numbers)
            program = self.write("p.scl", f"rel a = {{{facts}}}\nrel s(x) = x := {how}(x: a(x))\nquery s\n")
            done = run("run", program, "--format", "json", "--seed", seed)
            return [t["args"] for t in json.loads(done.stdout)["answers"]]

        for how in ("uniform<5>", "categorical<5>"):
            first = drawn(range(100), 1, how)
            self.assertTrue(1 <= len(first) <= 5)
            self.assertEqual(first, drawn(reversed(range(100)), 1, how))
            self.assertTrue(any(first != drawn(range(100), seed, how) for seed in range(2, 6)))
        heavy = [int(n) for seed in range(30) for (n,) in drawn(range(100), seed, "categorical<5>")]
        self.assertGreater(sum(heavy) / len(heavy), 55)  # weights grow with n: the mean of one draw is 66

    def test_wrong_command_line(self):
        for args in (["fly"], ["run"], ["run", "p.scl", "--provenance", "magic"], ["run", "p.scl", "--without", "luck"]):
            self.assertEqual(run(*args).returncode, 2, args)

    def test_missing_program_and_pack(self):
        self.assertEqual(run("run", self.folder / "none.scl").returncode, 1)
        done = run("run", "no-such-pack", "x.json")
        self.assertEqual(done.returncode, 1)
        self.assertIn("no-such-pack", done.stderr)

    def test_divergence_meets_its_limit(self):
        program = self.write("p.scl", "type n(x: i64)\nrel n(0)\nrel n(x + 1) = n(x)\nquery n\n")
        self.assertEqual(run("run", program, "--timeout", "1").returncode, 3)
        self.assertEqual(run("run", program, "--memory", "4").returncode, 3)


class Limits(Folder):
    """What was finished when time or memory ran out is printed; what was not is named."""

    PROGRAM = ("rel a = {1}\nrel b(x + 1) = a(x)\nrel c(x) = b(x)\nrel c(x + 1) = c(x) and x < 2000000000\n"
               "rel d(x) = c(x)\nquery b\nquery d\n")

    def stops(self, args, code, tagged=""):
        program = self.write("p.scl", tagged + self.PROGRAM)
        done = run("run", program, "--format", "scallop", *args)
        self.assertEqual(done.returncode, 3, done.stderr)
        self.assertEqual(done.stdout, "b: {(2)}\n" if not tagged else "b: {1::(2)}\n")
        self.assertIn("not finished: d\n", done.stderr)
        self.assertIn(code, done.stderr)

    def test_time(self):
        self.stops(["--timeout", "0.5"], "time limit")

    def test_memory(self):
        self.stops(["--memory", "4"], "memory limit")

    def test_with_tags(self):
        self.stops(["--timeout", "0.5"], "time limit", tagged="rel u = {0.5::7}\nrel c(x) = u(x)\n")


class Updates(Folder):
    """--insert and --delete: the answers are those of a fresh run over the changed facts."""

    PATHS = ("type edge(x: i32, y: i32)\nrel path(x, y) = edge(x, y) or (path(x, z) and edge(z, y))\n"
             "rel far(n) = n := count(y: path(0, y))\nquery path\nquery far\n")

    def answer(self, program, *args, format="csv"):
        done = run("run", program, "--format", format, *args)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done

    def test_facts_come_and_go(self):
        program = self.write("p.scl", self.PATHS)
        before, after = self.write("a.csv", "0,1\n1,2\n2,0\n5,6\n"), self.write("b.csv", "0,1\n2,0\n1,5\n5,6\n")
        gone, come = self.write("gone.csv", "1,2\n5,6\n"), self.write("come.csv", "1,5\n5,6\n")
        for format in ("csv", "json", "table", "scallop"):
            for extra in ((), ("--without", "sets"), ("--provenance", "exact")):
                wanted = self.answer(program, "--facts", f"edge={after}", *extra, format=format).stdout
                got = self.answer(program, "--facts", f"edge={before}", "--delete", f"edge={gone}", "--insert",
                                  f"edge={come}", *extra, format=format).stdout
                if format == "json":
                    wanted, got = json.loads(wanted)["answers"], json.loads(got)["answers"]
                self.assertEqual(got, wanted, (format, extra))

    def test_a_fact_of_the_program_goes_and_a_derived_one_stays(self):
        program = self.write("p.scl", "rel edge = {(0, 1), (1, 2)}\n" + self.PATHS.split("\n", 1)[1])
        gone = self.write("gone.csv", "1,2\n")
        self.assertEqual(self.answer(program, "--delete", f"edge={gone}", format="scallop").stdout,
                         "far: {(1)}\npath: {(0, 1)}\n")
        derived = self.write("derived.csv", "0,2\n")
        self.assertEqual(self.answer(program, "--delete", f"path={derived}", format="scallop").stdout,
                         "far: {(2)}\npath: {(0, 1), (0, 2), (1, 2)}\n")

    def test_probabilities_after_an_update(self):
        program = self.write("p.scl", "rel edge = {0.5::(0, 1), 0.4::(1, 2), 0.3::(0, 2)}\n" + self.PATHS.split("\n", 1)[1])
        gone, come = self.write("gone.csv", "0,2\n"), self.write("come.csv", "2,3\n")
        shown = self.answer(program, "--delete", f"edge={gone}", "--insert", f"edge={come}", format="json").stdout
        found = {tuple(map(str, t["args"])): t["probability"] for t in json.loads(shown)["answers"] if t["relation"] == "path"}
        for pair, wanted in {("0", "2"): 0.2, ("0", "3"): 0.2, ("1", "2"): 0.4, ("2", "3"): 1.0}.items():
            self.assertAlmostEqual(found[pair], wanted, 12)
        self.assertNotIn(("3", "0"), found)

    def test_an_update_says_what_it_took(self):
        program, gone = self.write("p.scl", self.PATHS), self.write("gone.csv", "1,2\n")
        facts = self.write("a.csv", "0,1\n1,2\n2,0\n5,6\n")
        done = self.answer(program, "--facts", f"edge={facts}", "--delete", f"edge={gone}", "--timings")
        stages = {s["stage"]: s for s in map(json.loads, done.stderr.splitlines())}
        self.assertIn(stages["update"]["in_place"], (True, False))  # a slow machine may start over
        self.assertGreaterEqual(stages["update"]["ms"], 0)

    def test_wrong_updates(self):
        program, facts = self.write("p.scl", self.PATHS), self.write("a.csv", "0,1\n")
        done = run("run", program, "--insert", f"edges={facts}")
        self.assertEqual(done.returncode, 1)
        self.assertIn("--insert: there is no relation `edges`", done.stderr)
        bad = self.write("bad.csv", "0,1\n1,x\n")
        done = run("run", program, "--delete", f"edge={bad}")
        self.assertEqual(done.returncode, 1)
        self.assertIn("bad.csv:2", done.stderr)
        self.assertEqual(run("run", program, "--delete", f"edge={self.folder / 'nowhere.csv'}").returncode, 1)
        self.assertEqual(run("run", program, "--delete", "edge").returncode, 2)


class Conversation(Folder):
    """`tenfold` without arguments: items from a pipe, and a terminal."""

    def pipe(self, text):
        return subprocess.run([TENFOLD], input=text, capture_output=True, text=True, timeout=60, cwd=self.folder)

    def test_items_from_a_pipe(self):
        done = self.pipe("rel edge = {(0, 1), (1, 2)}\nrel path(a, b) = edge(a, b)\nrel path(a, c) = path(a, b)\n"
                         "  and edge(b, c)\nquery path(0, x)\n")
        self.assertEqual((done.returncode, done.stderr), (0, ""))
        self.assertEqual(done.stdout.split(), ["path(0,", "x)", "1", "0", "1", "1", "0", "2"])

    def test_goes_on_after_an_error(self):
        done = self.pipe("rel a = {1}\nrel b(x) = a(x\nquery nowhere\nquery a\n")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stderr.count("error:"), 2, done.stderr)
        self.assertIn("<input>:1:7: error: there is no relation `nowhere`", done.stderr)
        self.assertIn("^", done.stderr)
        self.assertEqual(done.stdout.split(), ["a", "1", "1"])

    def test_commands(self):
        self.write("more.scl", "rel c = {7}\n")
        self.write("d.csv", "1,x\n")
        done = self.pipe("rel a = {0.5::1, 2}\nrel b(x) = a(x) and x < 2\n:types\n:facts a\n:why b(1)\n:plan b\n"
                         ":load more.scl\nquery c\ntype d(n: i32, s: String)\n:load d=d.csv\nquery d\n"
                         ":provenance minmaxprob\n:provenance\n:clear\n:facts\n:help\n:quit\nquery a\n")
        self.assertEqual((done.returncode, done.stderr), (0, ""), done.stdout)
        for shown in ("type a(i32)", "rel 0.5::a(1)\nrel a(2)\n", "b(1)   p = 0.5\n  because a(1)", "rule b(x) = a(x)",
                      "c\n       1  7", "d\n       1  1  x", "minmaxprob", ":why TUPLE"):
            self.assertIn(shown, done.stdout)

    def test_nothing_at_all_is_a_wrong_command_line(self):
        for stdin in (subprocess.DEVNULL, subprocess.PIPE):
            done = subprocess.run([TENFOLD], stdin=stdin, capture_output=True, timeout=60)
            self.assertEqual(done.returncode, 2)

    def goodbye(self, child, terminal):
        """Types Ctrl-U and Ctrl-D until the program ends; its exit status. A Ctrl-D that is typed before the editor has
        taken the terminal over reaches it as a NUL, which quotes the next character."""
        for _ in range(60):
            try:
                os.write(terminal, b"\x15\x04")
            except OSError:
                pass  # the other end is closed: it is about to end
            until = time.monotonic() + 1
            while (left := until - time.monotonic()) > 0:
                done, status = os.waitpid(child, os.WNOHANG)
                if done:
                    return os.waitstatus_to_exitcode(status)
                try:  # a terminal that nobody reads would keep the program from ending
                    if select.select([terminal], [], [], min(left, 0.05))[0]:
                        os.read(terminal, 65536)
                except OSError:
                    time.sleep(0.01)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        self.fail("did not end at Ctrl-D")

    def test_on_a_terminal(self):
        child, terminal = pty.fork()
        if child == 0:
            os.environ.update(XDG_STATE_HOME=str(self.folder), TERM="xterm", NO_COLOR="1")
            os.execv(TENFOLD, [TENFOLD])
        shown = ""

        def until(text):
            nonlocal shown
            while text not in shown:
                self.assertTrue(select.select([terminal], [], [], 60)[0], f"waited for {text!r}, saw {shown!r}")
                shown += os.read(terminal, 65536).decode()
            shown = shown[shown.index(text) + len(text):]

        def type_in(text, then):
            os.write(terminal, text.encode())
            until(then)

        until("tenfold> ")
        type_in("rel edge = {(0, 1),\n", "... ")
        type_in("(1, 2)}\n", "tenfold> ")
        type_in("query ed\t\n", "1  1  2")
        until("tenfold> ")
        type_in("query edg(0\n", "... ")
        type_in("\n", "^")
        until("tenfold> ")
        type_in("\x1b[A\x1b[A\n", "1  1  2")
        until("tenfold> ")
        self.assertEqual(self.goodbye(child, terminal), 0)
        os.close(terminal)
        self.assertIn("query", (self.folder / "tenfold" / "history").read_text())


class Interrupts(Folder):
    """Ctrl-C on a terminal. What it does is waited for, however long it takes, and nothing is typed on a guess of when."""

    def setUp(self):
        super().setUp()
        self.shown = ""
        self.child, self.terminal = pty.fork()
        if self.child == 0:
            os.environ.update(XDG_STATE_HOME=str(self.folder), TERM="xterm", NO_COLOR="1")
            os.execv(TENFOLD, [TENFOLD])

    def tearDown(self):
        os.kill(self.child, signal.SIGKILL)
        os.waitpid(self.child, 0)
        os.close(self.terminal)
        super().tearDown()

    def saw(self, text, seconds):
        """Reads until `text` is shown, or time is up; what came after it stays."""
        end = time.monotonic() + seconds
        while text not in self.shown:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.terminal], [], [], left)[0]:
                return False
            try:
                self.shown += os.read(self.terminal, 65536).decode(errors="replace")
            except OSError:
                self.fail(f"the program ended; it showed {self.shown!r}")
        self.shown = self.shown[self.shown.index(text) + len(text):]
        return True

    def wait_for(self, text):
        self.assertTrue(self.saw(text, 240), f"waited for {text!r}, saw {self.shown!r}")

    def type_in(self, text):
        os.write(self.terminal, text.encode())

    def test_a_line_that_is_being_typed_is_discarded(self):
        self.wait_for("tenfold> ")
        self.type_in("rel kept = {4711}\n")
        self.wait_for("tenfold> ")
        self.type_in("rel lost = {1,\nrel dropped = {(")
        self.wait_for("... ")
        self.type_in("\x03")
        self.wait_for("^C")
        self.wait_for("tenfold> ")
        self.type_in("query kept\n")
        self.wait_for("1  4711")
        self.wait_for("tenfold> ")
        self.type_in("query lost\n")
        self.wait_for("there is no relation `lost`")

    def test_an_evaluation_is_stopped_and_items_are_kept(self):
        self.wait_for("tenfold> ")
        self.type_in("rel kept = {4711}\n")
        self.wait_for("tenfold> ")
        self.type_in("rel n = {0} rel n(x + 1) = n(x)\n")
        self.wait_for("tenfold> ")
        # Its warning says that the entry was read and that the evaluation follows.
        self.type_in("rel open(x) = n(x) and not nowhere(x) query open\n")
        self.wait_for("warning")
        self.type_in("\x03")
        self.wait_for("interrupted")
        self.wait_for("tenfold> ")
        self.type_in("query kept\n")
        self.wait_for("1  4711")


class Proofs(Folder):
    """Why, why not, and the separate checker."""
    PROGRAM = ("rel edge = {0.5::(0, 1), 0.4::(1, 2), 0.3::(0, 2), 0.9::(2, 3)}\nrel blocked = {0.2::2}\n"
               "rel path(a, b) = edge(a, b) or (path(a, c) and edge(c, b) and not blocked(c))\n"
               "rel ends(n) = n := count(b: path(0, b))\nquery path\nquery ends\n")

    def verify(self, program, answers, *args):
        return subprocess.run([VERIFY, str(answers), "--program", str(program), *map(str, args)], capture_output=True,
                              text=True, timeout=300)

    def test_why_and_why_not(self):
        program = self.write("p.scl", self.PROGRAM)
        done = run("why", program, "path(0, 3)", "--proofs-count", "5", "--format", "json")
        why = json.loads(done.stdout)
        self.assertEqual(len(why["more_proofs"]), 1, done.stderr)
        self.assertTrue(why["proofs_complete"])
        self.assertAlmostEqual(why["proof"]["probability"], 0.3 * 0.9 * 0.8)
        self.assertIn("not blocked(2)", run("why", program, "path(0, 3)").stdout)
        not_there = run("why", program, "path(3, 1)")
        self.assertEqual(not_there.returncode, 0)
        self.assertIn("nothing satisfies edge(3, 1)", not_there.stdout)
        self.assertEqual(json.loads(run("why", program, "path(3, 1)", "--format", "json").stdout)["absent"][0]["relation"],
                         "path")
        for form, start in (("svg", "<svg"), ("html", "<!doctype html>")):
            for asked in ("path(0, 3)", "path(3, 1)"):
                self.assertTrue(run("why", program, asked, "--format", form).stdout.startswith(start))
        for wrong in ("nothing(1)", "path(1)", "path(a, b)", "path"):
            self.assertEqual(run("why", program, wrong).returncode, 1, wrong)

    def test_the_checker_accepts_what_is_right_and_says_what_is_wrong(self):
        program = self.write("p.scl", self.PROGRAM)
        answers = self.write("a.jsonl", run("run", program, "--proofs", "--proofs-count", "9", "--format", "json").stdout)
        done = self.verify(program, answers)
        self.assertEqual((done.returncode, done.stdout), (0, ""), done.stderr)
        line = json.loads(answers.read_text())
        line["answers"][0]["proof"]["steps"][1]["probability"] = 0.6
        done = self.verify(program, self.write("b.jsonl", json.dumps(line)))
        self.assertEqual(done.returncode, 1)
        self.assertIn("step 1 (fact edge(0, 1))", done.stdout)
        for hostile in ("{", "[1]", '{"answers": 3}', '{"answers": [{"relation": 1, "probability": "x", "proof": []}]}',
                        "[" * 100_000, '{"answers": [{"relation": "path", "probability": 1, "args": ["0", "1"], "proof": '
                        '{"steps": [{"kind": "rule", "relation": "path", "args": ["0", "1"], "premises": [0]}]}}]}'):
            self.assertEqual(self.verify(program, self.write("c.jsonl", hostile)).returncode, 1, hostile[:60])
        self.assertEqual(self.verify(program, self.folder / "none.jsonl").returncode, 3)
        self.assertEqual(self.verify(self.folder / "none.scl", answers).returncode, 1)

    def test_a_chain_of_ten_thousand_steps(self):
        edges = self.write("edge.csv", "".join(f"{i},{i + 1}\n" for i in range(10_000)))
        program = self.write("p.scl", "type edge(a: i32, b: i32)\nrel reach(0)\nrel reach(b) = reach(a) and edge(a, b)\n"
                                      "rel far() = reach(10000)\nquery far\n")
        facts = ("--facts", f"edge={edges}")
        for count in ("1", "2"):
            done = run("run", program, *facts, "--proofs", "--proofs-count", count, "--format", "json")
            self.assertEqual(done.returncode, 0, done.stderr)
            line = json.loads(done.stdout)
            self.assertEqual(len(line["answers"][0]["proof"]["steps"]), 20_002)
            checked = self.verify(program, self.write("a.jsonl", done.stdout), *facts)
            self.assertEqual((checked.returncode, checked.stdout), (0, ""), checked.stderr)
        for form in ("text", "svg", "html"):
            self.assertEqual(run("why", program, "far()", "--format", form, *facts).returncode, 0, form)


@unittest.skipUnless(NETWORKS, "the health pack needs the OpenVINO back end, which this build is without")
class Records(Folder):
    def test_every_bad_file_is_a_line_and_the_rest_goes_on(self):
        good = (DEMO / "01-anna.json").read_text()
        (self.folder / "day").mkdir()
        self.write("day/a-good.json", good)
        self.write("day/b-truncated.json", good[: len(good) // 2])
        self.write("day/c-not-fhir.json", '{"hello": "world"}')
        self.write("day/d-deep.json", "[" * 10_000 + "]" * 10_000)
        self.write("day/e-empty.json", "")
        self.write("day/f-noise.json", bytes(range(256)) * 40)
        self.write("day/z-good.json", good)
        done, lines = self.pack(self.folder / "day")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(len(lines), 7, done.stderr)
        self.assertEqual([("error" in line) for line in lines], [False, True, True, True, True, True, False])
        for line in lines:
            self.assertTrue(("error" in line) != ("answers" in line))
            if "error" in line:
                self.assertTrue(line["error"]["code"] and line["error"]["what"] and line["error"]["hint"])
                self.assertIn(pathlib.Path(line["input"]).name, done.stderr)
        first = dict(lines[0], input="", receipt="")
        self.assertEqual(first, dict(lines[-1], input="", receipt=""))

    def test_missing_and_unreadable(self):
        locked = self.write("locked.json", "{}")
        locked.chmod(0)
        done, lines = self.pack(self.folder / "nothing.json", locked, DEMO / "01-anna.json")
        self.assertEqual(done.returncode, 1)
        self.assertEqual(len(lines), 3)
        self.assertIn("error", lines[0])
        if os.geteuid() != 0:  # root reads everything
            self.assertEqual(lines[1]["error"]["code"], "unreadable-file")
        self.assertIn("answers", lines[2])

    def test_lying_dicom(self):
        header = b"\0" * 128 + b"DICM"
        lying = header + b"\x02\x00\x00\x00UL\x04\x00\xff\xff\xff\xff" + b"\x28\x00\x10\x00US\xff\xff\x00\x01"
        done, lines = self.pack(self.write("lying.dcm", lying))
        self.assertEqual(len(lines), 1)
        self.assertTrue("error" in lines[0] or "answers" in lines[0])
        self.assertIn(done.returncode, (0, 1))

    def test_a_line_of_a_gigabyte_is_not_loaded(self):
        path = self.folder / "huge.ndjson"
        with open(path, "wb") as file:
            file.write(b'{"resourceType":"Bundle","x":"')
            file.seek((1 << 30) - 4)
            file.write(b'"}\n')
            file.write(json.dumps(json.loads((DEMO / "01-anna.json").read_text())).encode() + b"\n")
        done, lines = self.pack(path, limit_mib=1500)
        self.assertEqual(done.returncode, 1, done.stderr)
        self.assertEqual([("error" in line) for line in lines], [True, False])
        self.assertEqual(lines[0]["error"]["code"], "record-too-large")

    def test_resume_gives_the_same_lines(self):
        _, whole = self.pack(DEMO)
        text = (self.folder / "out.jsonl").read_text().splitlines(keepends=True)
        part = self.folder / "part.jsonl"
        part.write_text("".join(text[:2]) + text[2][: len(text[2]) // 2])  # cut short in the third line
        done, resumed = self.pack(DEMO, out="part.jsonl", extra=["--resume"])
        self.assertEqual([dict(l, receipt="") for l in resumed], [dict(l, receipt="") for l in whole], done.stderr)

    def test_levers_change_no_answer(self):
        _, plain = self.pack(DEMO)
        _, without = self.pack(DEMO, out="without.jsonl", extra=["--without", "demand,order,reuse"])
        strip = lambda lines: [[(a["relation"], a["args"], a["probability"]) for a in l["answers"]] for l in lines]
        self.assertEqual(strip(plain), strip(without))

    def test_the_demo_says_what_a_pharmacist_would(self):
        _, lines = self.pack(DEMO)
        found = {pathlib.Path(l["input"]).name: {(a["args"][3], a["args"][1], a["args"][2]) for a in l["answers"]
                                                  if a["relation"] == "alert" and a["decision"]} for l in lines}
        self.assertIn(("interrupt", "drug-interaction", "clarithromycin + simvastatin"), found["01-anna.json"])
        self.assertIn(("show", "lab-drug", "warfarin with inr 5.1"), found["01-anna.json"])
        self.assertIn(("interrupt", "lab-drug", "lisinopril with potassium 6.1"), found["02-bruno.json"])
        self.assertIn(("interrupt", "renal-dose", "metformin at eGFR 22"), found["02-bruno.json"])
        self.assertIn(("interrupt", "pregnancy", "isotretinoin in pregnancy"), found["03-carla.json"])
        self.assertIn(("interrupt", "allergy", "amoxicillin with a related allergy"), found["03-carla.json"])
        self.assertIn(("interrupt", "qt", "amiodarone + sotalol"), found["04-david.json"])
        self.assertFalse([f for f in found["04-david.json"] if "simvastatin" in f[2]])  # stopped in the record
        self.assertEqual([a["reason"] for a in lines[3]["abstained"]], ["unknown-drug"])

    def test_every_alert_says_why_and_what_would_change_it(self):
        _, lines = self.pack(DEMO)
        alerts = [a for l in lines for a in l["answers"] if a["relation"] == "alert"]
        self.assertGreater(len(alerts), 10)

        def leaves(proof):
            return [step for step in proof["steps"] if not step.get("premises")]

        for alert in alerts:
            origins = {leaf.get("origin") for leaf in leaves(alert["proof"])}
            self.assertTrue(alert["depends_on"], alert["args"])
            self.assertTrue(set(alert["depends_on"]) <= origins | {None}, (alert["args"], alert["depends_on"]))

    def test_a_picture_that_is_no_film_is_refused_and_its_question_stays_open(self):
        done, lines = self.pack(DEMO / "07-greta.json")
        self.assertEqual([a["reason"] for a in lines[0]["abstained"]], ["out-of-distribution"], done.stderr)
        self.assertEqual([a["args"][1] for a in lines[0]["answers"] if a["relation"] == "alert"], ["read-film"])
        network = lines[0]["receipt"]["networks"][0]
        self.assertEqual((network["run"], network["turned_away"]), (0, 1))

    def test_missing_empty_and_outdated_tables_are_abstentions(self):
        pack = self.folder / "pack"
        shutil.copytree(PACK, pack)
        (pack / "tables" / "interactions.csv").unlink()
        renal = pack / "tables" / "renal.csv"
        renal.write_text(renal.read_text().splitlines()[0] + "\n")
        dates = pack / "tables" / "tables.csv"
        dates.write_text("".join(line.replace("2027", "2020") if line.startswith("ages,") else line
                                 for line in dates.read_text().splitlines(keepends=True)))
        out = self.folder / "out.jsonl"
        done = run("run", pack, DEMO / "02-bruno.json", "--out", out)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("interactions.csv is missing", done.stderr)
        abstained = {(a["args"][1], a["reason"]) for a in json.loads(out.read_text())["abstained"]}
        self.assertEqual(abstained, {("drug-interaction", "empty-table"), ("renal-dose", "empty-table"),
                                     ("table ages", "outdated-table")})

    def test_against_neural_only_decides_alike(self):
        receipt = self.folder / "receipt.json"
        done, _ = self.pack(DEMO, extra=["--against", "neural-only", "--receipt", receipt])
        other = json.loads(receipt.read_text())["against_neural_only"]
        self.assertEqual(other["different_decisions"], 0, done.stderr)
        self.assertGreaterEqual(other["flops"], json.loads(receipt.read_text())["flops"])

    def test_as_of_before_everything_alerts_nothing(self):
        done, lines = self.pack(DEMO / "01-anna.json", extra=["--as-of", "1970-01-01"])
        self.assertEqual([a for a in lines[0]["answers"] if a["relation"] == "alert"], [], done.stderr)

    def test_site_rules_and_tables_overlay_the_pack(self):
        site = self.folder / "site"
        (site / "tables").mkdir(parents=True)
        (site / "own.scl").write_text('rel alert(p, "site", "our own rule", "log", "low", "none") = patient(p, _)\n')
        done, lines = self.pack(DEMO / "01-anna.json", extra=["--site", site])
        self.assertTrue([a for a in lines[0]["answers"] if "site" in a["args"]], done.stderr)


if __name__ == "__main__":
    faulthandler.dump_traceback_later(840, exit=True)  # before ctest ends it without a word of where it was
    unittest.main()
