"""Open311 GeoReport v2, JSON and XML: the same two requests, one closed, one open."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from analytics import intake
from tests.stored import NOW

REQUESTS = [
    {
        "service_request_id": 900719925474099312, "status": "closed", "service_name": "路灯", "description": "不亮",
        "requested_datetime": "2024-06-03T08:05:00+08:00", "updated_datetime": "2024-06-04T00:30:00+00:00",
        "expected_datetime": "2024-06-06T08:05:00+08:00", "address": "丽晶公馆", "agency_responsible": "物业",
        "lat": 30.6, "notes": [{"text": "nested"}],
    },
    {
        "service_request_id": "0002", "status": "open", "service_name": "漏水",
        "requested_datetime": "2024-06-05T09:00:00Z", "updated_datetime": "2024-06-05T10:00:00Z",
    },
]  # fmt: skip


def as_xml() -> str:
    fields = (
        "".join(f"<{k}>{v}</{k}>" for k, v in request.items() if not isinstance(v, list)) for request in REQUESTS
    )  # fmt: skip
    requests = "".join(f"<request>{text}<extended><note>x</note></extended></request>" for text in fields)
    return f'<?xml version="1.0" encoding="utf-8"?><service_requests>{requests}</service_requests>'


FILES = {
    "array.json": json.dumps(REQUESTS, ensure_ascii=False),
    "object.json": json.dumps({"service_requests": REQUESTS}),
    "requests.xml": as_xml(),
}


def read(text: str, name: str = "requests") -> intake.Intake:
    return intake.read(text.encode(), name, "petitions", now=NOW)


@pytest.mark.parametrize("name", FILES)
def test_requests_become_petitions(name):
    found = read(FILES[name], name)
    assert (found.layout, len(found.records), len(found.rejected)) == ("open311", 2, 0)
    closed, open_ = found.records.to_dict("records")
    assert closed["case_id"] == "900719925474099312", "exact, though a spreadsheet would have spoiled it"
    assert closed["reported_at"] == pd.Timestamp("2024-06-03 08:05")
    assert closed["resolved_at"] == pd.Timestamp("2024-06-04 08:30"), "updated_datetime, in China time"
    assert (closed["courtyard"], closed["category"], closed["handler"]) == ("丽晶公馆", "路灯", "物业")
    assert open_["case_id"] == "0002"
    assert pd.isna(open_["resolved_at"]), "an update of an open request is no closing"
    assert found.records["row"].tolist() == [2, 3]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ('<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x "y">]><a><service_request_id>&x;</service_request_id></a>', "xml_entities"),
        ('[{"service_request_id": 1,', "damaged"),
        ('{"service_request_id": {"a": 1}}', "missing_column"),
        ('<service_requests><request><service_request_id>1</request>', "damaged"),
        ('[{"id": 1}]', "not_a_table"),
    ],
)  # fmt: skip
def test_what_is_no_list_of_requests_is_refused_in_words(text, code):
    with pytest.raises(intake.IntakeRefused) as refused:
        read(text)
    assert refused.value.code == code
