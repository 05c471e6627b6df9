"""Why a pair is left to a person although a rule holds: the guards in words."""

from __future__ import annotations

from tierwise.identity.certain import WHY
from tierwise.identity.conflicts import CHAIN
from tierwise.identity.rules import HOMOPHONES
from tierwise.language import Text

GUARDS_SAY: dict[str, Text] = {
    "birth": Text("the dates of birth differ", "出生日期不同"),
    "id_number": Text("the identity numbers differ", "证件号不同"),
    "gender": Text("the genders differ, by the record or by a title", "性别不同（登记的性别或称呼）"),
    "generation": Text("the names tell father from son (Jr, III)", "姓名后缀区分了父子（Jr、III）"),
    "company": Text("the companies differ in trade, place or legal form", "企业的行业、地区或组织形式不同"),
    "kind": Text("one is a person and the other a company", "一方是个人，另一方是企业"),
    "nobody": Text(
        "a name stands for nobody in particular (walk-in, default name)", "姓名不指具体的人（散客、默认昵称）"
    ),
    "name": Text("the names differ", "姓名不同"),
    HOMOPHONES: Text(
        "the given names sound alike and are written differently, as those of siblings, and nothing else agrees",
        "名字同音不同字（可能是兄弟姐妹），且没有其他信息相同",
    ),
    CHAIN: Text(
        "through it, customers would become one who speak against each other",
        "合并后会把互相矛盾的客户连成一人",
    ),
}
CUT = Text(
    "one customer would have become too many records; the weakest links gave way",
    "合并后同一客户的记录过多，较弱的关联已断开",
)


def held_back(rule: str | None, held_by: str | None, refused: bool) -> tuple[Text, ...]:
    """What to tell of a pair: the rule that holds and what kept it from merging; nothing where no rule does."""
    told = []
    if rule and held_by:
        reasons = [GUARDS_SAY[guard] for guard in held_by.split()]
        told.append(
            Text(
                f"{WHY[rule].en}, but not merged on its own: {'; '.join(reason.en for reason in reasons)}",
                f"{WHY[rule].zh}，但未自动合并：{'；'.join(reason.zh for reason in reasons)}",
            )
        )
    return (*told, CUT) if refused else tuple(told)
