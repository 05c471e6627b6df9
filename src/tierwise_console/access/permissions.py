"""Who may do what: one table of roles and permissions, and nothing anywhere else."""

from __future__ import annotations

from enum import StrEnum

from tierwise.language import Text


class Role(StrEnum):
    """What a user is here for; each user has one."""

    OWNER = "owner"
    ANALYST = "analyst"
    MARKETING = "marketing"
    SALES = "sales"
    SERVICE = "service"
    VIEWER = "viewer"


ROLE_NAMES = {
    Role.OWNER: Text("Owner", "负责人"),
    Role.ANALYST: Text("Analyst", "分析师"),
    Role.MARKETING: Text("Marketing", "市场运营"),
    Role.SALES: Text("Sales", "销售"),
    Role.SERVICE: Text("Service", "客服"),
    Role.VIEWER: Text("Viewer", "只读"),
}


class Permission(StrEnum):
    """One thing that a role may or may not do."""

    RESULTS_VIEW = "results.view"
    """tiers, migration, value, indicators, quality, advisor, reports: figures of many, no single customer"""
    RESULTS_EXPORT = "results.export"
    DATA_VIEW = "data.view"
    DATA_IMPORT = "data.import"
    MODELS_EDIT = "models.edit"
    MODELS_PUBLISH = "models.publish"
    CUSTOMERS_VIEW = "customers.view"
    """customers' cards; without `customers.all`, their own customers alone"""
    CUSTOMERS_ALL = "customers.all"
    CUSTOMERS_EDIT = "customers.edit"
    CUSTOMERS_MERGE = "customers.merge"
    CUSTOMERS_UNMASK = "customers.unmask"
    """see personal data in full, each time with an audit entry"""
    CUSTOMERS_EXPORT = "customers.export"
    TASKS_EDIT = "tasks.edit"
    STRATEGY_EDIT = "strategy.edit"
    JOBS_VIEW = "jobs.view"
    JOBS_RUN = "jobs.run"
    USERS_MANAGE = "users.manage"
    AUDIT_VIEW = "audit.view"
    KEYS_MANAGE = "keys.manage"
    PRIVACY_MANAGE = "privacy.manage"


PERMISSION_NAMES = {
    Permission.RESULTS_VIEW: Text("see results (figures of many)", "查看分层结果（汇总数据）"),
    Permission.RESULTS_EXPORT: Text("export results", "导出分层结果"),
    Permission.DATA_VIEW: Text("see data sources and imports", "查看数据源与导入记录"),
    Permission.DATA_IMPORT: Text("import data, and take imports back", "导入数据、撤销导入"),
    Permission.MODELS_EDIT: Text("edit models as drafts", "编辑分层模型（草稿）"),
    Permission.MODELS_PUBLISH: Text("approve and publish models", "审批并发布分层模型"),
    Permission.CUSTOMERS_VIEW: Text("see one's own customers", "查看自己的客户"),
    Permission.CUSTOMERS_ALL: Text("see all customers", "查看全部客户"),
    Permission.CUSTOMERS_EDIT: Text("edit customers", "编辑客户资料"),
    Permission.CUSTOMERS_MERGE: Text("merge customers", "合并重复客户"),
    Permission.CUSTOMERS_UNMASK: Text("see contact data in full (recorded)", "查看完整联系方式（留痕）"),
    Permission.CUSTOMERS_EXPORT: Text("export customers", "导出客户"),
    Permission.TASKS_EDIT: Text("give and finish tasks", "创建与完成跟进任务"),
    Permission.STRATEGY_EDIT: Text("edit the action matrix", "编辑行动矩阵"),
    Permission.JOBS_VIEW: Text("see jobs", "查看后台任务"),
    Permission.JOBS_RUN: Text("start and cancel jobs", "启动与取消后台任务"),
    Permission.USERS_MANAGE: Text("manage users and custom fields", "管理用户与自定义字段"),
    Permission.AUDIT_VIEW: Text("read the audit log", "查看审计日志"),
    Permission.KEYS_MANAGE: Text("manage tokens and senders", "管理令牌与发送方"),
    Permission.PRIVACY_MANAGE: Text("handle privacy requests", "处理隐私请求"),
}

_P = Permission
_ANALYST = {
    _P.RESULTS_VIEW, _P.RESULTS_EXPORT, _P.DATA_VIEW, _P.DATA_IMPORT, _P.MODELS_EDIT, _P.CUSTOMERS_VIEW,
    _P.CUSTOMERS_ALL, _P.CUSTOMERS_MERGE, _P.CUSTOMERS_EXPORT, _P.JOBS_VIEW, _P.JOBS_RUN,
}  # fmt: skip
_MARKETING = {
    _P.RESULTS_VIEW, _P.RESULTS_EXPORT, _P.DATA_VIEW, _P.CUSTOMERS_VIEW, _P.CUSTOMERS_ALL, _P.CUSTOMERS_EDIT,
    _P.CUSTOMERS_EXPORT, _P.TASKS_EDIT, _P.STRATEGY_EDIT, _P.JOBS_VIEW,
}  # fmt: skip
_SALES = {_P.RESULTS_VIEW, _P.CUSTOMERS_VIEW, _P.CUSTOMERS_EDIT, _P.CUSTOMERS_UNMASK, _P.TASKS_EDIT}
_SERVICE = {
    _P.RESULTS_VIEW, _P.CUSTOMERS_VIEW, _P.CUSTOMERS_ALL, _P.CUSTOMERS_EDIT, _P.CUSTOMERS_UNMASK, _P.TASKS_EDIT,
}  # fmt: skip

ALLOWED: dict[Role, frozenset[Permission]] = {
    Role.OWNER: frozenset(Permission),
    Role.ANALYST: frozenset(_ANALYST),
    Role.MARKETING: frozenset(_MARKETING),
    Role.SALES: frozenset(_SALES),
    Role.SERVICE: frozenset(_SERVICE),
    Role.VIEWER: frozenset({_P.RESULTS_VIEW}),
}


def allowed(role: str, permission: str) -> bool:
    """Whether a role may do a thing; what is not in the table is not allowed."""
    return any(role == known and permission in given for known, given in ALLOWED.items())
