"""Company names: what is left without legal form and place, so that short and full names meet.

`core` 华智商贸 of 南京市华智商贸有限公司, `name` 华智, `place` 南京. Two companies of one core in two places are sisters, not one; so
are two of another `legal` form (Acme GmbH, Acme Holding AG; 宏达有限公司, 宏达集团).
"""

from __future__ import annotations

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.identity.characters import spell
from tierwise.identity.folding import extracted, folded, one_of, quoted, replaced, staged, words
from tierwise.identity.places import CITIES, PROVINCES

LEGAL_FORMS = words(
    "co corp corporation inc incorporated ltd limited llc llp lp plc gmbh mbh ag kg kgaa ohg ug ev sa "
    "sas sarl srl spa bv nv oy oyj ab as asa aps pty pte pvt bhd sdn kk company holding holdings "
    "group se sl slu lda ltda"
)
_NO_LETTER = r"[^\p{L}\p{N}]+"
_PLACES = (*CITIES, *PROVINCES)
# What a company does is no name: 海东商贸 is a name although 海东 is a city.
INDUSTRIES = words(
    "科技 信息 信息技术 网络 网络科技 软件 电子 电子商务 电子科技 商贸 贸易 国际贸易 实业 投资 控股 食品 "
    "餐饮 餐饮管理 服饰 服装 广告 传媒 文化 文化传媒 物流 运输 建筑 建筑工程 建设 工程 装饰 机械 机械设备 "
    "设备 医疗 医疗器械 医药 生物 生物科技 环保 环保科技 材料 新材料 新能源 教育 教育咨询 咨询 管理 "
    "企业管理 酒店 酒店管理 房地产 置业 汽车 化工 纺织 家具 农业 旅游 服务 人力资源 金融"
)


def standardise_companies(engine: DuckDBEngine, table: str, column: str, name: str) -> None:
    """Make table `name` (value, clean, core, name, place, legal) of a column's distinct values."""
    engine.native(
        name,
        f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS SELECT value, {folded('value')} AS clean"
        f" FROM (SELECT DISTINCT CAST({quoted(column)} AS VARCHAR) AS value FROM {quoted(table)})",
    )
    spelled = spell(engine, f"{name}_spelled", f"SELECT clean AS value FROM {quoted(name)}")
    rows = (
        f"SELECT n.value, n.clean, lower(strip_accents(s.simplified)) AS plain FROM {quoted(name)} n"
        f" LEFT JOIN {quoted(spelled)} s ON n.clean = s.value"
    )
    engine.native(f"{name} forms", f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS {company_forms(rows)}")
    engine.native(f"{name} done", f'DROP TABLE "{spelled}"')


def company_forms(rows: str) -> str:
    """SQL: rows (value, clean, plain) with core, name, place and legal."""
    places, provinces, industries = one_of(_PLACES), one_of(PROVINCES), one_of(INDUSTRIES)
    # 有限公司 and its kin, with characters missing or twice as people type them.
    form = r"(?:[股份集团有限责任控总分]*公司|[股份集团有限责任控]{2,})$"
    # "s.a.r.l." has become single letters; legal forms stand at the end, one or more of them.
    western = rf"(?:\s+(?:{one_of(LEGAL_FORMS)}|s a r l|s r l|s a|g m b h|l l c|b v|n v|and co))+$"
    finished = staged(
        rows,
        {
            "bracket": extracted("plain", rf"[(\[【](?:[^)\]】]*?省)?({places})(?:市|省)?[)\]】]"),
            "begins": extracted("plain", rf"^(?:中国)?(?:(?:{provinces})省)?({places})(?:市|省)?."),
            "bare": replaced(replaced("plain", r"[(\[【].*?[)\]】]", ""), form, ""),
        },
        {"unplaced": replaced("bare", rf"^(?:中国)?(?:(?:{provinces})省)?(?:{places})(?:市|省)?(.)", r"\1")},
        {
            "kept": f"CASE WHEN bracket IS NULL AND NOT regexp_full_match(unplaced, '{industries}') THEN unplaced ELSE bare END"
        },
        {"spaced": f"trim({replaced('kept', _NO_LETTER, ' ')})"},
        {"formless": f"replace({replaced('spaced', western, '')}, ' ', '')"},
        {"core": "coalesce(nullif(formless, ''), nullif(replace(spaced, ' ', ''), ''), plain)"},
        {"name": f"coalesce({extracted('core', rf'^(.{{2,}}?)(?:{industries})$')}, core)"},
    )
    return f"SELECT value, clean, core, name, coalesce(bracket, begins) AS place, {_legal(western)} AS legal FROM ({finished})"


def _legal(western: str) -> str:
    """SQL: the legal form, null where none is written; the many spellings of a limited company are one."""
    chinese = (
        "CASE WHEN contains(plain, '公司') THEN CASE WHEN contains(plain, '集团') THEN '集团' WHEN contains(plain, '控股') THEN '控股'"
        " WHEN contains(plain, '分公司') THEN plain WHEN contains(plain, '有限') THEN '有限' END END"
    )
    said = f"nullif(replace({extracted('spaced', f'({western})')}, ' ', ''), '')"
    alike = {"limited": "ltd", "incorporated": "inc", "corporation": "corp", "company": "co"}
    for long, short in alike.items():
        said = f"replace({said}, '{long}', '{short}')"
    return f"coalesce({chinese}, replace({said}, 'coltd', 'ltd'))"
