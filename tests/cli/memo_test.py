"""The memo on disk from outside: a second run calls no network, whatever the file has been through. Standard library only."""
import json
import os
import pathlib
import signal
import stat
import subprocess
import sys
import tempfile
import unittest

TENFOLD = os.environ["TENFOLD"]
FILMS = pathlib.Path(os.environ["TENFOLD_SOURCE"]) / "examples" / "films"


def run(*args, environment=None, program=FILMS / "films.scl", network=FILMS / "chest.toml"):
    """Returns (process, receipt of the network or None)."""
    with tempfile.TemporaryDirectory() as folder:
        receipt = pathlib.Path(folder) / "receipt.json"
        plain = {name: value for name, value in os.environ.items() if name not in ("TENFOLD_MEMO", "TENFOLD_CACHE")}
        done = subprocess.run([TENFOLD, "run", program, "--network", f"chest={network}", "--format", "csv", "--receipt", receipt,
                               *map(str, args)], capture_output=True, text=True, env=plain | (environment or {}), timeout=300)
        use = json.loads(receipt.read_text())["networks"] if receipt.exists() else []
        return done, {"run": sum(u["run"] for u in use), "reuse": sum(u["avoided"]["reuse"] for u in use)}


class Memo(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.temporary.name)
        self.addCleanup(self.temporary.cleanup)

    def test_a_second_run_makes_no_network_call(self):
        first, calls = run("--memo", self.folder)
        self.assertEqual((first.returncode, first.stderr.count("warning")), (0, 0), first.stderr)
        self.assertEqual(calls, {"run": 1, "reuse": 0})
        second, calls = run("--memo", self.folder)
        self.assertEqual(calls, {"run": 0, "reuse": 1})
        self.assertEqual(second.stdout, first.stdout)
        self.assertEqual(run("--memo", self.folder, "--without", "reuse")[1], {"run": 1, "reuse": 0})
        self.assertEqual(run("--memo", "off")[1], {"run": 1, "reuse": 0})
        shown = subprocess.run([TENFOLD, "memo", "--memo", self.folder], capture_output=True, text=True, timeout=60)
        self.assertIn("chest table  1 answers, 1 calls saved", shown.stdout)
        subprocess.run([TENFOLD, "memo", "--memo", self.folder, "--clear"], capture_output=True, check=True, timeout=60)
        self.assertEqual(run("--memo", self.folder)[1], {"run": 1, "reuse": 0})

    def test_a_run_is_predicted_before_any_network_runs(self):
        program, network = FILMS / "films.scl", f"chest={FILMS / 'chest.toml'}"
        memo = self.folder / "memo"
        explain = [TENFOLD, "explain", program, "--network", network, "--memo", memo]
        before = subprocess.run(explain, capture_output=True, text=True, timeout=60)
        self.assertEqual(before.returncode, 0, before.stderr)
        self.assertIn("chest table: not run here yet", before.stdout)
        self.assertFalse(memo.exists())
        receipt = self.folder / "receipt.json"
        done = subprocess.run([TENFOLD, "run", program, "--network", network, "--memo", memo, "--predict", "--receipt", receipt],
                              capture_output=True, text=True, timeout=60)
        self.assertIn("predicted  1 calls (+0%)", done.stderr)
        predicted = json.loads(receipt.read_text())["predicted"]
        self.assertEqual((predicted["calls"], predicted["to_real"]["calls"], predicted["to_real"]["flops"]), (1, 1, 1))
        after = subprocess.run(explain, capture_output=True, text=True, timeout=60)
        self.assertIn("ms an input (of 1 so far), answers 100%", after.stdout)
        self.assertIn("chest table: 1 of", after.stdout)

    def test_the_folder_is_the_users_unless_it_is_named(self):
        for environment, where in [({"HOME": str(self.folder / "a")}, "a/.cache/tenfold/memo"),
                                   ({"XDG_CACHE_HOME": str(self.folder / "b")}, "b/tenfold/memo"),
                                   ({"TENFOLD_CACHE": str(self.folder / "c")}, "c/memo"),
                                   ({"TENFOLD_MEMO": str(self.folder / "d")}, "d")]:
            for calls in ({"run": 1, "reuse": 0}, {"run": 0, "reuse": 1}):
                self.assertEqual(run(environment={"XDG_CACHE_HOME": "", **environment})[1], calls, where)
            file = self.folder / where / "memo.sqlite"
            self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        self.assertEqual(run(environment={"HOME": str(self.folder / "e"), "XDG_CACHE_HOME": "", "TENFOLD_MEMO": "off"})[1]["run"], 1)
        self.assertFalse((self.folder / "e").exists())

    def test_a_program_without_networks_opens_nothing(self):
        program = self.folder / "p.scl"
        program.write_text("rel a = {1}\nquery a\n")
        self.assertEqual(run("--memo", self.folder / "m", program=program)[0].returncode, 0)
        self.assertFalse((self.folder / "m").exists())

    def test_a_file_that_is_none_is_a_warning_and_the_answers_are_the_same(self):
        right = run("--memo", "off")[0].stdout
        for content in (b"no database at all, but long enough to be looked at" * 100, b"SQLite format 3\0" + bytes(4000)):
            (self.folder / "memo.sqlite").write_bytes(content)
            done, calls = run("--memo", self.folder)
            self.assertEqual((done.returncode, done.stdout, calls["run"]), (0, right, 1), done.stderr)
            self.assertEqual(done.stderr.count("warning"), 1, done.stderr)
            self.assertEqual((self.folder / "memo.sqlite").read_bytes(), content)

    def test_another_model_starts_anew(self):
        self.assertEqual(run("--memo", self.folder)[1]["run"], 1)
        for name in ("chest.toml", "chest.table"):
            (self.folder / name).write_text((FILMS / name).read_text())
        table = self.folder / "chest.table"
        table.write_text(table.read_text().replace("0.93", "0.92"))
        done, calls = run("--memo", self.folder, network=self.folder / "chest.toml")
        self.assertEqual(calls["run"], 1)
        self.assertIn("0.92", done.stdout)


class Failures(unittest.TestCase):
    """A back end that fails costs an abstention, and never an answer that is wrong or a run that ends."""

    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.temporary.name)
        self.addCleanup(self.temporary.cleanup)
        self.network = self.folder / "chest.toml"
        self.stage = "[[stage]]\nname = \"{}\"\nbackend = \"{}\"\nmodel = \"model\"\nflops = {}\n"
        (self.folder / "model").write_text("")

    def ask(self, way, *stages):
        program = self.folder / "p.scl"
        program.write_text((FILMS / "films.scl").read_text().replace("a.png", way))
        text = (FILMS / "chest.toml").read_text()
        self.network.write_text(text[:text.index("[[stage]]")] + "".join(stages))
        return run("--memo", "off", program=program, network=self.network)[0]

    def test_without_another_stage_it_is_an_abstention(self):
        for way, options in (("nan", ""), ("sum", ""), ("short", ""), ("error", ""), ("throw", ""),
                             ("abort", "options = { isolate = true }\n"), ("exit", "options = { isolate = true }\n")):
            done = self.ask(way, self.stage.format("cheap", "faulty", 10) + options)
            self.assertEqual(done.returncode, 0, f"{way}: {done.stderr}")
            self.assertEqual(done.stdout, "", way)
            self.assertIn("1 abstained", done.stderr, way)

    def test_with_another_stage_that_answers(self):
        (self.folder / "table").write_text("abort normal 0.9")
        done = self.ask("abort", self.stage.format("cheap", "faulty", 10) + "options = { isolate = true }\n",
                        self.stage.format("dear", "table", 20).replace('"model"', '"table"'))
        self.assertEqual(done.stdout.splitlines()[1:], ["review,0.90000000000000002,ann,amoxicillin"], done.stderr)


if __name__ == "__main__":
    unittest.main()
