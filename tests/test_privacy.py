"""What identifies a resident is starred, what does not stays readable."""

from __future__ import annotations

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analytics.privacy import mask_frame, mask_name, mask_phone, mask_text, without_name


@pytest.mark.parametrize(
    ("name", "shown"),
    [("王建国", "王**"), ("王芳", "王*"), ("王", "*"), (" 欧阳 建国 ", "欧**"), ("", None), (None, None)],
)
def test_a_name_keeps_its_first_character(name, shown):
    assert mask_name(name) == shown


@pytest.mark.parametrize(
    ("phone", "shown"),
    [
        ("13812341234", "138****1234"),
        ("138 1234 1234", "138****1234"),
        ("+86-13812341234", "138****1234"),
        ("１３８１２３４１２３４", "138****1234"),
        ("028-87654321", "****21"),
        ("8765", "****"),
        ("见登记本", "***"),
        (None, None),
    ],
)
def test_a_phone_number_is_starred(phone, shown):
    assert mask_phone(phone) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("请打13812341234找我", "请打138****1234找我"),
        ("电话 138-1234-1234。", "电话 138****1234。"),
        ("身份证51010519900101123X号", "身份证******号"),
        ("座机028-87654321", "座机******"),
        ("写信 wang@example.com", "写信 ***"),
        ("2024-06-03 08:05 在3栋2单元1203", "2024-06-03 08:05 在3栋2单元1203"),
        ("20240603 又漏水", "20240603 又漏水"),
        ("没有号码", "没有号码"),
        (None, None),
    ],
)
def test_numbers_in_free_text_are_starred(text, shown):
    assert mask_text(text) == shown


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.text("一二三，。 找我", max_size=6))
def test_no_mobile_number_survives(number, words):
    assert number not in (mask_text(words + number + words) or "")
    assert number not in (mask_phone(number) or "")


def test_a_frame_is_masked_in_every_personal_column_it_has():
    frame = pd.DataFrame(
        {"case_id": ["1"], "resident": ["王建国"], "phone": ["13812341234"], "content": [None]}
    )
    masked = mask_frame(frame)
    assert masked.loc[0, ["resident", "phone"]].tolist() == ["王**", "138****1234"]
    assert frame.loc[0, "resident"] == "王建国", "the original is left as it was"


def test_a_handler_who_reports_progress_is_no_person():
    shown = mask_frame(pd.DataFrame({"by": ["物业", "王建国", None], "resident": ["物业", "王芳", None]}))
    assert shown["by"].tolist()[:2] == ["物业", "王**"]
    assert shown["resident"].tolist()[:2] == ["物*", "王*"]


@pytest.mark.parametrize(
    ("text", "name", "shown"),
    [
        ("我是王建国，灯不亮", "王建国", "我是王**，灯不亮"),
        ("王师傅说王字牌坏了", "王", "王师傅说王字牌坏了"),
        ("灯不亮", None, "灯不亮"),
        ("李阿姨和李阿姨的猫", " 李阿姨 ", "李**和李**的猫"),
    ],
)
def test_ones_own_name_in_ones_own_words_is_masked(text, name, shown):
    assert without_name(text, name) == shown
