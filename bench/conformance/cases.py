"""Scallop's Rust tests as cases: a program, the options it is run with, and what must come out."""
import dataclasses
import datetime
import math
import pathlib
import re

from rust import Char, Interpreter, Unknown, Unsupported, tests

FOLDERS = ("core/tests/integrate", "core/tests/compiler", "etc/codegen/tests")
PROVENANCES = {"UnitProvenance": "unit", "MinMaxProbProvenance": "minmaxprob", "AddMultProbProvenance": "addmultprob",
               "TopKProofsProvenance": "topkproofs", "TropicalSemiring": "tropical", "ProofsProvenance": "proofs",
               "TopBottomKClausesProvenance": "topbottomkclauses", "BooleanProvenance": "bool"}
ARITHMETIC = {"exp": math.exp, "exp2": lambda x: 2.0**x, "ln": math.log, "log2": math.log2, "powf": math.pow,
              "pow": lambda x, n: x**n, "powi": lambda x, n: x**n, "sin": math.sin, "cos": math.cos, "tan": math.tan,
              "asin": math.asin, "acos": math.acos, "atan": math.atan, "atan2": math.atan2, "abs": abs,
              "floor": math.floor, "ceil": math.ceil, "sqrt": math.sqrt}


@dataclasses.dataclass
class Expected:
    relation: str
    rows: list  # of tuples
    tags: list | None = None  # one a row
    contains: bool = False  # more rows are fine


@dataclasses.dataclass
class Case:
    name: str
    kind: str  # result, refused, parses, compiles, run-time error, runs, interface
    program: str = ""
    provenance: str = "unit"
    k: int | None = None
    expected: list = dataclasses.field(default_factory=list)
    reason: str = ""  # of kind interface


@dataclasses.dataclass(frozen=True)
class Duration:
    months: int
    seconds: int


class Program:
    """What a test adds to a context, as text."""

    own_clone = True

    def __init__(self, provenance, text=""):
        self.provenance, self.text, self.relation_facts, self.ran = provenance, text, {}, False

    def copy(self):
        other = Program(self.provenance, self.text)
        other.relation_facts = {k: list(v) for k, v in self.relation_facts.items()}
        return other

    def whole(self):
        out, constants = self.text, []
        for relation, rows in self.relation_facts.items():
            shown = ["(" + ", ".join(literal(v, constants) for v in row) + ")" for row in rows]
            out += f"\nrel {relation} = {{{', '.join(shown)}}}"
        return "\n".join(constants + [out])


@dataclasses.dataclass
class Run:
    program: str
    provenance: object


@dataclasses.dataclass
class Collection:
    run: Run
    relation: str


def literal(value, constants):
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Char):
        return "'" + value + "'"
    if isinstance(value, str):
        return '"' + value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'
    if isinstance(value, Unknown) and value.name.endswith("EntityString"):
        constants.append(f"const HARNESS_{len(constants)} = {value.args[0]}")
        return f"HARNESS_{len(constants) - 1}"
    if isinstance(value, (int, float)):
        return repr(value)
    raise Unsupported("a fact that a program cannot state")


def row_of(value):
    return value if isinstance(value, tuple) else (value,)


def provenance_of(thing):
    """Name and k of a Rust provenance such as `TopKProofsProvenance::<RcFamily>::new(3, false)`."""
    if not isinstance(thing, Unknown):
        return "unit", None
    for part in reversed(thing.name.split("::")):
        if part in PROVENANCES:
            ints = [a for a in thing.args if isinstance(a, int) and not isinstance(a, bool)]
            return PROVENANCES[part], (ints[0] if ints else None)
    return None, None


class Host:
    """What the tests call. Everything found is appended to `cases`."""

    def __init__(self, name, root):
        self.name, self.root, self.cases = name, root, []

    def add(self, kind, program, provenance=None, expected=()):
        name, k = provenance_of(provenance)
        if name is None:
            raise Unsupported("a provenance that only Rust has")
        if not isinstance(program, str):
            raise Unsupported("a program that is built while the test runs")
        number = len(self.cases)
        self.cases.append(Case(self.name + (f"#{number + 1}" if number else ""), kind, program, name, k,
                               list(expected)))

    def module(self, name, text):
        match = re.search(r"scallop!\s*\{(.*)\}", text, re.S)
        if not match:
            raise Unsupported("a Rust module")
        return Program(None, match.group(1))

    def constant(self, name):
        last = name.split("::")[-1]
        if name == "env!CARGO_MANIFEST_DIR":
            return str(self.root / "core")
        known = {"INFINITY": math.inf, "NEG_INFINITY": -math.inf, "None": None, "PI": math.pi, "E": math.e,
                 "MAX": 2**31 - 1, "MIN": -2**31}
        return known[last] if last in known else Unknown(name)

    # Calls.

    def call(self, name, args, interpreter):
        last = name.split("::")[-1]
        expectation = getattr(self, "on_" + last.rstrip("!"), None)
        if expectation:
            return expectation(*args)
        if last in ("Some", "Ok", "from"):
            return args[0]
        if last in ("symbol_str", "String", "Str"):
            return args[0]
        if last in ("days", "months", "hours", "minutes", "seconds", "years", "weeks"):
            unit = {"days": 86400, "hours": 3600, "minutes": 60, "seconds": 1, "weeks": 604800}
            return (Duration(args[0] * (12 if last == "years" else 1), 0) if last in ("months", "years")
                    else Duration(0, args[0] * unit[last]))
        if name.startswith("IntegrateContext") or "IntegrateContext::" in name:
            return Program(args[0])
        if last in ("run", "run_with_edb") and "::" in name:
            module = interpreter.names[name.split("::")[0]]
            return Run((args[1] if last == "run_with_edb" else module).whole(), None)
        if last == "create_edb":
            return interpreter.names[name.split("::")[0]].copy()
        if last == "empty" and name.startswith("TestCollection"):
            return []
        if name.startswith("assert"):
            raise Unsupported("an assertion about Rust values")
        return Unknown(name, args)

    def on_expect_interpret_result(self, program, pair):
        self.add("result", program, None, [Expected(pair[0], [row_of(r) for r in pair[1]])])

    def on_expect_interpret_result_with_runtime_option(self, program, _, pair):
        self.on_expect_interpret_result(program, pair)

    def on_expect_contains_interpret_result_with_runtime_option(self, program, _, pair):
        self.add("result", program, None, [Expected(pair[0], [row_of(r) for r in pair[1]], contains=True)])

    def on_expect_interpret_result_with_setup(self, program, setup, pair):
        made = Program(None, program)
        setup(made)
        self.on_expect_interpret_result(made.whole(), pair)

    def on_expect_interpret_result_with_tag(self, program, provenance, pair, _):
        # Proofs as tags: their tuples are compared, the proofs by `tenfold-verify`.
        tags = [t for t, _ in pair[1] if isinstance(t, (int, float))] or None
        self.add("result", program, provenance, [Expected(pair[0], [row_of(r) for _, r in pair[1]], tags)])

    def on_expect_interpret_empty_result(self, program, relation):
        self.add("result", program, None, [Expected(relation, [])])

    def on_expect_interpret_multi_result(self, program, pairs):
        self.add("result", program, None, [Expected(n, [row_of(r) for r in rows]) for n, rows in pairs])

    def on_expect_interpret_within_iter_limit(self, program, _):
        self.add("runs", program)

    def on_expect_interpret_within_iter_limit_with_ctx_and_runtime_options(self, program, _, provenance, __):
        self.add("runs", program, provenance)

    def on_expect_interpret_failure(self, program, *_):
        self.add("run-time error", program)

    on_expect_interpret_specific_failure = on_expect_interpret_failure

    def on_expect_compile(self, program):
        self.add("compiles", program)

    def on_expect_compile_failure(self, program, _):
        self.add("refused", program)

    on_expect_front_compile_failure = on_expect_compile_failure

    def on_expect_front_compile_failure_with_modifier(self, *_):
        raise Unsupported("an attribute written in Rust")

    def on_str_to_item(self, program):
        return Run(program, None)

    on_str_to_items = on_str_to_item

    def on_interpret_string(self, program):
        return Run(program, None)

    def on_assert(self, value, *_):
        if not isinstance(value, Run):
            raise Unsupported("an assertion about Rust values")
        self.add("parses", value.program)

    def on_assert_eq(self, left, right, *_):
        if isinstance(left, Unknown) and left.name == "items" and right > 0:
            return self.add("parses", left.args[0])
        if isinstance(left, Unknown) and left.name == "length":
            return self.add("result", left.args[0].run.program, None,
                            [Expected(left.args[0].relation, [None] * right)])
        raise Unsupported("an assertion about Rust values")

    def on_expect_output_collection(self, name, collection, rows):
        if not isinstance(collection, Collection):
            raise Unsupported("a collection made in Rust")
        self.add("result", collection.run.program, collection.run.provenance,
                 [Expected(name, [row_of(r) for r in rows])])

    def on_expect_static_output_collection(self, collection, rows):
        self.on_expect_output_collection(collection.relation, collection, rows)

    # Methods and fields.

    def method(self, value, name, args):
        if isinstance(value, Program):
            return self.on_program(value, name, args)
        if isinstance(value, Run):
            if name == "is_ok":
                return value
            if name == "len":
                return Unknown("items", [value.program])
            if name in ("get_output_collection", "get_output_collection_ref"):
                return Collection(value, args[0])
        if isinstance(value, (int, float)) and name in ARITHMETIC:
            return ARITHMETIC[name](value, *args)
        if isinstance(value, Collection) and name == "len":
            return Unknown("length", [value])
        if isinstance(value, Unknown) and name == "with_ymd_and_hms":
            return datetime.datetime(*args, tzinfo=datetime.timezone.utc)
        if name.startswith("with_") or name == "build":
            return value
        if name == "is_empty" and isinstance(value, Unknown):
            raise Unsupported("an assertion about Rust values")
        return Unknown(name, [value, *args])

    def on_program(self, program, name, args):
        if name == "clone":
            return program.copy()
        if name == "edb":
            return program
        if name == "add_relation":
            program.text += f"\ntype {args[0]}"
        elif name == "add_rule":
            program.text += f"\nrel {args[0]}"
        elif name == "add_program":
            program.text += "\n" + args[0]
        elif name == "add_facts":
            rows = [r[1] if len(args) == 3 else r for r in args[1]]
            program.relation_facts.setdefault(args[0], []).extend(row_of(r) for r in rows)
        elif name == "run":
            program.ran = True
        elif name == "computed_relation_ref":
            return Collection(Run(program.whole(), program.provenance), args[0])
        else:
            raise Unsupported(f"`{name}` of the Rust interface")
        return Unknown("done")

    def field(self, value, name):
        if isinstance(value, Run):
            return Collection(value, name)
        return Unknown(name, [value])


def rust_cases(root):
    for folder in FOLDERS:
        for file in sorted((root / folder).glob("*.rs")):
            constants, found = tests(file.read_text())
            for test, body in found:
                yield from cases_of(f"{file.relative_to(root).as_posix()}:{test}", body, constants, root)


def cases_of(name, body, constants, root):
    host = Host(name, root)
    try:
        Interpreter(host, constants).run(body.block())
    except Unsupported as why:
        # What was found before the part that cannot be said in a program still counts.
        host.cases.append(Case(name + (" (rest)" if host.cases else ""), "interface", reason=str(why)))
    if not host.cases:
        host.cases.append(Case(name, "interface", reason="nothing that a program can show"))
    return host.cases
