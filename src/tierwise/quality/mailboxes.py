"""Domains of e-mail addresses that are most likely slips for a large provider's: they may exist, so nothing is corrected."""

from __future__ import annotations

LIKELY_SLIPS: dict[str, tuple[str, ...]] = {
    "gmail.com": ("gamil.com", "gmial.com", "gmai.com", "gmal.com", "gmaill.com", "gnail.com", "gmil.com", "gmail.co", "gmail.cm",
                  "gmail.cn", "gmail.om"),
    "hotmail.com": ("hotmial.com", "hotmai.com", "hotmal.com", "hotamil.com", "hotmail.co", "hotmail.cm"),
    "outlook.com": ("outlok.com", "outloo.com", "outllook.com", "outlook.co", "outlook.cm"),
    "yahoo.com": ("yaho.com", "yahooo.com", "yhoo.com", "yahoo.co", "yahoo.cm"),
    "icloud.com": ("iclod.com", "icoud.com", "iclould.com", "icloud.co", "icloud.cm"),
    "qq.com": ("qq.co", "qq.cm", "q.com", "qqq.com"),
    "163.com": ("163.co", "163.cm", "163.cn", "1633.com"),
    "126.com": ("126.co", "126.cm", "126.cn"),
    "sina.com": ("sian.com", "sina.co", "sina.cm"),
    "foxmail.com": ("foxmial.com", "foxmai.com", "foxmail.co", "foxmail.cm"),
}  # fmt: skip
"""The domain that is meant, and what stands in its place."""


def slip_pattern() -> str:
    """The pattern of addresses at such a domain, in small letters."""
    domains = "|".join(slip.replace(".", "[.]") for slips in LIKELY_SLIPS.values() for slip in slips)
    return f".*@({domains})"
