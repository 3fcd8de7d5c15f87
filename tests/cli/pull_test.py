"""`tenfold pull` from outside, over files of this machine; over HTTP it is src/neural/download_test.cc. Standard library only."""
import hashlib
import os
import pathlib
import subprocess
import tempfile
import unittest

TENFOLD = os.environ["TENFOLD"]


class Pull(unittest.TestCase):
    def setUp(self):
        self.temporary = tempfile.TemporaryDirectory()
        self.folder = pathlib.Path(self.temporary.name)
        self.addCleanup(self.temporary.cleanup)
        self.source = self.folder / "a model.gguf"
        self.source.write_bytes(bytes(range(256)) * 5000)
        self.sum = hashlib.sha256(self.source.read_bytes()).hexdigest()

    def pull(self, *args):
        environment = os.environ | {"TENFOLD_CACHE": str(self.folder / "cache"), "XDG_CONFIG_HOME": str(self.folder / "config")}
        return subprocess.run([TENFOLD, "pull", *map(str, args)], capture_output=True, text=True, stdin=subprocess.DEVNULL,
                              env=environment, timeout=120)

    def test_a_file_by_its_path_and_by_its_address(self):
        for target in (self.source, "file://" + str(self.source).replace(" ", "%20")):
            done = self.pull(target, "--yes", "--sha256", self.sum)
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertEqual(pathlib.Path(done.stdout.strip()).read_bytes(), self.source.read_bytes())
        self.assertIn(self.sum, self.pull(self.source, "--yes").stderr)

    def test_nobody_agrees_for_a_person(self):
        done = self.pull(self.source)
        self.assertEqual((done.returncode, done.stdout), (2, ""))
        self.assertIn("--yes", done.stderr)
        self.assertFalse((self.folder / "cache").exists())

    def test_what_is_another_file_is_not_kept(self):
        done = self.pull(self.source, "--yes", "--sha256", "0" * 64)
        self.assertEqual((done.returncode, done.stdout), (1, ""))
        self.assertIn("has sha256 " + self.sum, done.stderr)
        self.assertEqual([f.suffix for f in (self.folder / "cache").rglob("*") if f.is_file()], [".lock"])

    def test_a_name_of_the_sites_list(self):
        (self.folder / "config/tenfold").mkdir(parents=True)
        listed = self.folder / "config/tenfold/weights.toml"
        listed.write_text(f'[mine]\nfile = "mine.gguf"\nurl = "file://{str(self.source).replace(" ", "%20")}"\n'
                          f'sha256 = "{self.sum}"\nlicence = "MIT"\nlicence_text = "do what you like"\n')
        self.assertIn("mine  MIT", self.pull().stdout)
        done = self.pull("mine", "--yes")
        self.assertEqual(done.stdout.strip(), str(self.folder / "cache/weights/mine/mine.gguf"), done.stderr)
        self.assertIn("do what you like", done.stderr)
        self.assertIn("there already", self.pull("mine", "--yes").stderr)
        listed.write_text("[mine]\nfile = \"../../mine\"\n")
        self.assertEqual(self.pull("mine", "--yes").returncode, 1)

    def test_a_name_that_nobody_knows(self):
        done = self.pull("no-such-weights", "--yes")
        self.assertEqual(done.returncode, 1)
        self.assertIn("there are no weights", done.stderr)


if __name__ == "__main__":
    unittest.main()
