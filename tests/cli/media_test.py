"""Files of every kind through `tenfold`: what they turn into, what rules ask of them, what was not decoded, what is refused."""
import json
import os
import pathlib
import subprocess
import tempfile
import unittest
import zipfile

TENFOLD = os.environ["TENFOLD"]
VERIFY = os.environ["TENFOLD_VERIFY"]

CONTRACT = "Term\n\nThis agreement lasts two years.\n\nLaw\n\nIt is governed by the laws of Ohio.\n"
PROGRAM = """
type doc(key: String)
@media("document") type block(bound key: String, page: u32, n: u32, kind: String, level: u32, text: String)
@refusal("document.block") type unread(bound key: String, why: String)
rel law(k, t) = doc(k) and block(k, _, _, _, _, t) and regex_search("governed", t)
"""


def run(*args, cwd=None):
    return subprocess.run([TENFOLD, *map(str, args)], capture_output=True, text=True, cwd=cwd, timeout=300)


class Media(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.temporary.name)

    def tearDown(self):
        self.temporary.cleanup()

    def write(self, name, data):
        path = self.folder / name
        path.write_bytes(data if isinstance(data, bytes) else data.encode())
        return path

    def program(self, keys, text=PROGRAM):
        facts = "rel doc = {" + ", ".join(json.dumps(str(k)) for k in keys) + "}\nquery law\n"
        return self.write("p.scl", text.replace('regex_search("governed", t)', '$string_length(t) > 20') + facts)

    def test_rules_ask_for_blocks_and_proofs_name_their_place(self):
        path = self.write("a.txt", CONTRACT)
        receipt = self.folder / "r.json"
        done = run("run", self.program([path]), "--format", "json", "--proofs", "--receipt", receipt)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("#char=", done.stdout)
        media = json.loads(receipt.read_text())["media"]
        self.assertEqual([(m["adapter"], m["reads"]) for m in media], [("document", 1)])

    def test_what_no_rule_asks_for_is_not_read(self):
        one, other = self.write("a.txt", CONTRACT), self.write("b.txt", CONTRACT)
        program = self.program([one, other], PROGRAM.replace("doc(k) and", f'doc(k) and k == "{one}" and'))
        receipt = self.folder / "r.json"
        done = run("run", program, "--receipt", receipt)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(json.loads(receipt.read_text())["media"][0]["reads"], 1)

    def test_what_cannot_be_read_is_abstained_from_with_its_reason(self):
        done = run("run", self.program([self.write("a.txt", CONTRACT), self.folder / "none.pdf"]))
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("governed", done.stdout)
        self.assertIn("unreadable", done.stderr)
        self.assertIn("none.pdf", done.stderr)

    def test_declarations_are_held_against_the_adapter(self):
        def said(attribute, columns="bound key: String, t: String"):
            done = run("check", self.write("p.scl", f"{attribute} type page_text({columns})\nrel k = {{\"a\"}}\n"
                                                    "rel q(t) = k(a) and page_text(a, _, t)\nquery q\n"))
            self.assertEqual(done.returncode, 1)
            return done.stdout + done.stderr
        self.assertIn("page_text(bound key: String, page: u32, text: String)",
                      said('@media("document")', "bound key: String, page: String, text: String"))
        self.assertIn("there is no adapter `documnt`", said('@media("documnt")', "bound key: String, page: u32, text: String"))
        self.assertIn("fills no relation", said('@media("document", name="pagetext")',
                                                "bound key: String, page: u32, text: String"))
        self.assertIn("declared `bound`", said('@media("document")', "key: String, page: u32, text: String"))
        self.assertIn("@media takes", said("@media(3)", "bound key: String, page: u32, text: String"))

    def test_explain_prints_declarations_that_a_program_can_have(self):
        path = self.write("report", CONTRACT)  # no ending: its content says what it is
        done = run("explain", "--input", path)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("is text; document", done.stdout)
        declared = [line for line in done.stdout.splitlines() if line.startswith("@media")]
        self.assertGreater(len(declared), 5)
        done = run("check", self.write("p.scl", "\n".join(declared) + "\nrel a = {1}\nquery a\n"))
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_archives(self):
        path = self.folder / "study.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("a/contract.txt", CONTRACT)
            archive.writestr("../../evil.txt", "no")
        done = run("explain", "--input", path)
        self.assertIn("study.zip#member=a/contract.txt", done.stdout)
        done = run("run", self.program([f"{path}#member=a/contract.txt"]), "--proofs")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("#member=a/contract.txt&char=", done.stdout)
        self.assertFalse((self.folder.parent.parent / "evil.txt").exists())

    def test_a_pack_of_files(self):
        (self.folder / "pack").mkdir()
        self.write("pack/pack.toml", '[pack]\nname = "laws"\nprogram = "p.scl"\n[input]\nmedia = ["document"]\n')
        self.write("pack/p.scl", PROGRAM.replace("type doc(key: String)", "type medium(key: String, adapter: String, format: String)")
                   .replace("doc(k) and", "medium(k, _, _) and").replace('regex_search("governed", t)', '$string_length(t) > 20')
                   + "query law\n")
        (self.folder / "in").mkdir()
        self.write("in/a.txt", CONTRACT)
        self.write("in/b.bin", b"\x01\x02\x03")
        with zipfile.ZipFile(self.folder / "in/c.zip", "w") as archive:
            archive.writestr("c.txt", CONTRACT)
        out = self.folder / "out.jsonl"
        done = run("run", self.folder / "pack", self.folder / "in", "--out", out)
        self.assertEqual(done.returncode, 0, done.stderr)
        lines = [json.loads(line) for line in out.read_text().splitlines()]
        self.assertEqual([pathlib.Path(line["input"]).name for line in lines], ["a.txt", "c.zip"])
        for line in lines:
            self.assertEqual(len(line["answers"]), 2, line)
        done = run("run", self.folder / "pack", self.write("in/b.bin", b"\x01\x02\x03"))
        self.assertEqual(done.returncode, 1)
        self.assertIn("anything else that is read here", done.stderr)


if __name__ == "__main__":
    unittest.main()
