"""Fitted models as JSON-ready data and back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np

from tierwise.clv.diagnostics import Finding
from tierwise.clv.prior import Prior
from tierwise.errors import ErrorKind, Family
from tierwise.language import Text

if TYPE_CHECKING:
    from tierwise.clv.fitted_model import FittedModel

M = TypeVar("M", bound="FittedModel[Any]")
FORMAT = 1

NOT_FITTED = ErrorKind(
    "clv.not_fitted",
    Family.USAGE,
    what=Text("{model} has not been fitted", "{model} 尚未拟合"),
    cause=Text("a prediction was asked for before fit()", "在 fit() 之前请求了预测"),
    cure=Text(
        "call fit(summary), or from_parameters(...) with known parameters",
        "请先调用 fit(summary)，或用 from_parameters(...) 给出已知参数",
    ),
)
UNKNOWN_COVARIATE = ErrorKind(
    "clv.unknown_covariate",
    Family.USAGE,
    what=Text("there is no covariate {name}; known: {known}", "没有名为 {name} 的协变量；已有：{known}"),
    cause=Text("the model names a covariate that the summary does not carry", "模型用到的协变量不在汇总数据里"),
    cure=Text(
        "add the column to Summary(covariates=...) or take it out of the model",
        "请在 Summary(covariates=...) 中加入该列，或从模型中去掉",
    ),
)
WRONG_STATE = ErrorKind(
    "clv.wrong_state",
    Family.DATA,
    what=Text(
        "this is a saved {found}, not a {expected} of format {format}",
        "这是保存的 {found}，不是格式 {format} 的 {expected}",
    ),
    cause=Text("the file belongs to another model or a later version", "该文件属于其他模型或更新的版本"),
    cure=Text("read it with the model it names, or fit again", "请用它所标注的模型读取，或重新拟合"),
)


def dump_state(model: FittedModel[Any]) -> dict[str, Any]:
    """Return settings and everything learnt as JSON-ready data."""
    return {
        "model": model.name,
        "format": FORMAT,
        "settings": model.settings(),
        "parameters": model.parameters_,
        "coordinate_names": list(model.coordinate_names_),
        "coordinates": model.coordinates_.tolist(),
        "covariance": model.covariance_.tolist(),
        "log_likelihood": model.log_likelihood_,
        "days_per_unit": model.days_per_unit_,
        "customers": model.customers_,
        "prior": None if model.prior_ is None else model.prior_.to_dict(),
        "diagnostics": [finding.to_dict() for finding in model.diagnostics_],
    }


def load_state(kind: type[M], data: Mapping[str, Any]) -> M:
    """Return the model that `dump_state` described."""
    if data.get("model") != kind.name or data.get("format") != FORMAT:
        raise WRONG_STATE.error(found=data.get("model"), expected=kind.name, format=FORMAT)
    settings = dict(data["settings"])
    if isinstance(settings.get("prior"), Mapping):
        settings["prior"] = Prior(**settings["prior"])
    model = kind(**settings)
    model.coordinate_names_ = tuple(data["coordinate_names"])
    model.coordinates_ = np.array(data["coordinates"])
    model.covariance_ = np.array(data["covariance"])
    model.log_likelihood_ = data["log_likelihood"]
    model.days_per_unit_ = data["days_per_unit"]
    model.customers_ = data["customers"]
    model.prior_ = None if data["prior"] is None else Prior(**data["prior"])
    model.diagnostics_ = tuple(Finding.from_dict(finding) for finding in data["diagnostics"])
    return model
