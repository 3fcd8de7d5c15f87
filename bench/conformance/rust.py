"""Just enough Rust to read Scallop's tests: a lexer, a parser of expressions and statements, and an interpreter that
calls back for everything it does not know. Types, generics and lifetimes are read over."""
import re


class Unsupported(Exception):
    """The test does something that cannot be said in a program: it tests the Rust interface."""


class Char(str):
    pass


TOKEN = re.compile(
    r"""(?P<blank>\s+|//[^\n]*|/\*.*?\*/)
      |(?P<raw>r(?P<hashes>\#*)".*?"(?P=hashes))
      |(?P<string>"(?:\\.|[^"\\])*")
      |(?P<char>'(?:\\(?:u\{[0-9a-fA-F]+\}|.)|[^'\\])')
      |(?P<lifetime>'\w+)
      |(?P<float>\d[\d_]*\.\d[\d_]*(?:e-?\d+)?(?:f32|f64)?|\d[\d_]*(?:f32|f64)|\d[\d_]*\.(?![.\w]))
      |(?P<int>0x[0-9a-fA-F_]+\w*|\d[\d_]*(?:[iu](?:8|16|32|64|128|size))?)
      |(?P<name>[A-Za-z_]\w*)
      |(?P<mark>::|->|=>|==|!=|<=|>=|&&|\|\||\.\.=|\.\.|.)""",
    re.X | re.S)
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0", "\\": "\\", "'": "'", '"': '"'}


def unescape(text):
    def one(match):
        body = match.group(1)
        if body.startswith("u{"):
            return chr(int(body[2:-1], 16))
        return "" if body[0] == "\n" else ESCAPES[body]
    return re.sub(r"\\(u\{[0-9a-fA-F]+\}|\n\s*|.)", one, text, flags=re.S)


def lex(source):
    tokens, at = [], 0
    while at < len(source):
        match = TOKEN.match(source, at)
        kind, text = match.lastgroup, match.group()
        if kind == "hashes":
            kind = "raw"
        if kind != "blank":
            tokens.append((kind, text, at))
        at = match.end()
    tokens.append(("end", "", at))
    return tokens


class Parser:
    def __init__(self, source, tokens=None, at=0):
        self.source, self.tokens, self.at = source, tokens or lex(source), at

    def peek(self, ahead=0):
        return self.tokens[min(self.at + ahead, len(self.tokens) - 1)][1]

    def kind(self):
        return self.tokens[self.at][0]

    def take(self, text=None):
        kind, found, _ = self.tokens[self.at]
        if text is not None and found != text:
            raise Unsupported(f"expected `{text}` and found `{found}`")
        self.at += 1
        return found

    def accept(self, text):
        if self.peek() != text or self.kind() in ("string", "char", "raw"):
            return False
        self.at += 1
        return True

    def balanced(self, opening, closing):
        """Skips a bracketed stretch and returns its text."""
        self.take(opening)
        start, depth = self.tokens[self.at][2], 1
        while depth:
            kind, text, end = self.tokens[self.at]
            if kind == "end":
                raise Unsupported(f"`{opening}` without end")
            if kind in ("mark",):
                depth += (text == opening) - (text == closing)
            self.at += 1
        return self.source[start:end]

    def generics(self):
        self.take("<")
        depth = 1
        while depth:
            text = self.take()
            depth += (text == "<") - (text == ">")

    def skip_type(self, stops):
        depth = 0
        while True:
            text = self.peek()
            if depth == 0 and text in stops:
                return
            depth += (text in "<([") - (text in ">)]") if len(text) == 1 else 0
            self.take()

    # Statements.

    def block(self):
        self.take("{")
        out = []
        while not self.accept("}"):
            out.append(self.statement())
        return ("block", out)

    def statement(self):
        if self.accept("let"):
            self.accept("mut")
            name = self.take()
            if self.accept(":"):
                self.skip_type(("=",))
            self.take("=")
            value = self.expression()
            self.take(";")
            return ("let", name, value)
        if self.peek() in ("const", "static"):
            self.take()
            name = self.take()
            self.take(":")
            self.skip_type(("=",))
            self.take("=")
            value = self.expression()
            self.take(";")
            return ("let", name, value)
        if self.accept("use"):
            while not self.accept(";"):
                self.take()
            return ("nothing",)
        if self.accept("mod"):
            name = self.take()
            return ("module", name, self.balanced("{", "}"))
        if self.peek() in ("fn", "struct", "impl", "#", "for", "if", "match", "while"):
            raise Unsupported(f"`{self.peek()}` in a test")
        value = self.expression()
        self.accept(";")
        return ("value", value)

    # Expressions.

    def expression(self, level=0):
        levels = (("||",), ("&&",), ("==", "!=", "<", ">", "<=", ">="), ("+", "-"), ("*", "/"))
        if level == len(levels):
            return self.unary()
        left = self.expression(level + 1)
        while self.kind() == "mark" and self.peek() in levels[level]:
            operator = self.take()
            left = ("binary", operator, left, self.expression(level + 1))
        return left

    def unary(self):
        if self.kind() == "mark":
            if self.accept("-"):
                return ("negate", self.unary())
            if self.accept("&") or self.accept("*") or self.accept("!"):
                self.accept("mut")
                return self.unary()
            if self.peek() in ("|", "||"):
                return self.closure()
        return self.postfix(self.primary())

    def closure(self):
        names = []
        if not self.accept("||"):
            self.take("|")
            while not self.accept("|"):
                names.append(self.take())
                if self.accept(":"):
                    self.skip_type((",", "|"))
                self.accept(",")
        return ("closure", names, self.block() if self.peek() == "{" else self.expression())

    def postfix(self, value):
        while True:
            if self.accept("?"):
                continue
            if self.accept("."):
                name = self.take()
                if self.accept("::"):
                    self.generics()
                value = ("method", value, name, self.arguments()) if self.peek() == "(" else ("field", value, name)
            elif self.kind() == "mark" and self.peek() == "(":
                value = ("call", value, self.arguments())
            elif self.kind() == "mark" and self.peek() == "[":
                self.take()
                value = ("index", value, self.expression())
                self.take("]")
            elif self.kind() == "name" and self.accept("as"):
                self.skip_type((",", ")", "]", "}", ";", "+", "-", "*", "/"))
            else:
                return value

    def arguments(self):
        return self.listed("(", ")")

    def listed(self, opening, closing):
        self.take(opening)
        out = []
        while not self.accept(closing):
            out.append(self.expression())
            self.accept(",")
        return out

    def primary(self):
        kind, text, _ = self.tokens[self.at]
        if kind == "raw":
            self.take()
            return ("constant", re.fullmatch(r'r(#*)"(.*)"\1', text, re.S).group(2))
        if kind == "string":
            self.take()
            return ("constant", unescape(text[1:-1]))
        if kind == "char":
            self.take()
            return ("constant", Char(unescape(text[1:-1])))
        if kind == "float":
            self.take()
            return ("constant", float(re.sub(r"f32|f64|_", "", text)))
        if kind == "int":
            self.take()
            digits = re.sub(r"[iu](8|16|32|64|128|size)$|_", "", text)
            return ("constant", int(digits, 16 if digits.startswith("0x") else 10))
        if text == "(":
            return self.tuple()
        if text == "{":
            return self.block()
        if kind == "name":
            return self.path()
        raise Unsupported(f"`{text}` in an expression")

    def tuple(self):
        self.take("(")
        items, comma = [], False
        while not self.accept(")"):
            items.append(self.expression())
            comma = self.accept(",") or comma
        return items[0] if len(items) == 1 and not comma else ("tuple", items)

    def path(self):
        names = [self.take()]
        while self.accept("::"):
            if self.peek() == "<":
                self.generics()
            else:
                names.append(self.take())
        if names[-1] in ("true", "false"):
            return ("constant", names[-1] == "true")
        if self.peek() == "!" and self.peek(1) in ("(", "[", "{"):
            self.take()
            opening = self.peek()
            if opening == "{":
                return ("macro_text", names[-1], self.balanced("{", "}"))
            return ("macro", names[-1], self.listed(opening, {"(": ")", "[": "]"}[opening]))
        return ("path", "::".join(names))


def tests(source):
    """Yields (name, parser at the body) of each #[test], and first ("", {constant: tree}) of the file."""
    tokens = lex(source)
    constants, found = {}, []
    for i, (kind, text, _) in enumerate(tokens):
        if text in ("const", "static") and tokens[i + 1][0] == "name" and tokens[i + 2][1] == ":":
            try:
                _, name, value = Parser(source, tokens, i).statement()
                constants[name] = value
            except (Unsupported, ValueError):
                pass
        if text == "#" and [t[1] for t in tokens[i + 1:i + 4]] == ["[", "test", "]"]:
            at = i + 4
            while tokens[at][1] == "#":
                at += next(n for n, t in enumerate(tokens[at:]) if t[1] == "]") + 1
            if tokens[at][1] == "fn":
                body = next(n for n in range(at, len(tokens)) if tokens[n][1] == "{")
                found.append((tokens[at + 1][1], Parser(source, tokens, body)))
    return constants, found


class Unknown:
    """A Rust thing that only its name is known of, with the arguments it was made with."""

    def __init__(self, name, args=()):
        self.name, self.args = name, list(args)


KEEP = {"unwrap", "expect", "into", "to_string", "clone", "iter", "to_owned", "into_iter", "collect", "edb_mut"}


class Interpreter:
    """`host` answers: call(name, args), method(value, name, args), field(value, name), module(name, text)."""

    def __init__(self, host, constants):
        self.host, self.names = host, {}
        for name, tree in constants.items():
            try:
                self.names[name] = self.value(tree)
            except Unsupported:
                pass

    def run(self, tree):
        result = ()
        for statement in tree[1]:
            if statement[0] == "let":
                self.names[statement[1]] = self.value(statement[2])
            elif statement[0] == "module":
                self.names[statement[1]] = self.host.module(statement[1], statement[2])
            elif statement[0] == "value":
                result = self.value(statement[1])
        return result

    def value(self, tree):
        return getattr(self, "do_" + tree[0])(*tree[1:])

    def do_constant(self, value):
        return value

    def do_tuple(self, items):
        return tuple(self.value(i) for i in items)

    def do_block(self, statements):
        return self.run(("block", statements))

    def do_negate(self, tree):
        return -self.value(tree)

    def do_path(self, name):
        if name in self.names:
            return self.names[name]
        first, _, rest = name.partition("::")
        if rest and first in self.names:
            return self.host.field(self.names[first], rest)
        return self.host.constant(name)

    def do_binary(self, operator, left, right):
        a, b = self.value(left), self.value(right)
        if operator in ("+", "-", "*", "/") and isinstance(a, (int, float)) and isinstance(b, (int, float)):
            return {"+": a + b, "-": a - b, "*": a * b, "/": a / b if b else float("inf")}[operator]
        return Unknown(operator, [a, b])

    def do_closure(self, names, body):
        def call(*args):
            saved = dict(self.names)
            self.names.update(zip(names, args))
            result = self.value(body)
            self.names = saved
            return result
        return call

    def do_call(self, function, args):
        if function[0] == "path" and function[1] not in self.names:
            return self.host.call(function[1], [self.value(a) for a in args], self)
        target = self.value(function)
        if not callable(target):
            raise Unsupported("a call of a value")
        return target(*[self.value(a) for a in args])

    def do_method(self, owner, name, args):
        value = self.value(owner)
        if name in KEEP and not getattr(value, "own_" + name, None):
            return value
        return self.host.method(value, name, [self.value(a) for a in args])

    def do_field(self, owner, name):
        return self.host.field(self.value(owner), name)

    def do_index(self, owner, index):
        return Unknown("index", [self.value(owner), self.value(index)])

    def do_macro(self, name, args):
        if name == "vec":
            return [self.value(a) for a in args]
        if name == "format":
            return self.format(*[self.value(a) for a in args])
        if name == "env":
            return self.host.constant("env!" + self.value(args[0]))
        return self.host.call(name + "!", [self.value(a) for a in args], self)

    def do_macro_text(self, name, text):
        return self.host.call(name + "!", [text], self)

    def format(self, pattern, *args):
        args = list(args)

        def fill(match):
            if match.group() in ("{{", "}}"):
                return match.group()[0]
            name = match.group(1)
            return str(self.do_path(name) if name else args.pop(0))
        return re.sub(r"\{\{|\}\}|\{(\w*)(?::\??)?\}", fill, pattern)
