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
