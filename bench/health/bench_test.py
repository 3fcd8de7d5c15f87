"""Checks the measuring scripts themselves: python3 -m unittest discover -s bench/health -p '*_test.py'."""

import json
import pathlib
import random
import sys
import tempfile
import unittest
import zlib

sys.path.insert(0, str(pathlib.Path(__file__).parent))
import answers as book  # noqa: E402
import compare_lists  # noqa: E402
import curve  # noqa: E402
import films  # noqa: E402
import gate20  # noqa: E402
import inn_names  # noqa: E402
import planted  # noqa: E402
import score_planted  # noqa: E402


def alert(expected, tier="interrupt", kind=None, subject=None):
    said = subject or " + ".join(names[-1] for names in expected["names"])
    return {"relation": "alert", "decision": True, "probability": 1.0,
            "args": ["Patient/" + expected["patient"], kind or expected["kinds"][0], said, tier, "high", "stop"]}


def scored(manifest, answer_of, first=0):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "answers.jsonl"
        lines = [{"input": f"planted.ndjson#{line['line'] + first}", "answers": answer_of(line)} for line in manifest]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        return score_planted.score(manifest, score_planted.by_record(manifest, path))


class Planted(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cases = [(case, number, True) for number, case in enumerate(planted.POSITIVES)]
        cases += [(case, number, False) for number, case in enumerate(planted.NEAR_MISSES)]
        random.Random(1).shuffle(cases)
        made = [planted.build(case, number, 1, positive) for case, number, positive in cases]
        cls.manifest = [{"line": index, **line} for index, (_, line) in enumerate(made)]
        cls.bundles = [bundle for bundle, _ in made]

    def test_enough_and_distinct(self):
        self.assertGreaterEqual(sum(line["positive"] for line in self.manifest), 180)
        self.assertGreaterEqual(sum(not line["positive"] for line in self.manifest), 120)
        self.assertEqual(len({line["patient"] for line in self.manifest}), len(self.manifest))

    def test_nothing_after_as_of_but_stated_bounds(self):
        for bundle, line in zip(self.bundles, self.manifest):
            for entry in bundle["entry"]:
                resource = entry["resource"]
                for key in ("authoredOn", "onsetDateTime", "effectiveDateTime", "recordedDate"):
                    self.assertLessEqual(resource.get(key, "")[:10], line["as_of"], line["case"])

    def test_right_answers_score_full_wherever_lines_start(self):
        for first in (0, 1):
            result = scored(self.manifest, lambda line: [alert(line)] if line["positive"] else [], first)
            self.assertEqual((result["found"], result["failed"]), (result["positives"], 0))

    def test_silence_and_noise_score_as_such(self):
        silent = scored(self.manifest, lambda line: [])
        self.assertEqual((silent["found"], silent["failed"]), (0, 0))
        noisy = scored(self.manifest, lambda line: [alert(line)])
        self.assertEqual(noisy["failed"], noisy["near_misses"])

    def test_a_log_line_is_neither_a_find_nor_a_false_alert(self):
        quiet = scored(self.manifest, lambda line: [alert(line, tier="log")])
        self.assertEqual((quiet["found"], quiet["failed"]), (0, 0))

    def test_half_a_pair_is_no_find(self):
        result = scored(self.manifest, lambda line: [alert(line, subject=line["names"][0][-1])]
                        if len(line["names"]) == 2 else [])
        self.assertEqual(result["found"], 0)


class Pieces(unittest.TestCase):
    def test_names_match_from_the_start_of_a_word(self):
        one = book.Alert("1", "qt", "Escitalopram + domperidone", "show", "", "", 1.0, {})
        self.assertFalse(one.mentions(["citalopram"]))
        self.assertTrue(one.mentions(["escitalopram"]))

    def test_wilson(self):
        low, high = book.wilson(95, 100)
        self.assertAlmostEqual(low, 0.8882, 3)
        self.assertAlmostEqual(high, 0.9785, 3)

    def test_french_names(self):
        for french, english in {"ciclosporine": "cyclosporine", "acide fusidique": "fusidic acid", "érythromycine":
                                "erythromycin", "naproxene": "naproxen", "millepertuis": "st. john's wort"}.items():
            self.assertEqual(inn_names.english(french), english)

    def test_png_holds_the_pixels(self):
        pixels = bytes(range(256)) * 3 + bytes(16)
        png = films.png(pixels)
        start = png.index(b"IDAT")
        rows = zlib.decompress(png[start + 4:start + 4 + int.from_bytes(png[start - 4:start], "big")])
        self.assertEqual(b"".join(rows[29 * y + 1:29 * (y + 1)] for y in range(28)), pixels)
        self.assertEqual(films.shifted(pixels, 1, 0)[1:28], pixels[:27])

    def test_gate_asks_for_the_film_only_where_it_seems_to_matter(self):
        study = {"resourceType": "ImagingStudy", "status": "available"}
        drug = {"resourceType": "MedicationRequest", "status": "active",
                "medicationCodeableConcept": {"text": "Amoxicillin 250 MG Oral Capsule"}}

        def gate(*resources):
            return gate20.needs_film({"entry": [{"resource": resource} for resource in resources]})

        self.assertTrue(gate(study, drug))
        self.assertFalse(gate(drug))
        self.assertFalse(gate(study, {**drug, "status": "stopped"}))
        self.assertFalse(gate(study, {**drug, "reasonCode": [{"text": "otitis"}]}))

    def test_lists_and_decisions(self):
        pair = {"a": "a", "b": "b", "said": "none", "lists": {"ansm": ["x x y", ""]}}
        result = compare_lists.compare([pair, {**pair, "said": "interrupt"}])
        self.assertEqual(result["lists"]["ANSM contraindicated, all"]["recall"], 0.5)
        self.assertEqual(curve.decision_of("pneumonia-untreated"), "pneumonia-untreated")
        self.assertIsNone(curve.decision_of("drug-interaction"))


if __name__ == "__main__":
    unittest.main()
