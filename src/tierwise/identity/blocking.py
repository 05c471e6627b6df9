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


# So many pairs are compared in any table, however few records it has.
_ALWAYS_PAIRS = 300_000


def make_pairs(
    engine: DuckDBEngine, records: str, columns: Collection[str], most_per_key: int, pairs_per_record: int = 6
) -> str:
    """Make `<records>_pairs` (n_l, n_r) of every pair that shares a key that few have, n_l < n_r.

    A key that more than `most_per_key` records share tells little and costs its square: it makes no pairs. Nor do the
    most common of the others once the rarer ones have made `pairs_per_record`: common keys find in a small table what
    is misspelled everywhere else, in a large one they bring strangers together.
    """
    parts = [
        f"SELECT n, hash('{name}:' || ({sql})) AS key FROM {quoted(records)} WHERE ({sql}) IS NOT NULL"
        for name, (needs, sql) in KEYS.items()
        if needs <= set(columns)
    ]
    engine.native("keys", f"CREATE OR REPLACE TEMP TABLE identity_keys AS {' UNION ALL '.join(parts)}")
    engine.native(
        "key sizes",
        "CREATE OR REPLACE TEMP TABLE identity_key_sizes AS SELECT key, CAST(count(*) AS INTEGER) AS size FROM identity_keys"
        f" GROUP BY key HAVING count(*) BETWEEN 2 AND {most_per_key}",
    )
    largest = _largest_size(engine, records, pairs_per_record)
    name = f"{records}_pairs"
    used = (
        f"(SELECT n, key FROM identity_keys WHERE key IN (SELECT key FROM identity_key_sizes WHERE size <= {largest}))"
    )
    engine.native("keys in use", f"CREATE OR REPLACE TEMP TABLE identity_keys_used AS SELECT * FROM {used}")
    engine.native("keys", "DROP TABLE identity_keys; DROP TABLE identity_key_sizes")
    engine.native(
        name,
        f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS SELECT DISTINCT l.n AS n_l, r.n AS n_r"
        " FROM identity_keys_used l JOIN identity_keys_used r ON l.key = r.key AND l.n < r.n",
    )
    engine.native("keys", "DROP TABLE identity_keys_used")
    return name


def _largest_size(engine: DuckDBEngine, records: str, pairs_per_record: int) -> int:
    """The largest number of records to a key with which the pairs stay within their budget; 2 at least."""
    budget = max(
        _ALWAYS_PAIRS, pairs_per_record * engine.native("count", f"SELECT count(*) FROM {quoted(records)}")[0][0]
    )
    made, largest = 0, 2
    for size, keys in engine.native(
        "sizes", "SELECT size, count(*) FROM identity_key_sizes GROUP BY size ORDER BY size"
    ):
        made += keys * size * (size - 1) // 2
        if made > budget:
            break
        largest = size
    return max(largest, 2)
