"""Which commands there are and what each does, in one line: `tierwise --help` prints these and imports no command.

A command called `some-name` is the click command of that name in the module `tierwise.cli.some_name`; a name that
Python keeps for itself (`import`) gets a `_` behind it. Its own help begins with its line here: say
`help=summary("name")`.
"""

from __future__ import annotations

import importlib
import keyword
from importlib.metadata import EntryPoints, entry_points

import click

from tierwise.cli.speech import say, tell
from tierwise.language import Text

COMMANDS = {
    "init": Text("Write a project file.", "新建项目文件。"),
    "import": Text(
        "Import what is new in the sources, see what would change, undo an import.",
        "导入数据源中的新内容；可预览变化、撤销导入。",
    ),
    "run": Text("Run the project of this folder and publish the result.", "运行当前项目并发布结果。"),
    "watch": Text(
        "Run whenever data arrive or a timetable says so, until interrupted.", "数据到达或按时间表自动运行，直到中断。"
    ),
    "tier": Text(
        "Tier the customers of an order file: CSV, Excel, Parquet, JSON lines or a database URL.",
        "对订单文件中的客户分层：CSV、Excel、Parquet、JSON 行或数据库地址。",
    ),
    "explain": Text("Say why a customer has its tiers.", "说明某位客户为何属于其层级。"),
    "simulate": Text("Show who would move if a model had other settings.", "模拟修改设置后哪些客户会变动。"),
    "compare": Text("Show who moved between two runs, and why.", "比较两次运行之间客户的层级流动及原因。"),
    "disagree": Text(
        "Show the customers about whom models disagree, by value at stake.",
        "列出各模型判断不一的客户，按涉及金额排序。",
    ),
    "clv": Text(
        "Predict what each customer of an order file will be worth, with intervals and a hold-out test.",
        "预测订单文件中每位客户的未来价值，给出区间与留出检验。",
    ),
    "models": Text("List the models, or show one with its settings.", "列出模型，或查看某个模型及其设置。"),
    "advise": Text("Advise on a model by goal, business and data.", "按目标、业务与数据推荐模型。"),
    "templates": Text("List project templates by industry, or show one.", "列出各行业项目模板，或查看其中一个。"),
    "indicators": Text(
        "List the indicators, say which this data can carry, and judge the ones in use.",
        "列出指标，说明当前数据可计算哪些，并评估正在使用的指标。",
    ),
    "quality": Text(
        "Show what the data is worth: rules and scores, what is in doubt and how far it moves the tiers, trend, drift.",
        "查看数据质量：规则与得分、存疑数据对层级的影响、趋势与漂移。",
    ),
    "dedupe": Text(
        "Find customers that are one, and merge those that are certain.", "查找重复客户，并合并可以确定的。"
    ),
    "review": Text("Decide on pairs of customers that may be one.", "人工确认疑似重复的客户。"),
    "merges": Text("List who was merged, by whom and why.", "列出客户合并记录及原因。"),
    "unmerge": Text("Take a merge of customers back.", "撤销一次客户合并。"),
    "report": Text("Write the report of a run as one HTML file.", "生成某次运行的 HTML 报告。"),
    "export": Text(
        "Write the label table of a run, in full, masked or pseudonymised.",
        "导出某次运行的客户分类标签表，可完整、脱敏或假名化。",
    ),
    "prove": Text("Prove that rules neither overlap nor leave anybody out.", "证明规则互不重叠、无人遗漏。"),
    "check": Text("Check the project file and the fingerprints of every run.", "检查项目文件与每次运行的指纹。"),
    "erase": Text("Erase a customer from everything this workspace holds.", "从工作区的全部数据中删除一位客户。"),
    "subject": Text("Write all that is known of one customer.", "导出某位客户的全部已知数据。"),
    "demo": Text("Make a demo shop and run everything on it.", "生成演示商店并运行全部模型。"),
}


ENTRY_POINTS = "tierwise.commands"
"""Where other packages, the console for one, name their commands; they are asked after our own."""


def summary(name: str, en: str = "", zh: str = "") -> str:
    """The line of a command in the language of this process, and what more its own help says."""
    line, more = tell(COMMANDS[name]), say(en, zh)
    return f"{line}{say(' ', '')}{more}" if more else line


class LazyGroup(click.Group):
    """Imports a command's module when the command is used, and none of our own to list them."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """All commands, in the order of use; those of other packages last."""
        return [*COMMANDS, *_others().names]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        return load(cmd_name) if cmd_name in COMMANDS else load_other(cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List the commands by their lines."""
        with formatter.section(say("Commands", "命令")):
            others = [(name, other.get_short_help_str(100)) for name in _others().names if (other := load_other(name))]
            formatter.write_dl([*((name, tell(line)) for name, line in COMMANDS.items()), *others])


def load(name: str) -> click.Command:
    """Import the module of a command and return it."""
    word = name.replace("-", "_")
    module = importlib.import_module(f"tierwise.cli.{word}_" if keyword.iskeyword(word) else f"tierwise.cli.{word}")
    return next(found for found in vars(module).values() if isinstance(found, click.Command) and found.name == name)


def _others() -> EntryPoints:
    return entry_points(group=ENTRY_POINTS)


def load_other(name: str) -> click.Command | None:
    """Import a command that another package names, or return None where none does."""
    for point in _others().select(name=name):
        command: click.Command = point.load()
        return command
    return None
