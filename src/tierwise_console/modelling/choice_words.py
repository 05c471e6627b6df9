"""What the choices of models' settings are called: files keep the short names, pages show these."""

from __future__ import annotations

from tierwise.language import Text

_WORDS = {
    ("basis", "latest"): Text("latest balance", "最近余额"),
    ("basis", "mean"): Text("mean of the window", "窗口均值"),
    ("basis", "purchase"): Text("by purchases", "按购买"),
    ("basis", "interaction"): Text("by interaction", "按互动"),
    ("basis", "revenue"): Text("net revenue", "按收入"),
    ("basis", "profit"): Text("gross profit", "按利润"),
    ("algorithm", "kmeans"): Text("k-means", "K-means 聚类"),
    ("algorithm", "ward"): Text("Ward's method", "Ward 层次聚类"),
    ("scaling", "zscore"): Text("mean and deviation", "标准化（均值与标准差）"),
    ("scaling", "robust"): Text("median and quartiles", "稳健缩放（中位数与四分位距）"),
    ("outcome", "bought"): Text("bought again", "是否复购"),
    ("outcome", "churned"): Text("left", "是否流失"),
    ("outcome", "spent"): Text("spent at least an amount", "消费是否达到门槛"),
    ("preset", "A"): Text("A: new, growing, mature, declining, lost", "A：新客、成长、成熟、衰退、流失"),
    ("preset", "B"): Text("B: potential, new, growth, loyal, dormant", "B：潜在、新客、成长、忠诚、休眠"),
    ("preset", "C"): Text("C: acquired, active, retained, churned", "C：获取、活跃、留存、流失"),
    ("preset", "eight"): Text("eight classes of high and low R, F, M", "八类（R、F、M 高低组合）"),
    ("preset", "rfm_r"): Text("segments of the R package rfm 0.3", "R 语言 rfm 0.3 分群"),
    ("preset", "rfm_r_classic"): Text("segments of the R package rfm, classic", "R 语言 rfm 经典分群"),
    ("preset", "value_loyalty"): Text("value and loyalty", "价值 × 忠诚"),
    ("preset", "value_engagement"): Text("value and engagement", "价值 × 活跃"),
    ("preset", "own"): Text("own axes", "自定义坐标轴"),
    ("model", "mbg_nbd"): Text("MBG/NBD", "MBG/NBD"),
    ("model", "pareto_nbd"): Text("Pareto/NBD", "Pareto/NBD"),
    ("model", "bg_nbd"): Text("BG/NBD", "BG/NBD"),
    ("overlap", "refuse"): Text("refuse such rules", "拒绝重叠的规则"),
    ("overlap", "precedence"): Text("the earlier rule wins", "靠前的规则优先"),
    ("scoring", "quantile"): Text("by quantiles", "分位数"),
    ("scoring", "breaks"): Text("by own cut-points", "自定义分界点"),
    ("scoring", "mean"): Text("above or below the mean", "与均值比较"),
    ("scoring", "median"): Text("above or below the median", "与中位数比较"),
    ("scoring", "top"): Text("the top share is high", "前 N% 为高"),
    ("cut", "share"): Text("by share of customers", "按客户占比"),
    ("cut", "points"): Text("by points", "按得分"),
    ("cut", "own"): Text("own line", "自定义分界线"),
}

_SETTINGS = {
    "recency": Text("R: how lately they bought", "R：最近购买"),
    "frequency": Text("F: how often", "F：购买频率"),
    "monetary": Text("M: how much", "M：消费金额"),
}


def setting_words(setting: str) -> Text:
    """What a setting means where its schema does not say; empty where nobody named it."""
    return _SETTINGS.get(setting, Text("", ""))


def choice_words(setting: str, choice: str) -> Text:
    """What a choice of a setting is called; its own short name where nobody named it."""
    return _WORDS.get((setting, choice), Text.same(choice))
