"""The language of rules: `discount_percent >= 50 and recency_days < 90 and not (channel = '门店')`.

    rule       := either
    either     := both { "or" both }
    both       := negated { "and" negated }
    negated    := "not" negated | "(" either ")" | test
    test       := NAME (">=" | ">" | "<=" | "<" | "=" | "<>") CONSTANT        also the other way round
                | CONSTANT ("<" | "<=") NAME ("<" | "<=") CONSTANT
                | NAME ["not"] "between" CONSTANT "and" CONSTANT               both ends included
                | NAME ["not"] "in" "(" CONSTANT { "," CONSTANT } ")"
                | NAME "is" ["not"] "null"
                | TERM                                                         a rule that was given a name before

且, 或 and 非 may stand for and, or and not; ≥, ≤, ≠, ==, != and Chinese brackets and quotes are read too.

What is unknown (null) meets no test but `is null`. `not (…)` is plain negation: where `x >= 5` does not hold,
`not (x >= 5)` does, so that it holds for an unknown x, while `x < 5` and `x not in (…)` do not.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from tierwise.contracts.scheme import Condition, Number, Op
from tierwise.language import Text


@dataclass(frozen=True, slots=True)
class Test:
    """One condition."""

    __test__ = False  # pytest takes any class of this name for its own

    condition: Condition


@dataclass(frozen=True, slots=True)
class Not:
    """Holds where `part` does not."""

    part: Expression


@dataclass(frozen=True, slots=True)
class All:
    """Holds where all parts hold."""

    parts: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Either:
    """Holds where one part holds."""

    parts: tuple[Expression, ...]


Expression = Test | Not | All | Either


class RuleTextError(ValueError):
    """A rule that cannot be read. `line` and `column` count from 1 inside its text."""

    def __init__(self, text: str, position: int, problem: Text) -> None:
        self.line = text.count("\n", 0, position) + 1
        self.column = position - (text.rfind("\n", 0, position) + 1) + 1
        place = Text(f"column {self.column}: ", f"第 {self.column} 列：")
        if "\n" in text.strip():
            place = Text(f"line {self.line}, {place.en}", f"第 {self.line} 行{place.zh}")
        self.problem = Text(place.en + problem.en, place.zh + problem.zh)
        super().__init__(self.problem.en)


@dataclass(frozen=True, slots=True)
class _Token:
    kind: str
    text: str
    position: int


_TOKEN = re.compile(
    r"""(?P<space>\s+)|(?P<number>[-+]?(?:\d+(?:\.\d*)?|\.\d+))(?![\w.])|(?P<name>[^\W\d]\w*)
    |(?P<text>'(?:[^']|'')*'|"(?:[^"]|"")*"|“[^”]*”|‘[^’]*’)|(?P<sign>>=|<=|<>|!=|==|=|>|<|≥|≤|≠|\(|\)|（|）|,|，)""",
    re.VERBOSE,
)
_SPELLINGS = {
    "且": "and", "或": "or", "非": "not", "≥": ">=", "≤": "<=", "≠": "<>", "!=": "<>", "==": "=",
    "（": "(", "）": ")", "，": ",", "unknown": "null", "未知": "null",
}  # fmt: skip
_WORDS = frozenset({"and", "or", "not", "in", "is", "null", "between"})
_OPS = {str(op): op for op in (Op.GE, Op.GT, Op.LE, Op.LT, Op.EQ, Op.NE)}
_TURNED = {Op.GE: Op.LE, Op.GT: Op.LT, Op.LE: Op.GE, Op.LT: Op.GT, Op.EQ: Op.EQ, Op.NE: Op.NE}
_END = Text("the rule ends too early", "规则不完整")


def parse_rule(text: str, names: Collection[str], terms: Mapping[str, Expression] | None = None) -> Expression:
    """Read a rule over the columns `names`; raises RuleTextError with place and nearest valid name.

    `terms` are rules that were given a name: they may stand wherever a test may.
    """
    return _Reader(text, names, terms or {}).rule()


def _tokens(text: str) -> list[_Token]:
    tokens, position = [], 0
    while position < len(text):
        found = _TOKEN.match(text, position)
        if found is None or found.lastgroup is None:
            what = Text(f"{text[position]!r} has no meaning here", f"此处不应出现 {text[position]!r}")
            raise RuleTextError(text, position, what)
        if found.lastgroup != "space":
            tokens.append(_token(found.lastgroup, found.group(), position))
        position = found.end()
    return [*tokens, _Token("end", "", len(text))]


def _token(kind: str, found: str, position: int) -> _Token:
    if kind == "text":
        quote = found[-1]
        return _Token(kind, found[1:-1].replace(quote * 2, quote), position)
    word = found.lower() if kind == "name" else found
    word = _SPELLINGS.get(word, word)
    if kind == "name" and word in _WORDS:
        return _Token("sign", word, position)
    return _Token(kind, found if kind == "name" else word, position)


class _Reader:
    """Recursive descent over the tokens of one rule."""

    def __init__(self, text: str, names: Collection[str], terms: Mapping[str, Expression]) -> None:
        self.text = text
        self.names = names
        self.terms = terms
        self.tokens = _tokens(text)
        self.place = 0

    @property
    def next(self) -> _Token:
        return self.tokens[self.place]

    def rule(self) -> Expression:
        found = self.either()
        if self.next.kind != "end":
            raise self.wrong(Text(f"{self.next.text!r} is one too many", f"多余的 {self.next.text!r}"))
        return found

    def either(self) -> Expression:
        parts = [self.both()]
        while self.take("or"):
            parts.append(self.both())
        return parts[0] if len(parts) == 1 else Either(tuple(parts))

    def both(self) -> Expression:
        parts = [self.negated()]
        while self.take("and"):
            parts.append(self.negated())
        return parts[0] if len(parts) == 1 else All(tuple(parts))

    def negated(self) -> Expression:
        if self.take("not"):
            return Not(self.negated())
        if self.take("("):
            found = self.either()
            self.need(")")
            return found
        return self.test()

    def test(self) -> Expression:
        if self.next.kind != "name":
            return self.turned()
        if self.next.text in self.terms:
            self.place += 1
            return self.terms[self.tokens[self.place - 1].text]
        name = self.name()
        if self.take("is"):
            negative = self.take("not")
            self.need("null")
            return Test(Condition(name, Op.NOT_NULL if negative else Op.NULL))
        negative = self.take("not")
        if self.take("in"):
            return _among(name, self.listed(), negative)
        if self.take("between"):
            return self.range(name, negative)
        if negative:
            raise self.wrong(Text("after NAME not: in or between is expected", "“名称 not”之后应为 in 或 between"))
        return self.compared(name)

    def compared(self, name: str) -> Expression:
        op = self.op()
        return Test(Condition(name, op, self.constant(op)))

    def turned(self) -> Expression:
        """A test that begins with a constant: `5 <= x`, `5 <= x < 9`."""
        start = self.next
        value = self.constant(None)
        op = self.op()
        if isinstance(value, str) and op not in (Op.EQ, Op.NE):
            raise RuleTextError(self.text, start.position, _NO_ORDER)
        name = self.name()
        first = Test(Condition(name, _TURNED[op], value))
        if op in (Op.LT, Op.LE) and self.next.text in ("<", "<="):
            return All((first, self.compared(name)))
        return first

    def range(self, name: str, negative: bool) -> Expression:
        low = self.constant(Op.GE)
        self.need("and")
        high = self.constant(Op.LE)
        if negative:
            return Either((Test(Condition(name, Op.LT, low)), Test(Condition(name, Op.GT, high))))
        return All((Test(Condition(name, Op.GE, low)), Test(Condition(name, Op.LE, high))))

    def listed(self) -> list[Number | str]:
        self.need("(")
        values = [self.constant(None)]
        while self.take(","):
            values.append(self.constant(None))
        self.need(")")
        return values

    def name(self) -> str:
        token = self.next
        if token.kind != "name":
            raise self.wrong(Text("the name of an indicator is expected", "此处应为指标名称"))
        if token.text not in self.names:
            raise self.wrong(_unknown(token.text, (*self.names, *self.terms)))
        self.place += 1
        return token.text

    def op(self) -> Op:
        if self.next.text not in _OPS or self.next.kind != "sign":
            raise self.wrong(
                Text(
                    "a comparison is expected: >= > <= < = <> in between is",
                    "此处应为比较：>= > <= < = <> in between is",
                )
            )
        self.place += 1
        return _OPS[self.tokens[self.place - 1].text]

    def constant(self, op: Op | None) -> Number | str:
        token = self.next
        if token.kind == "text":
            if op not in (None, Op.EQ, Op.NE):
                raise self.wrong(_NO_ORDER)
            self.place += 1
            return token.text
        if token.kind != "number":
            raise self.wrong(Text("a number, or a word in quotes, is expected", "此处应为数字，或带引号的文字"))
        self.place += 1
        return Decimal(token.text) if "." in token.text else int(token.text)

    def take(self, word: str) -> bool:
        if self.next.kind == "sign" and self.next.text == word:
            self.place += 1
            return True
        return False

    def need(self, word: str) -> None:
        if not self.take(word):
            raise self.wrong(Text(f"{word!r} is expected", f"此处应为 {word!r}"))

    def wrong(self, problem: Text) -> RuleTextError:
        """The problem at the next token; at the end of the rule it says so first."""
        if self.next.kind == "end":
            problem = Text(f"{_END.en}: {problem.en}", f"{_END.zh}：{problem.zh}")
        return RuleTextError(self.text, self.next.position, problem)


_NO_ORDER = Text("words have no order: use =, <> or in", "文字没有大小之分：请用 =、<> 或 in")


def _unknown(name: str, names: Collection[str]) -> Text:
    close = difflib.get_close_matches(name, list(names), n=1, cutoff=0.5)
    known = ", ".join(sorted(names))
    if close:
        return Text(f"{name} is not known; did you mean {close[0]}?", f"没有 {name}；是否想写 {close[0]}？")
    return Text(f"{name} is not known; known are: {known}", f"没有 {name}；可用的有：{known}")


def _among(name: str, values: Sequence[Number | str], negative: bool) -> Expression:
    tests = tuple(Test(Condition(name, Op.NE if negative else Op.EQ, value)) for value in values)
    if len(tests) == 1:
        return tests[0]
    return All(tests) if negative else Either(tests)
