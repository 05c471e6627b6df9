"""Score pairs of records with Splink: what each agreement and disagreement weighs is learned from the data.

Fellegi and Sunter (1969): the weight of a level is log2(m / u), m how often pairs of one customer show it, u how often
two records of different customers do. m is learned by expectation maximisation over the pairs that share one strong
field, each such field teaching the others. u is counted on random pairs. Among random pairs are a few of one customer,
and in a table full of duplicates they are most of those that share a telephone: `chance.py` takes them out.
"""

from __future__ import annotations

import logging
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.identity.chance import floored, without_matches
from tierwise.identity.comparisons import DIFFERENT, Comparison, comparisons_for
from tierwise.identity.folding import quoted, words

_SEED = 20_240_601
_RANDOM_PAIRS = 1_000_000
_TEACHING_PAIRS = 500_000
_TAUGHT_BY = words(
    "phone email id_number birth name_sound company_core address_key address_street postcode surname given"
)


@dataclass(frozen=True)
class Scored:
    """Pairs with their weights: `table` has record_l, record_r, match_weight (log2 of the odds) and a column mw_… a field.

    `model` is Splink's own description of the model, by which every weight can be explained.
    """

    table: str
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


def score(engine: DuckDBEngine, records: str, columns: Collection[str], pairs: str) -> Scored:
    """Learn the weights from a table of records and give every one of `pairs` (record_l, record_r) its weight."""
    import splink

    logging.getLogger("splink").setLevel(logging.ERROR)
    api = splink.DuckDBAPI(connection=engine.connection)
    table = api.register(records)
    blocked = f"{pairs}_blocked"
    engine.native(
        blocked,
        f"CREATE OR REPLACE TEMP VIEW {quoted(blocked)} AS SELECT record_l AS join_key_l, record_r AS join_key_r,"
        f" '0' AS match_key FROM {quoted(pairs)}",
    )
    to_score = api.register(blocked)
    learned = _learn(splink, table, columns)
    first = _predict(splink, table, learned, to_score)
    fields = [comparison["output_column_name"] for comparison in learned["comparisons"]]
    gammas = ", ".join(f"gamma_{field}" for field in fields)
    patterns = engine.native("patterns", f"SELECT {gammas}, count(*) FROM {first} GROUP BY ALL ORDER BY ALL")
    engine.native("patterns", f"DROP TABLE {first}")
    count = engine.native("count", f"SELECT count(*) FROM {quoted(records)}")[0][0]
    model = without_matches(learned, patterns, count * (count - 1) // 2)
    return Scored(_predict(splink, table, model, to_score), model)


def _learn(splink: Any, table: Any, columns: Collection[str]) -> dict[str, Any]:
    teachers = [column for column in _TAUGHT_BY if column in columns]
    settings = splink.SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="record",
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


def _predict(splink: Any, table: Any, model: dict[str, Any], to_score: Any) -> str:
    linker = splink.Linker(table, model, log_level=None)
    linker.table_management.register_blocked_pairs_for_predict(to_score)
    return str(linker.inference.predict(warning_mode="never").physical_name)
