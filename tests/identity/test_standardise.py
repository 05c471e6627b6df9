"""Every standardiser on hand-written values, pleasant and hostile."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tierwise.engine.duckdb import DuckDBEngine
from tierwise.errors import TierwiseError
from tierwise.identity.kinds import Kind
from tierwise.identity.phones import to_e164
from tierwise.identity.standardise import FORMS, standardise

Forms = Callable[..., list[str | None]]

HOSTILE = (
    "",
    " ",
    "\u3000",
    "\u200b",
    "\x00".replace("\x00", "\x01"),
    "'; DROP TABLE given; --",
    '"',
    "\\",
    "a" * 20_000,
    "😀" * 50,
    "%_*",
    "(((",
    "null",
)


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("13800138000", "+8613800138000"),
        ("１３８００１３８０００", "+8613800138000"),
        ("+86 138-0013-8000", "+8613800138000"),
        ("8613800138000", "+8613800138000"),
        ("0086 138 0013 8000", "+8613800138000"),
        ("(010) 6552-9988", "+861065529988"),
        ("021-62881234", "+862162881234"),
        ("+44 20 7031 3000", "+442070313000"),
        ("+1 (650) 253-0000", "+16502530000"),
        ("12345", None),
        ("138****8000", None),
        ("不知道", None),
    ],
)
def test_phones_become_e164(forms: Forms, raw: str, clean: str | None) -> None:
    assert forms(Kind.PHONE, "clean", raw) == [clean]


def test_the_quick_pattern_agrees_with_phonenumbers(forms: Forms) -> None:
    numbers = [f"1{second}{third}55501234"[:11] for second in range(10) for third in range(10)]
    numbers += [f"+86{number}" for number in numbers[:20]] + [f"{number}1" for number in numbers[:20]]
    assert forms(Kind.PHONE, "clean", *numbers) == [to_e164(number, "CN") for number in numbers]


def test_a_masked_phone_keeps_what_can_be_compared(forms: Forms) -> None:
    assert forms(Kind.PHONE, "digits", "138****8000", "+86 138 0013 8000") == ["138****8000", "13800138000"]
    assert forms(Kind.PHONE, "tail", "138****8000", "电话8000") == ["8000", "8000"]


def test_phones_are_read_from_the_home_region(forms: Forms) -> None:
    assert forms(Kind.PHONE, "clean", "(650) 253-0000", region="US") == ["+16502530000"]


def test_an_unknown_region_is_named(forms: Forms) -> None:
    with pytest.raises(TierwiseError) as raised:
        forms(Kind.PHONE, "clean", "1", region="XX")
    assert raised.value.code == "identity.unknown_region"


def test_emails_keep_the_plus_tag_but_compare_without(forms: Forms) -> None:
    raw = (
        " Anna.Lee+Shop@GMAIL.com ",
        "mailto:li@qq.com",
        "Li <li＠qq.com>",
        "li@qq",
        "a..b@qq.com",
        "@qq.com",
        "li@@qq.com",
    )
    assert forms(Kind.EMAIL, "clean", *raw) == [
        "anna.lee+shop@gmail.com",
        "li@qq.com",
        "li@qq.com",
        None,
        None,
        None,
        None,
    ]
    assert forms(Kind.EMAIL, "key", *raw[:2], "a.b+x@qq.com") == ["annalee@gmail.com", "li@qq.com", "a.b@qq.com"]


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("张 慧志", "张慧志"),
        ("张　慧　志", "张慧志"),
        ("曹子欣（老客户）", "曹子欣"),
        ("陈琳桂(VIP)", "陈琳桂"),
        ("赵可-微信", "赵可"),
        ("Mr. John  Smith Jr.", "John Smith"),
        ("ＪＯＨＮ Smith", "JOHN Smith"),
        ("趙可", "趙可"),
        ("古丽·买买提", "古丽·买买提"),
        ("Mary-Jane O'Neil", "Mary-Jane O'Neil"),
        ("（测试）", None),
    ],
)
def test_names_lose_notes_and_titles_and_keep_their_characters(forms: Forms, raw: str, clean: str | None) -> None:
    assert forms(Kind.FULL_NAME, "clean", raw) == [clean]


def test_simplified_and_case_are_forms_to_compare_by(forms: Forms) -> None:
    assert forms(Kind.FULL_NAME, "key", "趙可", "赵可", "JOHN  Smith", "José") == ["赵可", "赵可", "john smith", "jose"]


def test_names_that_sound_the_same_share_their_sound(forms: Forms) -> None:
    sounds = forms(Kind.FULL_NAME, "sound", "张慧志", "張慧志", "章慧志", "Huizhi Zhang", "Zhang Huizhi", "李慧志")
    assert set(sounds[:5]) == {"huizhi zhang"} and sounds[5] == "huizhi li"


def test_surnames_have_readings_of_their_own(forms: Forms) -> None:
    assert forms(Kind.FULL_NAME, "sound", "曾国", "欧阳娜", "单田") == ["guo zeng", "na ouyang", "shan tian"]


def test_a_title_in_place_of_a_given_name_is_only_part_of_a_name(forms: Forms) -> None:
    names = ("张总", "欧阳女士", "王经理", "张慧志先生", "张慧志", "王")
    assert forms(Kind.FULL_NAME, "part", *names) == [True, True, True, False, False, True]
    assert forms(Kind.FULL_NAME, "family", *names) == ["张", "欧阳", "王", "张", "张", "王"]
    assert forms(Kind.FULL_NAME, "key", "张慧志先生") == ["张慧志"]


@pytest.mark.parametrize(
    ("raw", "core", "place"),
    [
        ("南京市华智商贸有限公司", "华智商贸", "南京"),
        ("华智商贸（南京）有限责任公司", "华智商贸", "南京"),
        ("华智商贸", "华智商贸", None),
        ("上海力华网络科技股份有限公司", "力华网络科技", "上海"),
        ("苏州康海机械设备有限任公司", "康海机械设备", "苏州"),
        ("海东商贸", "海东商贸", "海东"),
        ("Acme Trading Co., Ltd.", "acmetrading", None),
        ("ACME Trading Inc", "acmetrading", None),
        ("Müller & Söhne GmbH & Co. KG", "mullersohne", None),
        ("Peugeot S.A.", "peugeot", None),
        ("有限公司", "有限公司", None),
    ],
)
def test_companies_lose_legal_form_and_place(forms: Forms, raw: str, core: str, place: str | None) -> None:
    assert forms(Kind.COMPANY, "core", raw) == [core]
    assert forms(Kind.COMPANY, "place", raw) == [place]


@pytest.mark.parametrize(
    ("raw", "province", "city", "street", "door"),
    [
        ("江苏省苏州市工业园区建设路310号翡翠湾20栋4单元101", "江苏", "苏州", "建设路310", "101"),
        ("苏州建设路310号翡翠湾20-4-101", "江苏", "苏州", "建设路310", "101"),
        ("江苏苏州市建设路310号", "江苏", "苏州", "建设路310", None),
        ("上海市徐汇区建设路75号万科城17栋202室", "上海", "上海", "建设路75", "202"),
        ("吉林市船营区解放路9号", "吉林", "吉林", "解放路9", None),
        ("吉林省吉林市船营区解放路9号", "吉林", "吉林", "解放路9", None),
        ("陕西省碑林区金融街81号", "陕西", None, "金融街81", None),
        ("12 Archibald Street", None, None, "12 archibald", None),
    ],
)
def test_addresses_give_province_city_street_and_door(
    forms: Forms, raw: str, province: str | None, city: str | None, street: str | None, door: str | None
) -> None:
    found = [forms(Kind.ADDRESS, form, raw)[0] for form in ("province", "city", "street", "door")]
    assert found == [province, city, street, door]


def test_cities_are_one_whether_or_not_they_say_so(forms: Forms) -> None:
    assert forms(Kind.CITY, "clean", "苏州市", "苏州", "江苏省苏州市", "沙市", "LONDON ") == [
        "苏州",
        "苏州",
        "苏州",
        "沙市",
        "london",
    ]


def test_dates_of_birth_are_read_only_where_they_are_certain(forms: Forms) -> None:
    raw = (
        "1990-01-31",
        "19900131",
        "1990年1月31日",
        "31/01/1990",
        "01/31/1990",
        "01/02/1990",
        "1990-02-30",
        "1990-01-31 00:00:00",
    )
    assert forms(Kind.BIRTH_DATE, "clean", *raw) == [*["1990-01-31"] * 5, None, None, "1990-01-31"]
    assert forms(Kind.BIRTH_DATE, "digits", "1990-02-30", "31/01/1990") == ["19900230", "19900131"]


def test_codes_keep_letters_and_digits(forms: Forms) -> None:
    assert forms(Kind.ID_NUMBER, "clean", " 11010519491231002x ", "110-105") == ["11010519491231002X", "110105"]
    assert forms(Kind.POSTCODE, "clean", "sw1a 1aa") == ["SW1A1AA"]


@pytest.mark.parametrize("kind", Kind)
def test_hostile_values_neither_fail_nor_lose_a_row(forms: Forms, kind: Kind) -> None:
    assert len(forms(kind, "clean", *HOSTILE, None)) == len(HOSTILE) + 1
    assert forms(kind, "clean", "", " ", "\u3000\u200b", "NULL", "无", None) == [None] * 6


def test_raw_values_stay_as_they_are(duck: DuckDBEngine, load: Callable[..., str]) -> None:
    table = load("people", [{"id": "1", "name": " 趙 可（老客户）", "phone": "１３８００１３８０００"}])
    made = standardise(duck, table, {"name": Kind.FULL_NAME, "phone": Kind.PHONE})
    (row,) = duck.native_records("row", f"SELECT * FROM {made}")
    assert (row["id"], row["name"], row["phone"]) == ("1", " 趙 可（老客户）", "１３８００１３８０００")
    assert set(row) == {"id", "name", "phone"} | {
        f"{c}_{f}" for c, k in (("name", Kind.FULL_NAME), ("phone", Kind.PHONE)) for f in FORMS[k]
    }


def test_all_that_is_wrong_with_a_mapping_is_said_at_once(duck: DuckDBEngine, load: Callable[..., str]) -> None:
    table = load("people", [{"a": "1", "b": "2"}])
    with pytest.raises(TierwiseError) as raised:
        standardise(duck, table, {"a": Kind.PHONE, "b": Kind.PHONE, "c": Kind.EMAIL})
    assert [problem.kind.code for problem in raised.value.problems] == [
        "identity.unknown_column",
        "identity.kind_twice",
    ]
