"""Which pairs are compared at all: those that share a key which few records have."""

from __future__ import annotations

from collections.abc import Collection

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.identity.folding import quoted

# name of the key: (columns that it needs, SQL)
KEYS: dict[str, tuple[frozenset[str], str]] = {
    "phone": (frozenset({"phone"}), "CASE WHEN NOT contains(phone, '*') THEN phone END"),
    "email": (frozenset({"email"}), "email"),
    "id": (frozenset({"id_number"}), "id_number"),
    "mailbox": (frozenset({"email_local"}), "CASE WHEN length(email_local) > 5 THEN email_local END"),
    "name": (frozenset({"name_sound"}), "CASE WHEN contains(name_sound, ' ') THEN name_sound END"),
    "name_city": (
        frozenset({"name_sound", "city"}),
        "CASE WHEN contains(name_sound, ' ') THEN name_sound || '|' || city END",
    ),
    "name_tail": (frozenset({"name_family", "phone_tail"}), "name_family || '|' || phone_tail"),
    "company": (frozenset({"company_core"}), "company_core"),
    "company_name": (frozenset({"company_name", "city"}), "company_name || '|' || city"),
    "address": (frozenset({"address_street", "address_door"}), "address_street || '|' || address_door"),
    "address_whole": (frozenset({"address_key"}), "CASE WHEN length(address_key) > 8 THEN address_key END"),
    "birth": (frozenset({"birth"}), "birth"),
    "birth_name": (frozenset({"birth", "surname"}), "left(birth, 4) || '|' || surname"),
    "surname_post": (frozenset({"surname", "postcode"}), "surname || '|' || postcode"),
    "given_post": (frozenset({"given", "postcode"}), "given || '|' || postcode"),
    "given_city": (frozenset({"given", "city"}), "given || '|' || city"),
    "surname_city": (frozenset({"surname", "city"}), "surname || '|' || city"),
    "given_birth": (frozenset({"given", "birth"}), "given || '|' || right(birth, 4)"),
    # Keys of one common field: in a small table they find what is misspelled everywhere else, in a big one they are
    # met too often and make no pairs.
    "given": (frozenset({"given"}), "given"),
    "surname": (frozenset({"surname"}), "surname"),
    "city": (frozenset({"city", "birth"}), "city"),
    "birth_month": (frozenset({"birth"}), "left(birth, 6)"),
    "birth_day": (frozenset({"birth"}), "right(birth, 4)"),
    "mailbox_start": (frozenset({"email"}), "left(email, 4)"),
    "postcode": (frozenset({"postcode"}), "postcode"),
    "street": (frozenset({"address_street"}), "address_street"),
    "phone_tail": (frozenset({"phone_tail", "city"}), "phone_tail || '|' || city"),
}


def make_pairs(engine: DuckDBEngine, records: str, columns: Collection[str], most_per_key: int) -> str:
    """Make `<records>_pairs` (record_l, record_r, keys) of every pair that shares a key, record_l < record_r.

    A key that more than `most_per_key` records share tells little and costs its square: it makes no pairs.
    """
    parts = [
        f"SELECT record, '{name}:' || ({sql}) AS key FROM {quoted(records)}"
        for name, (needs, sql) in KEYS.items()
        if needs <= set(columns)
    ]
    engine.native(
        "keys",
        f"CREATE OR REPLACE TEMP TABLE identity_keys AS SELECT * FROM ({' UNION ALL '.join(parts)}) WHERE key IS NOT NULL",
    )
    engine.native(
        "keys in use",
        "CREATE OR REPLACE TEMP TABLE identity_keys AS SELECT record, key FROM identity_keys WHERE key IN"
        f" (SELECT key FROM identity_keys GROUP BY key HAVING count(*) BETWEEN 2 AND {most_per_key})",
    )
    name = f"{records}_pairs"
    engine.native(
        name,
        f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS SELECT DISTINCT l.record AS record_l, r.record AS record_r"
        " FROM identity_keys l JOIN identity_keys r ON l.key = r.key AND l.record < r.record",
    )
    engine.native("keys", "DROP TABLE identity_keys")
    return name
