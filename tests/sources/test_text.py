"""Delimited text: encodings, delimiters, line ends, rows that do not fit, and files that are broken."""

from __future__ import annotations

import gzip
import hashlib
import os

import pytest

from tierwise.errors import TierwiseError
from tierwise.language import Lang

ORDERS = "客户编号,下单时间,实付金额,门店\n0001,2025-03-04,12.50,北京路店\n0002,2025-03-05,8.00,上海路店\n"
EXPECTED = [(1, "0001", "2025-03-04", "12.50", "北京路店"), (2, "0002", "2025-03-05", "8.00", "上海路店")]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gb18030", "gbk"])
def test_every_encoding_gives_the_same_rows(encoding, written, opened, rows):
    raw = opened(written("orders.csv", ORDERS.encode(encoding)))
    assert [column.name for column in raw.columns] == ["客户编号", "下单时间", "实付金额", "门店"]
    assert rows(raw) == EXPECTED
    assert raw.rows_read == 2


def test_utf16_big_endian_with_its_mark(written, opened, rows):
    assert rows(opened(written("orders.csv", b"\xfe\xff" + ORDERS.encode("utf-16-be")))) == EXPECTED


def test_an_encoding_that_is_given_is_used(written, opened, rows):
    raw = opened(written("a.csv", "name,city\nRenée,Orléans\n".encode("cp1252")), encoding="cp1252")
    assert rows(raw) == [(1, "Renée", "Orléans")]


def test_latin_letters_are_not_taken_for_chinese(written, opened, rows):
    text = "name,city\n" + "Hélène,Orléans\nRenée,Besançon\nMüller,Köln\n" * 20
    raw = opened(written("a.csv", text.encode("cp1252")))
    assert rows(raw)[0] == (1, "Hélène", "Orléans")
    assert "cp1252" in raw.lasting_notes[0].en and "cp1252" in raw.lasting_notes[0].zh


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("cp1251", "Анна,Москва\nПётр,Тверь\n"),
        ("cp1250", "Małgorzata,Łódź\nŻaneta,Wąchock\n"),
        ("cp1253", "Ελένη,Αθήνα\n"),
    ],
)
def test_other_alphabets_are_not_taken_for_western(encoding, text, written, opened):
    with pytest.raises(TierwiseError) as caught:
        opened(written("a.csv", ("name,city\n" + text * 20).encode(encoding)))
    assert caught.value.code == "input.encoding"
    assert caught.value.problems[0].place.line in (2, 3)
    assert "--encoding" in caught.value.to(Lang.ZH)


def test_a_pound_sign_among_plain_letters_is_western(written, opened, rows):
    raw = opened(written("a.csv", "item,price\nCREAM £5 VOUCHER,5\nMUG,3\n".encode("cp1252")))
    assert rows(raw)[0] == (1, "CREAM £5 VOUCHER", "5")


@pytest.mark.parametrize("encoding", ["utf-32", "utf-32-le"])
def test_utf32_is_told_by_its_mark(encoding, written, opened, rows):
    mark = b"" if encoding == "utf-32" else b"\xff\xfe\0\0"
    assert rows(opened(written("orders.csv", mark + ORDERS.encode(encoding)))) == EXPECTED


def test_a_few_zero_bytes_are_left_out_and_said(written, opened, rows):
    content = "a,b\n" + "".join(f"{n},some text\n" for n in range(500)) + "500,te\0xt\n"
    raw = opened(written("a.csv", content))
    assert rows(raw)[-1] == (501, "500", "text")
    assert "1 zero bytes" in raw.lasting_notes[0].en


TITLES = {
    "of a report": "Orders report\nGenerated 2025-03-31\n",
    "filled up with commas": "Orders report,,,\n\nFrom,2025-01-01,,\n",
    "in comments": "# exported by a tool\n# on 2025-03-31\n",
    "of Excel": "sep=,\n",
}


@pytest.mark.parametrize("titles", TITLES.values(), ids=TITLES)
def test_titles_above_the_header_are_skipped(titles, written, opened, rows):
    raw = opened(written("orders.csv", titles + ORDERS + "0003\n0004,2025-03-06,1,x\n"))
    assert rows(raw) == [*EXPECTED, (4, "0004", "2025-03-06", "1", "x")]
    assert (raw.bad_examples[0].row, raw.bad_examples[0].line) == (3, titles.count("\n") + 4)
    assert any("title" in note.en for note in raw.notes)


def test_the_separator_that_excel_names_is_taken(written, opened, rows):
    assert rows(opened(written("a.csv", "sep=;\na;b\n1,5;2,5\n"))) == [(1, "1,5", "2,5")]


def test_columns_that_only_blanks_part_under_names_that_are_given(written, opened, rows):
    """The text files of CDNOW: no header, and blanks in front of the first column."""
    cdnow = " 00001 19970101  1   11.77\r\n 00002 19970112 12   77.00\r\n"
    path = written("CDNOW_master.txt", cdnow)
    with pytest.raises(TierwiseError) as caught:
        opened(path)
    assert caught.value.code == "input.no_header" and "--header" in caught.value.problems[0].cure.zh
    raw = opened(path, header=("customer_id", "date", "quantity", "amount"))
    assert rows(raw) == [(1, "00001", "19970101", "1", "11.77"), (2, "00002", "19970112", "12", "77.00")]
    with pytest.raises(TierwiseError) as caught:
        opened(path, header=("customer_id", "date", "amount"))
    assert caught.value.code == "input.header_count"


def test_one_column_asks_for_the_mark_that_parts_it(written, opened, rows):
    path = written("a.csv", "id^date^amount\n1^2025-01-01^2\n")
    with pytest.raises(TierwiseError) as caught:
        opened(path)
    assert caught.value.code == "input.one_column" and '--delimiter "^"' in caught.value.problems[0].cure.en
    assert rows(opened(path, delimiter="^")) == [(1, "1", "2025-01-01", "2")]


def test_a_backslash_at_the_end_of_a_cell_is_a_letter(written, opened, rows):
    raw = opened(written("a.csv", 'id,path\n"1","C:\\Temp\\"\n"2","say ""hi"""\n'))
    assert rows(raw) == [(1, "1", "C:\\Temp\\"), (2, "2", 'say "hi"')]


def test_quotes_behind_a_backslash(written, opened, rows):
    raw = opened(written("a.csv", 'id,note,n\n"1","say \\"hi\\" ok","2"\n"3","plain","4"\n'))
    assert rows(raw) == [(1, "1", 'say "hi" ok', "2"), (2, "3", "plain", "4")]


def test_an_encoding_that_does_not_fit_names_the_byte(written, opened):
    with pytest.raises(TierwiseError) as caught:
        opened(written("a.csv", "name\nok\nRen\u00e9e\n".encode("cp1252")), encoding="utf-8")
    assert caught.value.code == "input.encoding"
    assert caught.value.problems[0].place.line == 3


def test_an_unknown_encoding_is_an_error(written, opened):
    with pytest.raises(TierwiseError) as caught:
        opened(written("a.csv", "a\n1\n"), encoding="klingon")
    assert caught.value.code == "input.unknown_encoding"


def test_a_broken_byte_in_utf8_costs_its_row_only(written, opened, rows):
    good = "编号,名称\n" + "".join(f"{n},商品名称{n}\n" for n in range(1, 30))
    raw = opened(written("a.csv", good.encode() + b"30,\xff\xfe\n31,\xe5\x95\x86\n"))
    assert raw.rows_read == 31
    assert raw.bad_rows == 1
    assert raw.bad_examples[0].row == 30
    assert raw.bad_examples[0].line == 31
    assert rows(raw)[-1] == (31, "31", "商")


def test_binary_files_are_refused(written, opened):
    with pytest.raises(TierwiseError) as caught:
        opened(written("orders.csv", bytes(range(256)) * 40))
    assert caught.value.code == "input.not_text"


@pytest.mark.parametrize("delimiter", [",", "\t", ";", "|"])
def test_delimiters_are_found(delimiter, written, opened, rows):
    lines = [["id", "note", "amount"], ["1", "a, b; c", "2,5"], ["2", "x|y", "3,5"]]
    text = "\n".join(delimiter.join(f'"{cell}"' for cell in line) for line in lines) + "\n"
    assert rows(opened(written("a.txt", text))) == [(1, "1", "a, b; c", "2,5"), (2, "2", "x|y", "3,5")]


def test_quotes_newlines_and_windows_line_ends(written, opened, rows):
    raw = opened(written("a.csv", 'a,b\r\n1,"two\r\nlines"\r\n2,"say ""hi"""\r\n3,4\n'))
    assert rows(raw) == [(1, "1", "two\nlines"), (2, "2", 'say "hi"'), (3, "3", "4")]


@pytest.mark.parametrize("ends", ["\r\n", "\r", "\n"])
def test_line_ends_may_be_mixed(ends, written, opened, rows):
    raw = opened(written("a.csv", f'a,b{ends}1,"x"\n2,y\r3,"z"\r\n4,""'))
    assert [row[1] for row in rows(raw)] == ["1", "2", "3", "4"]


def test_mixed_line_ends_and_a_broken_byte(written, opened, rows):
    good = "编号,名称\r\n" + "".join(f"{n},商品名称{n}\n" for n in range(1, 30))
    raw = opened(written("a.csv", good.encode() + b"30,\xff\n"))
    assert (raw.rows_read, raw.bad_rows) == (30, 1)


def test_rows_that_do_not_fit_are_counted_and_keep_the_numbers_of_the_others(written, opened, rows, engine):
    raw = opened(written("a.csv", "a,b,c\n1,2,3\n4,5\n6,7,8,9\n10,11,12\n13,14\n15,16,17\n"))
    assert raw.rows_read == 6
    assert [row[0] for row in rows(raw)] == [1, 4, 6]
    bad = engine.native("bad", f'SELECT row_number, bad_value, reason_en FROM "{raw.bad_relation}" ORDER BY 1')
    assert bad == [
        (2, "4,5", "fewer columns than the header"),
        (3, "6,7,8,9", "more columns than the header"),
        (5, "13,14", "fewer columns than the header"),
    ]


def test_a_quote_that_is_never_closed_sets_the_rest_aside(written, opened, rows):
    raw = opened(written("a.csv", 'a,b\n1,2\n3,"4\n5,6\n'))
    assert rows(raw) == [(1, "1", "2")]
    assert raw.bad_rows == 1
    assert raw.bad_examples[0].line == 3


def test_a_quote_that_swallows_a_good_part_of_the_file_is_an_error(written, opened):
    with pytest.raises(TierwiseError) as caught:
        opened(written("a.csv", 'a,b\n1,2\n3,"4\n' + "5,6\n" * 1_000_000))
    assert caught.value.code == "input.open_quote"
    assert caught.value.problems[0].place.line == 3


@pytest.mark.parametrize("text", ['a,b\n1,2\n5"x,6', 'a,b\n1,2\n5,"6""x"\n3,4"', 'a,b\n1,2\n3,4"\n'])
def test_stray_quotes_that_open_nothing_are_letters(text, written, opened, rows):
    raw = opened(written("a.csv", text))
    assert raw.bad_rows == 0
    assert raw.rows_read == text.count("\n") - (text[-1] == "\n")


def test_a_cell_of_ten_million_characters_is_set_aside(written, opened, rows):
    raw = opened(written("a.csv", "a,b\n1,2\n3," + "x" * 10_000_000 + "\n5,6\n"))
    assert [row[1] for row in rows(raw)] == ["1", "5"]
    assert raw.bad_rows == 1
    assert raw.bad_examples[0].row == 2


def test_a_long_cell_with_line_breaks_in_a_quote_does_not_crash(written, opened):
    raw = opened(written("a.csv", 'a,b\n1,2\n3,"' + "x\n" * 2_000_000 + '"\n5,6\n'))
    assert raw.rows_read >= 2


def test_many_rows_are_numbered_in_the_order_of_the_file(written, opened, engine):
    text = "n,t\n" + "".join(f'{n},"line\n{n}"\n' if n % 7 else f"{n}\n" for n in range(1, 200_001))
    raw = opened(written("a.csv", text))
    assert raw.rows_read == 200_000
    assert raw.bad_rows == 200_000 // 7
    wrong = engine.native("order", f'SELECT count(*) FROM "{raw.relation}" WHERE CAST(c1 AS BIGINT) <> row_number')
    assert wrong == [(0,)]


def test_gzip_is_read_and_a_cut_one_is_an_error(written, opened, rows):
    packed = gzip.compress(ORDERS.encode() * 1)
    assert rows(opened(written("orders.csv.gz", packed))) == EXPECTED
    with pytest.raises(TierwiseError) as caught:
        opened(written("cut.csv.gz", gzip.compress(os.urandom(50_000).hex().encode())[:-20_000]))
    assert caught.value.code == "input.damaged"


def test_gzip_in_another_encoding(written, opened, rows):
    assert rows(opened(written("orders.csv.gz", gzip.compress(ORDERS.encode("gb18030"))))) == EXPECTED


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "input.empty"),
        (b"  \n \n", "input.empty"),
        (b"\xef\xbb\xbf", "input.empty"),
        (b"customer_id,order_date,amount\n", "input.no_rows"),
        (b"customer_id\n1\n2\n", "input.one_column"),
        (b"1001,2025-03-04,12.5\n1002,2025-03-05,13.5\n", "input.no_header"),
        (b'"a,b\n' + b"x" * 400_000, "input.long_header"),
    ],
)
def test_files_that_are_no_tables(content, code, written, opened):
    with pytest.raises(TierwiseError) as caught:
        opened(written("orders.csv", content))
    assert caught.value.code == code
    assert "orders.csv" in str(caught.value)


def test_names_that_come_again_are_numbered(written, opened):
    raw = opened(written("a.csv", "金额, 日期 ,日期,日期\n1,2,3,4\n"))
    assert [column.name for column in raw.columns] == ["金额", "日期", "日期 (2)", "日期 (3)"]


def test_headers_that_differ_in_case_only_stay_apart(written, opened, rows):
    raw = opened(written("a.csv", "ID,id,row_number,\n1,2,3,4\n"))
    assert [column.name for column in raw.columns] == ["ID", "id", "row_number", "column 4"]
    assert rows(raw) == [(1, "1", "2", "3", "4")]


def test_the_fingerprint_is_that_of_the_bytes(written, opened):
    for name, content in (("a.csv", ORDERS.encode("gb18030")), ("b.csv.gz", gzip.compress(ORDERS.encode()))):
        assert opened(written(name, content)).fingerprint == hashlib.sha256(content).hexdigest()


def test_names_that_look_like_patterns_are_names(written, opened, rows):
    assert rows(opened(written("orders [1]*.csv", ORDERS))) == EXPECTED


@pytest.mark.slow
@pytest.mark.parametrize("multiline", [True, False])
def test_big_files_are_read_the_same_by_many_threads(multiline, tmp_path, engine, opened):
    """Cells whose second line looks like a row of its own, in a file that is large enough to be divided."""
    path, rows = tmp_path / "big.csv", 4_000_000
    with path.open("w") as file:
        file.write("n,t,u\n")
        for start in range(1, rows + 1, 100_000):
            file.writelines(
                f"{n},bad\n"
                if n % 999_983 == 0
                else f'{n},"multi\nline, {n}",abcdefgh\n'
                if multiline and n % 3 == 0
                else f'{n},"some text {n}",abcdefgh\n'
                for n in range(start, start + 100_000)
            )
    engine.native("threads", "SET threads = 4")
    raw = opened(path)
    assert (raw.rows_read, raw.bad_rows) == (rows, rows // 999_983)
    wrong = engine.native(
        "order", f'SELECT count(*) FROM "{raw.relation}" WHERE TRY_CAST(c1 AS BIGINT) IS DISTINCT FROM row_number'
    )
    assert wrong == [(0,)]
    assert [example.row for example in raw.bad_examples] == [999_983, 1_999_966, 2_999_949]


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_blank_lines_are_no_records_even_where_rows_are_bad(tmp_path, engine, opened, rows, end):
    lines = ["a,b", "1,x", "", "", '2,"y', "", 'z"', "3", "", "4,w", "5", "6,v", ""]
    (tmp_path / "gaps.csv").write_bytes(end.join(lines).encode())
    raw = opened(tmp_path / "gaps.csv")
    assert [row[:2] for row in rows(raw)] == [(1, "1"), (2, "2"), (4, "4"), (6, "6")]
    bad = engine.native("bad", f'SELECT row_number, bad_value FROM "{raw.bad_relation}" ORDER BY 1')
    assert bad == [(3, "3"), (5, "5")]
    assert [example.line for example in raw.bad_examples] == [8, 11]
