"""Objects within the rows of JSON lines and Parquet files."""

from __future__ import annotations

import json

import pytest

from tierwise.sources.nested import DEEPEST, MOST_FIELDS

ORDER = {
    "id": 1, "customer": {"id": "c1", "email": "a@b.example"}, "created_at": "2025-01-02",
    "total": {"amount": "12.50", "currency": "EUR"}, "items": [{"sku": "a", "qty": 2}],
}  # fmt: skip


def lines(*rows):
    return "".join(json.dumps(row) + "\n" for row in rows)


def names(raw):
    return [column.name for column in raw.columns]


def test_fields_of_objects_are_columns_and_lists_stay_text(written, opened, rows):
    raw = opened(written("o.jsonl", lines(ORDER)))
    assert names(raw) == [
        "id",
        "customer.id",
        "customer.email",
        "created_at",
        "total.amount",
        "total.currency",
        "items",
    ]
    assert rows(raw)[0][1:7] == ("1", "c1", "a@b.example", "2025-01-02", "12.50", "EUR")
    assert json.loads(rows(raw)[0][7]) == ORDER["items"]
    assert ["items" in note.en and "items" in note.zh for note in raw.notes] == [True]


def test_a_file_without_objects_has_nothing_to_say(written, opened):
    assert opened(written("o.jsonl", lines({"a": 1}))).notes == ()


@pytest.mark.parametrize("nothing", [None, {}, []])
def test_rows_without_the_object_have_empty_fields(nothing, written, opened, rows):
    raw = opened(written("o.jsonl", lines({"n": 1, "c": nothing}, {"n": 2, "c": {"id": "x", "~/k": 3}}, {"n": 3})))
    assert names(raw) == ["n", "c.id", "c.~/k"]
    assert [row[2:] for row in rows(raw)] == [(None, None), ("x", "3"), (None, None)]


def test_what_is_not_always_an_object_stays_whole(written, opened, rows):
    raw = opened(written("o.jsonl", lines({"c": "c1"}, {"c": {"id": "c2"}})))
    assert names(raw) == ["c"]
    assert [row[1] for row in rows(raw)] == ["c1", '{"id":"c2"}']
    assert raw.notes


def test_a_dotted_name_that_is_there_already_is_kept(written, opened, rows):
    raw = opened(written("o.jsonl", lines({"c.id": "own", "c": {"id": "c2"}})))
    assert names(raw) == ["c.id", "c"]
    assert rows(raw)[0][1] == "own"


def test_depth_and_width_have_a_limit(written, opened):
    deep = {"end": 1}
    for _ in range(DEEPEST + 3):
        deep = {"d": deep}
    wide = {f"k{n}": n for n in range(MOST_FIELDS + 1)}
    raw = opened(written("o.jsonl", lines({"deep": deep, "wide": wide})))
    assert names(raw) == ["deep" + ".d" * (DEEPEST - 1), "wide"]
    assert "wide" in raw.notes[0].en


def test_structs_of_parquet_are_columns_of_their_types(tmp_path, engine, opened, rows):
    path = tmp_path / "o.parquet"
    engine.native(
        "write",
        "COPY (SELECT 1 AS id, {'id': 'c1', 'na\"me': {'first': 'A'}} AS customer, {'amount': 1.5::DECIMAL(9,2)} AS total, "
        "[{'sku': 'a'}] AS items, MAP {'k': 1} AS extra, [1.5::DECIMAL(9,2)] AS prices UNION ALL BY NAME SELECT 2 AS id) "
        f"TO '{path}' (FORMAT parquet)",
    )
    raw = opened(path)
    assert names(raw) == ["id", "customer.id", 'customer.na"me.first', "total.amount", "items", "extra", "prices"]
    assert [column.kind for column in raw.columns[3:]] == ["decimal", "other", "other", "other"]
    assert sorted(row[:4] for row in rows(raw)) == [(1, 1, "c1", "A"), (2, 2, None, None)]
    assert all(name in raw.notes[0].en for name in ("items", "extra", "prices"))
    assert not list((tmp_path / "scratch").iterdir())


def test_only_an_id_that_never_repeats_is_unique(written, opened):
    found = [opened(written(f"{n}.csv", f"id,n\n{ids}")).columns[0].unique for n, ids in
             enumerate(("1,a\n2,a\n,a\n,a\n", "1,a\n2,a\n1,b\n", ",a\n,b\n"))]  # fmt: skip
    assert found == [True, False, False]
