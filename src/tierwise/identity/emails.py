"""E-mail addresses: as they are sent to, and as they are compared."""

from __future__ import annotations

from tierwise.identity.folding import extracted, folded, literal, replaced, staged

_VALID = r"^[a-z0-9!#$%&'*+/=?^_`{|}~.\-]{1,64}@(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z]{2,63}$"


def email_forms(rows: str) -> str:
    """SQL: rows (value) with clean, key and local.

    `clean` is in small letters without blanks, its plus-tag kept, null where it cannot be an address. `key` is the
    mailbox it ends in: without plus-tag, and without dots where the provider ignores them. `local` precedes the @.
    """
    packed = replaced(f"lower({folded('value')})", r"\s+|^mailto:|^.*<|>.*$", "")
    google = "replace(split_part(untagged, '@', 1), '.', '') || '@gmail.com'"
    finished = staged(
        rows,
        {"packed": packed},
        {
            "clean": f"CASE WHEN regexp_matches(packed, {literal(_VALID)}) AND NOT contains(packed, '..') THEN packed END"
        },
        {"untagged": replaced("clean", r"\+[^@]*@", "@")},
        {"key": f"CASE WHEN regexp_matches(clean, '@(gmail|googlemail)\\.com$') THEN {google} ELSE untagged END"},
        {"local": extracted("key", r"^([^@]+)@")},
    )
    return f"SELECT value, clean, key, local FROM ({finished})"
