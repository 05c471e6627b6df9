"""What shipped rules demand, and what to do where rows fail them, in both languages."""

from __future__ import annotations

from tierwise.language import Text

DEMANDS = {
    "present": Text("{field} is filled", "“{field}”已填写"),
    "not_negative": Text("{field} is not below zero", "“{field}”不为负"),
    "zero_or_one": Text("{field} is 0 or 1", "“{field}”为 0 或 1"),
    "not_future": Text("{field} does not lie in the future", "“{field}”不晚于当前"),
    "not_too_old": Text("{field} does not lie impossibly far back", "“{field}”不早得离谱"),
    "no_placeholder": Text("{field} is no placeholder", "“{field}”不是占位内容"),
    "phone": Text("{field} is written like a phone number", "“{field}”符合电话号码的写法"),
    "email": Text("{field} is written like an e-mail address", "“{field}”符合邮箱地址的写法"),
    "likely_domain": Text(
        "the domain of {field} is no slip for a known provider's", "“{field}”的域名不像知名邮箱的笔误"
    ),
    "known_word": Text("{field} is one of the known words", "“{field}”为已知取值之一"),
    "own": Text("no two rows share one {field}", "没有两行共用同一“{field}”"),
    "reachable": Text("a phone or an e-mail is known", "至少有电话或邮箱之一"),
    "not_swapped": Text("{field} holds no phone number", "“{field}”中不是电话号码"),
    "somebody": Text("{field} names a customer, not a collective account", "“{field}”指向具体客户，而非散客等公共账号"),
    "far_out": Text("{field} does not lie far beyond all others", "“{field}”没有远超其他值"),
    "not_zero": Text("{field} is not zero", "“{field}”不为零"),
    "entered_once": Text(
        "nothing was entered twice: same {field}, same moment or product, same figures",
        "没有重复录入：“{field}”、时间或商品、数值均相同",
    ),
    "one_customer": Text("an order belongs to one customer", "一张订单只属于一位客户"),
    "refunds_have_sales": Text("nobody was refunded more than they bought", "没有客户的退款超过购买"),
    "nps_range": Text("an NPS score lies between 0 and 10", "NPS 分数在 0 到 10 之间"),
    "after_response": Text("a ticket does not end before its first response", "工单不早于首次响应结束"),
    "opened_first": Text("what was clicked had been opened", "已点击的必已打开"),
    "somebody_else": Text("nobody refers themselves", "没有人推荐自己"),
    "known": Text("{field} is found in {other}", "“{field}”存在于“{other}”"),
    "fresh": Text(
        "the newest {field} lies at most {days} days before the newest of all tables",
        "最新的“{field}”比全部数据的最新日期最多早 {days} 天",
    ),
}
CURES = {
    "present": Text("ask for it where customers or orders are entered", "在录入环节补充填写"),
    "not_negative": Text(
        "look at the source: a sign was turned, or a refund stands where none belongs",
        "检查来源：符号颠倒，或误填了退款",
    ),
    "zero_or_one": Text(
        "map another column, or convert yes and no before the import", "改用其他列，或导入前把是/否转换为 1/0"
    ),
    "not_future": Text("check the date format and the clock of the source", "检查日期格式与来源系统的时钟"),
    "not_too_old": Text(
        "look for default dates of the source system, as 1900-01-01", "检查来源系统的默认日期，如 1900-01-01"
    ),
    "no_placeholder": Text("leave it blank in the source instead", "在来源系统中改为留空"),
    "phone": Text(
        "correct it in the source; digits may be lost, or another field stands here",
        "在来源系统更正：可能缺位或填错字段",
    ),
    "email": Text("correct it in the source; mail to it will bounce", "在来源系统更正，否则邮件会被退回"),
    "likely_domain": Text(
        "ask the customer; most likely meant: gmail.com for gamil.com or gmail.co, qq.com for qq.co, 163.com for 163.co, …",
        "请与客户核实，多半应为：gamil.com、gmail.co → gmail.com，qq.co → qq.com，163.co → 163.com 等",
    ),
    "known_word": Text(
        "translate the words of the source, or add a rule of your own that lists them",
        "统一来源用词，或自定义规则列出允许的取值",
    ),
    "own": Text("look for duplicates: tierwise dedupe", "检查是否为重复客户：tierwise dedupe"),
    "reachable": Text("ask for one of the two at the next contact", "下次接触时请客户留下其一"),
    "not_swapped": Text("columns were mapped or pasted wrongly in these rows", "这些行的列对应或粘贴有误"),
    "somebody": Text(
        "leave the id blank for walk-in customers: their orders belong to no single person",
        "散客订单的客户编号请留空：它们不属于同一个人",
    ),
    "far_out": Text(
        "look at these rows: a slip of the keyboard, a test, or a customer to know by name",
        "请查看这些行：输入错误、测试数据，或值得认识的大客户",
    ),
    "not_zero": Text(
        "look at these rows: gifts, samples, or prices that were lost", "请查看这些行：赠品、样品，或价格缺失"
    ),
    "entered_once": Text("look whether the source delivered rows twice", "检查来源是否重复推送"),
    "one_customer": Text(
        "order numbers repeat in the source: put the shop or the year before them",
        "来源的订单号有重复：请加上门店或年份前缀",
    ),
    "refunds_have_sales": Text(
        "their purchases lie before the data begin, or refunds were booked on the wrong customer",
        "其购买早于数据起点，或退款记错了客户",
    ),
    "nps_range": Text("convert the scale before the import", "导入前换算评分制"),
    "after_response": Text("check the time zones of the two columns", "检查两列的时区"),
    "opened_first": Text(
        "opens are not counted everywhere; set opened where clicked is set", "打开并非都能记录；有点击即视为打开"
    ),
    "somebody_else": Text("remove these rows in the source", "在来源系统删除这些行"),
    "known": Text(
        "the two exports were taken at different times or from different systems; take them together",
        "两份导出的时间或系统不同，请同时导出",
    ),
    "fresh": Text("take a new export of this table", "请重新导出此表"),
}
