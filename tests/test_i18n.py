"""Every word on screen has its English, with the same placeholders, and no word is left over."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from analytics import i18n

ROOT = Path(__file__).parents[1]
FOLDERS = ("analytics", "ui", "pages", "sample_data")
KEYWORDS = {"_": None, "gettext": None, "mark": None}


def wanted():
    found = set()
    for folder in FOLDERS:
        for _name, _line, message, *_rest in extract_from_dir(str(ROOT / folder), keywords=KEYWORDS):
            found.add(message)
    return {message for message in found if message}


@pytest.fixture(scope="module")
def english():
    path = i18n.LOCALE_FOLDER / "en" / "LC_MESSAGES" / "messages.po"
    with path.open("rb") as handle:
        return {m.id: m.string for m in read_po(handle) if m.id}


def test_nothing_is_missing(english):
    missing = sorted(m for m in wanted() if not english.get(m))
    assert not missing, f"{len(missing)} messages without English: {missing[:20]}"


def test_nothing_is_left_over(english):
    assert not sorted(set(english) - wanted())


def test_no_message_hides_in_an_f_string():
    """The collector of messages does not look into f-strings."""
    hidden = [
        (path.name, call.lineno, call.args[0].value)
        for folder in FOLDERS
        for path in (ROOT / folder).rglob("*.py")
        for text in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(text, ast.JoinedStr)
        for call in ast.walk(text)
        if isinstance(call, ast.Call) and getattr(call.func, "id", "") in KEYWORDS
        if call.args and isinstance(call.args[0], ast.Constant)
    ]
    assert not hidden


def test_placeholders_are_the_same(english):
    def names(text):
        return sorted(set(re.findall(r"{(\w*)[^}]*}", text)))

    assert not [m for m, text in english.items() if names(m) != names(text)]


def test_no_chinese_is_left_in_english(english):
    terms = "码上报"  # the product's own name stays
    assert not [m for m, text in english.items() if re.search(r"[\u4e00-\u9fff]", text.replace(terms, ""))][
        :20
    ]


def test_english_has_its_own_punctuation(english):
    """Full-width marks, and curly quotation marks, which Chinese fonts draw as wide as a character."""
    assert not [m for m, text in english.items() if re.search(r"[\u3000-\u303f\uff00-\uffef‘’“”]", text)]


def test_a_language_is_chosen_by_the_face_and_unknown_words_stay_chinese(monkeypatch):
    monkeypatch.setattr(i18n, "_resolver", lambda: "en")
    assert i18n.gettext("绿") == "Green"
    assert i18n.gettext("一句没有译文的话") == "一句没有译文的话"
