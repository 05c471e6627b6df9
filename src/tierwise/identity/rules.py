"""Pairs that are the same customer for certain: several independent fields agree, and none speaks against it.

One shared field is never enough: families share a telephone, namesakes a name, sister companies a name and a domain.
"""

from __future__ import annotations

from collections.abc import Collection

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.identity.comparisons import few_typos
from tierwise.identity.folding import quoted

# Each rule: what must be there, and when it holds.
_PERSON = "l.name_key = r.name_key AND NOT l.name_part AND NOT r.name_part"
_HALVES = "l.given = r.given AND l.surname = r.surname"
RULES: dict[str, tuple[frozenset[str], str]] = {
    "phone_name": (frozenset({"phone_clean", "name_key"}), f"l.phone_clean = r.phone_clean AND {_PERSON}"),
    "phone_sound": (
        frozenset({"phone_clean", "name_sound", "name_key"}),
        "l.phone_clean = r.phone_clean AND l.name_sound = r.name_sound AND NOT l.name_part AND NOT r.name_part",
    ),
    "email_name": (frozenset({"email", "name_key"}), f"l.email = r.email AND {_PERSON}"),
    "phone_halves": (frozenset({"phone_clean", "given", "surname"}), f"l.phone_clean = r.phone_clean AND {_HALVES}"),
    "email_halves": (frozenset({"email", "given", "surname"}), f"l.email = r.email AND {_HALVES}"),
    "id_name": (frozenset({"id_number", "name_sound"}), "l.id_number = r.id_number AND l.name_sound = r.name_sound"),
    "id_birth": (frozenset({"id_number", "birth"}), "l.id_number = r.id_number AND l.birth = r.birth"),
    "birth_halves_place": (
        frozenset({"birth", "given", "surname", "postcode"}), f"l.birth = r.birth AND l.postcode = r.postcode AND {_HALVES}",
    ),
    "phone_email": (frozenset({"phone_clean", "email"}), "l.phone_clean = r.phone_clean AND l.email = r.email"),
}  # fmt: skip

NAMELESS = ("phone_email", "id_birth")
"""The rules that hold without a name on both sides."""

# Brothers and sisters are often given names that sound alike (王晓明, 王小明) and use one telephone; a slip of the input method
# looks the same. Where anything else agrees as well, it is the slip.
_GIVEN = "substr({side}.name_key, length({side}.name_family) + 1)"
_MORE = ("email", "birth", "id_number")
HOMOPHONES = "homophones"
"""What holds the rule `phone_sound` back; unlike a guard, it says nothing against records that others connect."""


def homophones(columns: Collection[str]) -> str:
    """SQL over l and r: two Chinese given names of one sound that are written differently, and nothing else agrees."""
    if not {"name_key", "name_family", "name_sound"} <= set(columns):
        return "false"
    left, right = (_GIVEN.format(side=side) for side in "lr")
    agreeing = "".join(f" AND NOT coalesce(l.{name} = r.{name}, false)" for name in _MORE if name in columns)
    chinese = "l.name_family IS NOT NULL AND r.name_family IS NOT NULL AND l.name_sound = r.name_sound"
    return f"coalesce({chinese} AND {left} <> {right}, false){agreeing}"


# Where both sides know it, it must not differ: twins differ in their number alone, couples in their title, father and son
# in two letters, sister companies in their trade. A person is no company, and 散客 is nobody.
GUARDS: dict[str, tuple[frozenset[str], str]] = {
    "birth": (
        frozenset({"birth"}),
        f"l.birth IS NOT NULL AND r.birth IS NOT NULL AND NOT ({few_typos('l.birth', 'r.birth', 1)})",
    ),
    "id_number": (frozenset({"id_number"}), "l.id_number <> r.id_number"),
    "gender": (frozenset({"gender"}), "l.gender <> r.gender"),
    "generation": (frozenset({"generation"}), "coalesce(l.generation, '') <> coalesce(r.generation, '')"),
    "company": (
        frozenset({"company_core"}),
        "l.company_place <> r.company_place OR l.company_legal <> r.company_legal OR NOT (l.company_core = r.company_core"
        " OR l.company_core = r.company_name OR l.company_name = r.company_core)",
    ),
    "kind": (
        frozenset({"name_key", "company_core"}),
        "(l.company_core IS NULL AND r.name_key IS NULL AND l.name_key IS NOT NULL AND r.company_core IS NOT NULL)"
        " OR (r.company_core IS NULL AND l.name_key IS NULL AND r.name_key IS NOT NULL AND l.company_core IS NOT NULL)",
    ),
    "nobody": (frozenset({"nobody"}), "l.nobody OR r.nobody"),
    "name": (
        frozenset({"name_key"}),
        "l.name_sound <> r.name_sound AND NOT ((l.name_part OR r.name_part) AND l.name_family = r.name_family)",
    ),
}


def certain_rule(columns: Collection[str]) -> str:
    """SQL over l and r: the first rule that holds, null where none does."""
    return _first_rule(columns, f" AND NOT ({homophones(columns)})")


def _first_rule(columns: Collection[str], of_sound: str = "") -> str:
    """SQL over l and r: the first rule that holds; `of_sound` is asked of names that are the same by sound alone."""
    cases = " ".join(
        f"WHEN {sql}{of_sound if rule == 'phone_sound' else ''} THEN '{rule}'"
        for rule, (needs, sql) in RULES.items()
        if needs <= set(columns)
    )
    return f"CASE {cases} END" if cases else "CAST(NULL AS VARCHAR)"


def against(columns: Collection[str]) -> str:
    """SQL over l and r: whether something known on both sides speaks against a rule."""
    guards = _guards(columns).values()
    return f"({' OR '.join(guards)})" if guards else "false"


def _guards(columns: Collection[str]) -> dict[str, str]:
    return {name: f"coalesce({sql}, false)" for name, (needs, sql) in GUARDS.items() if needs <= set(columns)}


def find_certain(engine: DuckDBEngine, records: str, columns: Collection[str], pairs: str) -> str:
    """Make `<pairs>_certain` (n_l, n_r, rule) of the pairs that a rule decides, by the first that holds.

    Beside it `<pairs>_held` (n_l, n_r, rule, held_by) has the pairs for which a rule holds that guards, named in `held_by`
    with blanks between them, do not let through.
    """
    looked, name, held = (f"{pairs}_{part}" for part in ("ruled", "certain", "held"))
    guards = "".join(f" || CASE WHEN {sql} THEN ' {guard}' ELSE '' END" for guard, sql in _guards(columns).items())
    engine.native(
        looked,
        f"CREATE OR REPLACE TEMP TABLE {quoted(looked)} AS SELECT *, CASE WHEN held_by = '' AND sure IS NULL"
        f" THEN '{HOMOPHONES}' ELSE trim(held_by) END AS guards FROM (SELECT p.n_l, p.n_r, {_first_rule(columns)} AS rule,"
        f" {certain_rule(columns)} AS sure, ''{guards} AS held_by FROM {quoted(pairs)} p JOIN {quoted(records)} l"
        f" ON l.n = p.n_l JOIN {quoted(records)} r ON r.n = p.n_r) WHERE rule IS NOT NULL",
    )
    for made, query in {
        name: "SELECT n_l, n_r, sure AS rule FROM {} WHERE guards = ''",
        held: "SELECT n_l, n_r, rule, guards AS held_by FROM {} WHERE guards <> ''",
    }.items():
        engine.native(made, f"CREATE OR REPLACE TEMP TABLE {quoted(made)} AS {query.format(quoted(looked))}")
    engine.native(looked, f"DROP TABLE {quoted(looked)}")
    return name


# Two whole names that neither sound nor look alike, and no mailbox in common: a household, colleagues, or strangers.
_OTHER_PERSON = (
    "l.name_sound <> r.name_sound AND NOT l.name_part AND NOT r.name_part AND l.name_family IS NOT NULL AND r.name_family IS NOT NULL"
    f" AND jaro_winkler_similarity(l.name_sound, r.name_sound) < 0.92 AND NOT ({few_typos('l.name_sound', 'r.name_sound', 2)})"
)
_OTHER_CITY = "l.company_core = r.company_core AND l.company_place <> r.company_place"


def find_apart(engine: DuckDBEngine, records: str, columns: Collection[str], pairs: str) -> str:
    """Make `<pairs>_apart` (n_l, n_r) of the pairs that are not one customer, whatever they share.

    Persons of clearly different whole names without an e-mail in common, and companies of one name in two cities.
    """
    name, have = f"{pairs}_apart", set(columns)
    tests = []
    if "name_key" in have:
        same_mailbox = "coalesce(l.email = r.email, false)" if "email" in have else "false"
        tests.append(f"({_OTHER_PERSON} AND NOT {same_mailbox})")
    if "company_core" in have:
        tests.append(f"({_OTHER_CITY})")
    engine.native(
        name,
        f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS SELECT p.n_l, p.n_r FROM {quoted(pairs)} p"
        f" JOIN {quoted(records)} l ON l.n = p.n_l JOIN {quoted(records)} r ON r.n = p.n_r"
        f" WHERE {' OR '.join(tests) or 'false'}",
    )
    return name
