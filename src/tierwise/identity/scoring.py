"""Score pairs of records with Splink: what each agreement and disagreement weighs is learned from the data.

Fellegi and Sunter (1969): the weight of a level is log2(m / u), m how often pairs of one customer show it, u how often
two records of different customers do. m is learned by expectation maximisation over the pairs that share one strong
field, each such field teaching the others. u is counted on random pairs. Among random pairs are a few of one customer,
and in a table full of duplicates they are most of those that share a telephone: `chance.py` takes them out.
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable, Collection
from dataclasses import dataclass
from typing import Any

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.identity.chance import floored, without_matches
from tierwise.identity.comparisons import DIFFERENT, Comparison, comparisons_for
from tierwise.identity.folding import quoted, words

_SEED = 20_240_601
_RANDOM_PAIRS = 1_000_000
_TEACHING_PAIRS = 500_000
_BATCH_PAIRS = 500_000
_TAUGHT_BY = words(
    "phone email id_number birth name_sound company_core address_key address_street postcode surname given"
)


@dataclass(frozen=True)
class Scored:
    """Pairs with their weights: `table` has n_l, n_r, match_weight (log2 of the odds), and gamma_… and mw_… a field.

    It is a view of the stored table `levels`; drop that when done. `model` is Splink's own description of the model, by
    which every weight can be explained.
    """

    table: str
    levels: str
    model: dict[str, Any]


def comparison_settings(comparison: Comparison) -> dict[str, Any]:
    """One comparison as Splink's own settings."""
    unknown = {"sql_condition": comparison.unknown, "label_for_charts": "unknown", "is_null_level": True}
    levels: list[dict[str, Any]] = [unknown]
    for level in comparison.levels:
        entry: dict[str, Any] = {"sql_condition": level.sql, "label_for_charts": level.label.en}
        if level.rare:
            entry |= {
                "tf_adjustment_column": level.rare,
                "tf_adjustment_weight": 1.0,
                "disable_tf_exact_match_detection": True,
            }
        levels.append(entry)
    levels.append({"sql_condition": "ELSE", "label_for_charts": DIFFERENT.en})
    return {"output_column_name": comparison.field, "comparison_levels": levels}


Compare = Callable[[DuckDBEngine, dict[str, Any], str, str], str]
"""Makes `<pairs>_levels` (n_l, n_r, gamma_…, mw_…, mw_tf_adj_…) of a model, a table of records and one of pairs."""


def score(
    engine: DuckDBEngine, records: str, columns: Collection[str], pairs: str, compare: Compare | None = None
) -> Scored:
    """Learn the weights from a table of records and give every one of `pairs` (n_l, n_r) its weight.

    They are learned here, from pairs of a bounded number; `compare` compares all of them somewhere else.
    """
    import splink

    logging.getLogger("splink").setLevel(logging.ERROR)
    api = splink.DuckDBAPI(connection=engine.connection)
    learned = _learn(splink, api.register(records), columns)
    first = (compare or _levels)(engine, learned, records, pairs)
    gammas = ", ".join(f"gamma_{comparison['output_column_name']}" for comparison in learned["comparisons"])
    patterns = engine.native("patterns", f"SELECT {gammas}, count(*) FROM {quoted(first)} GROUP BY ALL ORDER BY ALL")
    count = engine.native("count", f"SELECT count(*) FROM {quoted(records)}")[0][0]
    model = without_matches(learned, patterns, count * (count - 1) // 2)
    name = f"{pairs}_weights"
    engine.native(name, f"CREATE OR REPLACE TEMP VIEW {quoted(name)} AS {_weighed(model, first)}")
    return Scored(name, first, model)


def _weighed(model: dict[str, Any], first: str) -> str:
    """SQL: the scored pairs with the weights of the corrected model, from the levels that were found once.

    A level whose rare values weigh more gets log2(m / frequency of the value): u is in neither, and nothing changes.
    """
    weights = {}
    for comparison in model["comparisons"]:
        field = comparison["output_column_name"]
        levels = [level for level in comparison["comparison_levels"] if not level.get("is_null_level")]
        cases = [
            f"WHEN {len(levels) - 1 - place} THEN {_level_weight(field, level)}" for place, level in enumerate(levels)
        ]
        weights[field] = f"CASE gamma_{field} {' '.join(cases)} ELSE 0.0::DOUBLE END"
    share = model["probability_two_random_records_match"]
    whys = ", ".join(f"gamma_{field}, {sql} AS mw_{field}" for field, sql in weights.items())
    total = " + ".join(f"mw_{field}" for field in weights)
    prior = f"{math.log2(share / (1 - share))!r}::DOUBLE"
    return f"SELECT *, {prior} + {total} AS match_weight FROM (SELECT n_l, n_r, {whys} FROM {quoted(first)})"


def _level_weight(field: str, level: dict[str, Any]) -> str:
    if level.get("tf_adjustment_column"):
        return f"mw_{field} + mw_tf_adj_{field}"
    return f"{math.log2(level['m_probability'] / level['u_probability'])!r}::DOUBLE"


def _learn(splink: Any, table: Any, columns: Collection[str]) -> dict[str, Any]:
    teachers = [column for column in _TAUGHT_BY if column in columns]
    settings = splink.SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="n",
        comparisons=[comparison_settings(comparison) for comparison in comparisons_for(columns)],
        blocking_rules_to_generate_predictions=[splink.block_on(column) for column in teachers],
        retain_intermediate_calculation_columns=True,
        retain_matching_columns=True,
    )
    linker = splink.Linker(table, settings, log_level=None)
    linker.training.estimate_u_using_random_sampling(max_pairs=_RANDOM_PAIRS, seed=_SEED)
    for column in teachers:
        try:
            linker.training.estimate_parameters_using_expectation_maximisation(
                splink.block_on(column), estimate_without_term_frequencies=True, max_pairs=_TEACHING_PAIRS
            )
        except splink.internals.exceptions.EMTrainingException:
            continue  # no two records share this field: it has nothing to teach
        except ValueError as error:
            # Splink refuses an m below 1e-300, as that of a level which none of these pairs shows can become; what this
            # field would have taught is dropped whole, the others teach.
            if "below the minimum allowed" not in str(error):
                raise
    return floored(linker.misc.save_model_to_json(out_path=None))


def _levels(engine: DuckDBEngine, model: dict[str, Any], records: str, pairs: str) -> str:
    """Make `<pairs>_levels`: each pair compared once, batch by batch.

    Splink hands back every compared value with each pair; in batches they never fill the memory.
    """
    import splink

    api = splink.DuckDBAPI(connection=engine.connection)
    linker = splink.Linker(api.register(records), model, log_level=None)
    name, batch = f"{pairs}_levels", f"{pairs}_batch"
    count = engine.native("count", f"SELECT count(*) FROM {quoted(pairs)}")[0][0]
    for start in range(0, max(count, 1), _BATCH_PAIRS):
        engine.native(
            batch,
            f"CREATE OR REPLACE TEMP VIEW {quoted(batch)} AS SELECT n_l AS join_key_l, n_r AS join_key_r, '0' AS match_key"
            f" FROM {quoted(pairs)} WHERE rowid >= {start} AND rowid < {start + _BATCH_PAIRS}",
        )
        linker.table_management.register_blocked_pairs_for_predict(api.register(batch))
        found = linker.inference.predict(warning_mode="never").physical_name
        rows = f"SELECT n_l, n_r, {', '.join(kept_columns(model))} FROM {found}"
        make = f"INSERT INTO {quoted(name)}" if start else f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS"
        engine.native(name, f"{make} {rows}")
        engine.native(batch, f"DROP TABLE {found}")
    return name


def kept_columns(model: dict[str, Any]) -> list[str]:
    """SQL: what is kept of a compared pair: its levels, and the weights of rare values."""
    columns = []
    for comparison in model["comparisons"]:
        field = comparison["output_column_name"]
        columns.append(f"CAST(gamma_{field} AS TINYINT) AS gamma_{field}")
        if any(level.get("tf_adjustment_column") for level in comparison["comparison_levels"]):
            columns += [f"mw_{field}", f"mw_tf_adj_{field}"]
    return columns
