"""What to do about each thing that reading or judging a source noticed: the cure beside the finding, by its code."""

from __future__ import annotations

from tierwise.language import Text

NOTHING_TO_DO = Text("nothing to do: it is said so that figures can be followed", "无需处理，仅供核对数据时参考")
CURES = {
    "drift": Text(
        "compare the two imports under Drift on the page Quality: undo the new one on the page Data if it is wrong; "
        "if business has changed, compute tiers again so that cut-points follow",
        "在“质量查重”的“两次导入的差异”中对比：新导入有误就到“数据”页撤销；若业务确有变化，请重新计算分层，让分界点随之更新",
    ),
    "stale_source": Text(
        "bring in the newest data of this source, or allow more days by `fresh_days` in tierwise.yaml",
        "导入该数据源的最新数据；或在 tierwise.yaml 中调大 fresh_days",
    ),
    "no_order_id": Text(
        "name the column of the order number and import again", "指定订单号所在的列，重新导入"
    ),
    "unreadable_value": Text(
        "correct these values in the source and import again", "在来源系统更正这些值，重新导入"
    ),
    "repeated_key": Text(
        "look whether the source delivered rows twice, or two records share one number",
        "检查来源是否重复推送，或两条记录共用了一个编号",
    ),
    "duplicate_rows": Text(
        "look whether the source delivered rows twice; if so, undo the import and bring in the corrected file",
        "检查来源是否重复推送；若是，请撤销该导入并重新导入更正后的文件",
    ),
    "repeated_order_amount": Text(
        "right where the column holds the total of an order; else choose the column of the line's own amount",
        "若该列确为整单金额则无需处理；否则请改选明细行金额所在的列",
    ),
    "offset_as_utc": Text(
        "set `timezone` in tierwise.yaml, as Asia/Shanghai, and import again",
        "在 tierwise.yaml 中设置 timezone（如 Asia/Shanghai），重新导入",
    ),
    "unknown_status": Text(
        "if some of these are no sales, translate them in the source and import again",
        "若其中有不属于成交的状态，请在来源中统一用词后重新导入",
    ),
    "masked_ids": Text(
        "export the internal member id instead, and choose it as the customer",
        "请导出未脱敏的会员编号，并将其作为客户编号列",
    ),
    "one_order_each": Text(
        "choose the column that names the customer, and import again", "改选真正的客户编号列，重新导入"
    ),
    "all_amounts_zero": Text(
        "choose the column of the amount, and import again", "改选金额所在的列，重新导入"
    ),
    "month_without_day": Text(
        "if days matter, export whole dates and import again; else nothing to do",
        "若天数要精确，请导出完整日期后重新导入；否则无需处理",
    ),
    "guessed_column": Text(
        "check that this is the column meant; if not, name another and import again",
        "请核对该列是否正确；若不正确，请改选其他列，重新导入",
    ),
    "leading_zeros": Text(
        "if these are the same customers, export the ids as text so that the zeros stay, and import again",
        "若为同一客户，请将编号设为文本后重新导出（保留开头的 0），再重新导入",
    ),
    "erased_contacts": Text(
        "strike this person from the source, too; here the rows are left out", "请在来源系统也删除该客户；这里已不再计入"
    ),
    **dict.fromkeys(
        (
            "float_id", "rounded_amount", "refunded_orders", "refund_records", "void_orders", "converted_times",
            "amounts_in_unit", "read_as", "erased_customers",
        ),
        NOTHING_TO_DO,
    ),
}  # fmt: skip
_UNKNOWN = Text("look at these rows in the source and import again", "在来源系统检查这些行，重新导入")


def cure_of(code: str) -> Text:
    """What to do about a finding; of one that a newer core knows and this table does not, the general advice."""
    return CURES.get(code, _UNKNOWN)
