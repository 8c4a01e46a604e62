"""Sending by e-mail and to a WeCom group, against servers of this file's own: once to each, told exactly, no address out."""

from __future__ import annotations

import json
import logging
import shutil
import traceback
from pathlib import Path

import pandas as pd
import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from analytics import sending
from analytics.__main__ import main
from analytics.report import content
from analytics.scope import Scope
from analytics.sending import delivery, letters, mail, robot, settings, telling
from analytics.sending.errors import StepError
from tests import stub_mail, stub_wecom
from tests.report_data import sample, sample_texts, sample_url
from tests.test_pages import ROOT

NOW = pd.Timestamp("2024-07-01 08:00")
PASSWORD = "pass-9d2f"
USER = "sender.user"
PEOPLE = (
    "li.hua@example.cn",
    "wang.wu@example.cn",
    "zhao.liu@example.cn",
    "sun.qi@example.cn",
    "he@example.cn",
)
FILE = sending.File("2024-06 情况通报 太极社区.docx", b"PK" + bytes(range(256)) * 4, "application/x-docx")
SECRETS = (
    PASSWORD,
    USER,
    stub_wecom.KEY,
    "0ec2f1fa5aaa",
    *PEOPLE,
    "li.hua",
    "wang.wu",
    "localhost",
    "127.0.0.1",
)


def paper(text: str = "共 34 件诉求。", file: sending.File | None = FILE) -> sending.Letter:
    return sending.letter("2024-06", "2024年6月情况通报", text, file)


@pytest.fixture
def outbox(tmp_path):
    return sending.Outbox(tmp_path / "records.sent.jsonl")


@pytest.fixture(scope="session")
def certificate(tmp_path_factory):
    return stub_mail.make_certificate(tmp_path_factory.mktemp("certificate"))


@pytest.fixture
def mails():
    with stub_mail.running(stub_mail.MailServer()) as server:
        yield server


@pytest.fixture
def group():
    with stub_wecom.running(stub_wecom.Group()) as found:
        yield found


@pytest.fixture(autouse=True)
def impatient(monkeypatch):
    for module in (mail, robot):
        monkeypatch.setattr(module, "PATIENCE", 0.3)
    for name in ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"):
        monkeypatch.delenv(name, raising=False)


def by_mail(server, people=PEOPLE[:3], scheme="smtp", **more):
    return {
        "ANALYTICS_SMTP_URL": f"{scheme}://localhost:{server.port}",
        "ANALYTICS_MAIL_FROM": "office@example.cn",
        "ANALYTICS_MAIL_TO": ", ".join(people),
        **more,
    }


def to_group(found):
    return {"ANALYTICS_WECOM_WEBHOOK": found.url}


def send(environment, outbox, letter=None, again=False):
    """The results, and the seconds that were waited between the tries."""
    waited = []
    results = sending.deliver(
        letter or paper(), sending.read(environment), outbox, now=lambda: NOW, wait=waited.append, again=again
    )
    return results, waited


def outcome(results):
    return [result.status for result in results]


def told(results):
    return "\n".join([telling.sentence(paper(), results), *telling.details(results)])


def assert_tight(text):
    assert not [secret for secret in SECRETS if secret in text]


# Settings ------------------------------------------------------------------------------------------------


def test_nothing_set_means_off():
    assert not sending.read({}).is_on
    assert not sending.read({"PATH": "/bin", "ANALYTICS_MAIL_TO": " "}).is_on


def test_a_file_outside_the_program_may_say_it_and_the_environment_wins(tmp_path):
    file = tmp_path / "sending.toml"
    file.write_text(
        'ANALYTICS_SMTP_URL = "smtps://office%40example.cn@mail.example.cn"\n'
        'ANALYTICS_SMTP_PASSWORD = "a"\nANALYTICS_MAIL_TO = "li.hua@example.cn; LI.HUA@example.cn"\n'
    )
    found = sending.read({"ANALYTICS_SENDING": str(file), "ANALYTICS_SMTP_PASSWORD": "b"}).mail
    assert (found.port, found.is_tls_at_once, found.user, found.password) == (
        465,
        True,
        "office@example.cn",
        "b",
    )
    assert (found.sender, found.recipients) == ("office@example.cn", ("LI.HUA@example.cn",))
    assert "example" not in repr(found)


def test_a_file_within_the_program_is_refused():
    inside = Path(__file__).parents[1] / "README.md"
    for name in ("ANALYTICS_SENDING", "ANALYTICS_SMTP_PASSWORD_FILE"):
        with pytest.raises(sending.SendingError, match=f"{name} 不能用：文件要放在程序文件夹以外"):
            sending.read(
                {"ANALYTICS_SMTP_URL": "smtp://u@h", "ANALYTICS_MAIL_TO": PEOPLE[0], name: str(inside)}
            )


def test_the_password_may_stand_in_a_file_of_its_own(tmp_path):
    (tmp_path / "password").write_text("secret\n")
    url = {"ANALYTICS_SMTP_URL": "smtps://a%40b.cn@h", "ANALYTICS_MAIL_TO": PEOPLE[0]}
    found = sending.read({**url, "ANALYTICS_SMTP_PASSWORD_FILE": str(tmp_path / "password")})
    assert found.mail.password == "secret"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ANALYTICS_SMTP_URL", "ftp://sender.user@localhost"),
        ("ANALYTICS_SMTP_URL", "smtps://sender.user:pass-9d2f@localhost"),
        ("ANALYTICS_SMTP_URL", "smtps://localhost:pass-9d2f"),
        ("ANALYTICS_SMTP_URL", "smtps://sender.user@localhost/path"),
        ("ANALYTICS_MAIL_TO", "li.hua@example.cn, wang.wu@example.cn\r\nBcc: he@example.cn"),
        ("ANALYTICS_MAIL_TO", "li.hua@example.cn, 王五 <wang.wu@example.cn>"),
        ("ANALYTICS_MAIL_TO", "li..hua@example.cn"),
        ("ANALYTICS_MAIL_FROM", "li.hua"),
        ("ANALYTICS_WECOM_WEBHOOK", f"http://qyapi.weixin.qq.com/cgi-bin/webhook/send?key={stub_wecom.KEY}"),
        ("ANALYTICS_WECOM_WEBHOOK", f"https://u@localhost/cgi-bin/webhook/send?key={stub_wecom.KEY}"),
        ("ANALYTICS_WECOM_WEBHOOK", f"https://[localhost/send?key={stub_wecom.KEY}"),
        ("ANALYTICS_WECOM_WEBHOOK", f"https://localhost:99999/send?key={stub_wecom.KEY}"),
        ("ANALYTICS_WECOM_WEBHOOK", f"https://localhost/send ?key={stub_wecom.KEY}"),
        ("ANALYTICS_WECOM_WEBHOOK", f"file:///send?key={stub_wecom.KEY}"),
        ("ANALYTICS_WECOM_WEBHOOK", "https://localhost/cgi-bin/webhook/send?token=0ec2f1fa5aaa"),
    ],
)
def test_a_wrong_value_is_named_by_its_variable_and_never_repeated(name, value):
    right = {
        "ANALYTICS_SMTP_URL": "smtps://sender.user@localhost",
        "ANALYTICS_SMTP_PASSWORD": PASSWORD,
        "ANALYTICS_MAIL_FROM": "office@example.cn",
        "ANALYTICS_MAIL_TO": "li.hua@example.cn",
    }
    assert sending.read(right).is_on
    with pytest.raises(sending.SendingError, match=name) as caught:
        sending.read({**right, name: value})
    assert_tight("".join(traceback.format_exception(caught.value)).partition("SendingError: ")[2])


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"ANALYTICS_MAIL_TO": PEOPLE[0]}, "ANALYTICS_SMTP_URL"),
        ({"ANALYTICS_SMTP_URL": "smtp://localhost", "ANALYTICS_MAIL_FROM": PEOPLE[0]}, "ANALYTICS_MAIL_TO"),
        ({"ANALYTICS_SMTP_URL": "smtp://u@localhost", "ANALYTICS_MAIL_TO": PEOPLE[0]}, "ANALYTICS_SMTP_PASSWORD"),
    ],
)  # fmt: skip
def test_half_a_set_up_says_what_is_missing(given, missing):
    with pytest.raises(sending.SendingError, match=f"但没有设 {missing}"):
        sending.read(given)


def test_the_address_for_files_has_the_same_key():
    found = sending.read({"ANALYTICS_WECOM_WEBHOOK": "https://q.example/cgi-bin/webhook/send?key=k-1"}).robot
    assert found.upload_url == "https://q.example/cgi-bin/webhook/upload_media?key=k-1&type=file"


def test_the_manual_names_every_setting_and_limit():
    text = (ROOT / "docs" / "sending.md").read_text(encoding="utf-8")
    assert not [name for name in (settings.FILE, *settings.NAMES) if text.count(name) < 2]
    assert f"最多 {robot.MESSAGE_BYTES} 字节" in text
    assert f"最多 {robot.FILE_BYTES[1] >> 20} MB" in text
    assert f"{'、'.join(map(str, delivery.PAUSES))} 秒后" in text


# Letters -------------------------------------------------------------------------------------------------


def test_no_header_and_no_file_name_can_be_smuggled_in():
    file = sending.File(
        'a"; x="\r\nBcc: he@example.cn\r\n\r\n../..\\\u202e坏.docx', b"12345", "application/pdf"
    )
    found = sending.letter("k", "通报\r\nBcc: he@example.cn\n\nX", "第一行\r\n.\r\n第二行 13812341234", file)
    assert found.title == "通报 Bcc: *** X"
    assert found.file.name == "a_; x=_ Bcc_ he@example.cn .._.._ 坏.docx"
    assert found.text == "第一行\n.\n第二行 138****1234"
    settings = sending.read({"ANALYTICS_SMTP_URL": "smtp://h", "ANALYTICS_MAIL_FROM": "a@b.cn", "ANALYTICS_MAIL_TO": "c@d.cn"})  # fmt: skip
    made = mail.message(settings.mail, found, "c@d.cn", NOW)
    head = made.as_bytes().partition(b"\r\n\r\n")[0]
    assert not [line for line in head.split(b"\r\n") if line.lower().startswith((b"bcc", b"x"))]


def test_the_digest_tells_papers_apart_and_the_same_paper_has_one():
    assert paper().digest == paper().digest
    others = [
        paper("共 35 件。"),
        paper(file=None),
        paper(file=sending.File(FILE.name, b"other", FILE.media_type)),
    ]
    assert len({paper().digest, *(other.digest for other in others)}) == 4


def test_a_reports_letter_begins_with_its_first_sentence():
    made = content(sample(), "2024-06", Scope(), texts=sample_texts)
    found = letters.report(made, None, FILE)
    assert found.title == "2024-06 情况通报 太极社区"
    opening, foot, about = found.text.splitlines()
    assert opening.startswith("共 34 件诉求，已办结 30 件")
    assert foot.startswith("2024年6月1日至6月30日 · 截至 2024年7月1日 08:00")
    assert about.startswith("附件：2024-06 情况通报 太极社区.docx。不含诉求人的姓名和电话")


def test_a_message_to_the_group_has_4096_bytes_at_most_and_no_mention_or_link():
    lines = [f"· T-{n} <@all> [点这里](http://x) 1号院" for n in range(200)]
    made = robot.markdown(paper("\n".join(lines)))
    assert 3900 < len(made.encode()) <= 4096
    assert made.endswith("\n……（太长，以下略）")
    assert made.splitlines()[1] == "· T-0 ＜@all＞ ［点这里］(http://x) 1号院"
    assert robot.markdown(paper("甲\n乙")) == "**2024年6月情况通报**\n甲\n乙"
    assert len(robot.markdown(sending.letter("k", "长" * 3000, "x")).encode()) <= 4096


# E-mail --------------------------------------------------------------------------------------------------


def test_each_recipient_gets_a_message_and_sees_nobody_else(mails, outbox):
    results, waited = send(by_mail(mails), outbox)
    assert outcome(results) == ["sent"] * 3
    assert (waited, mails.connections) == ([], 1)
    assert [(sender, to) for sender, to, _data in mails.kept] == [
        ("office@example.cn", [p]) for p in PEOPLE[:3]
    ]
    for person, message in zip(PEOPLE, mails.messages, strict=False):
        assert message["To"] == person
        assert [p for p in PEOPLE if p in str(message)] == [person]


def test_the_message_is_chinese_throughout_and_the_file_keeps_its_name_and_bytes(mails, outbox):
    send(by_mail(mails, PEOPLE[:1]), outbox)
    message = mails.messages[0]
    raw = mails.kept[0][2]
    assert raw.isascii()
    assert b"filename*" in raw  # RFC 2231
    assert message["Subject"] == "2024年6月情况通报"
    assert message["From"].addresses[0].addr_spec == "office@example.cn"
    assert message["Date"].datetime.isoformat() == "2024-07-01T08:00:00+08:00"
    assert message.get_body().get_content().strip() == "共 34 件诉求。"
    (attached,) = message.iter_attachments()
    assert (attached.get_filename(), attached.get_content()) == (FILE.name, FILE.data)


def test_the_same_again_sends_nothing_unless_told_to(mails, outbox):
    send(by_mail(mails), outbox)
    assert outcome(send(by_mail(mails), outbox)[0]) == ["already"] * 3
    assert len(mails.kept) == 3
    changed = send(by_mail(mails), outbox, paper("共 35 件诉求。"))[0]
    assert outcome(changed) == ["already"] * 3
    assert "以前发过的那份与现在的内容不同" in told(changed)
    planned = sending.plan(paper("共 35 件诉求。"), sending.read(by_mail(mails)), outbox)
    assert "以前发过的那份与现在的内容不同" in letters.preview(paper(), planned)[-1]
    assert outcome(send(by_mail(mails), outbox, again=True)[0]) == ["sent"] * 3
    assert len({message["Message-ID"] for message in mails.messages}) == 6


def test_another_paper_is_another_paper(mails, outbox):
    send(by_mail(mails), outbox)
    july = sending.letter("2024-07", "7月", "x")
    assert outcome(send(by_mail(mails), outbox, july)[0]) == ["sent"] * 3


def test_three_of_five_is_said_and_the_next_run_sends_to_the_other_two_only(mails, outbox):
    mails.refuse = {PEOPLE[1]: [550], PEOPLE[3]: [550]}
    results, waited = send(by_mail(mails, PEOPLE), outbox)
    assert outcome(results) == ["sent", "failed", "sent", "failed", "sent"]
    assert waited == []  # a permanent refusal is not tried again
    words = told(results)
    assert "没有发全：邮件共 5 位，这次发出 3，没有发出 2。" in words
    assert (
        "没有发出：邮件（w…@example.cn），收件人一步，服务器答复 550：没有这个收件人，或对方拒收。" in words
    )
    assert_tight(words)
    results, _waited = send(by_mail(mails, PEOPLE), outbox)
    assert outcome(results) == ["already", "sent", "already", "sent", "already"]
    assert sorted(mails.recipients) == sorted(PEOPLE)


def test_what_fails_for_the_moment_is_tried_again_alone(mails, outbox):
    mails.refuse = {PEOPLE[1]: [451, 451]}
    results, waited = send(by_mail(mails), outbox)
    assert outcome(results) == ["sent"] * 3
    assert waited == [2, 10]
    assert mails.recipients == [PEOPLE[0], PEOPLE[2], PEOPLE[1]]


def test_and_given_up_after_the_fourth_time(mails, outbox):
    mails.refuse = {PEOPLE[1]: [451] * 9}
    results, waited = send(by_mail(mails), outbox)
    assert outcome(results) == ["sent", "failed", "sent"]
    assert (waited, len(mails.refuse[PEOPLE[1]])) == ([2, 10, 40], 5)
    assert telling.as_list(results)[1]["temporary"] is True


@pytest.mark.parametrize("fault", ["drop", "silent", "busy"])
def test_a_server_that_does_not_answer_is_tried_again(mails, outbox, fault):
    mails.sessions = [fault, fault]
    results, waited = send(by_mail(mails), outbox)
    assert (outcome(results), waited) == (["sent"] * 3, [2, 10])


def test_a_connection_that_breaks_in_the_middle_leaves_nobody_out_and_nobody_twice(mails, outbox):
    mails.sessions = ["drop after one"]
    results, _waited = send(by_mail(mails), outbox)
    assert outcome(results) == ["sent"] * 3
    assert mails.recipients == list(PEOPLE[:3])


def test_nobody_there_is_told_without_the_address(outbox):
    with stub_mail.running(stub_mail.MailServer()) as gone:
        pass
    results, waited = send(by_mail(gone), outbox)
    assert (outcome(results), waited) == (["failed"] * 3, [2, 10, 40])
    assert "连接邮件服务器一步，服务器拒绝连接" in told(results)
    assert_tight(told(results))


@pytest.mark.parametrize(("scheme", "how"), [("smtp", "starttls"), ("smtps", "at_once")])
def test_encrypted_with_a_certificate_that_is_known(outbox, certificate, monkeypatch, scheme, how):
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    server = stub_mail.MailServer(certificate=certificate, login=(USER, PASSWORD), **{how: True})
    with stub_mail.running(server):
        more = {"ANALYTICS_SMTP_URL": f"{scheme}://{USER}@localhost:{server.port}"}
        results, _waited = send(by_mail(server, **more, ANALYTICS_SMTP_PASSWORD=PASSWORD), outbox)
        assert outcome(results) == ["sent"] * 3


@pytest.mark.parametrize(("scheme", "how"), [("smtp", "starttls"), ("smtps", "at_once")])
def test_an_unknown_certificate_ends_it_before_the_password_is_told(outbox, certificate, scheme, how):
    server = stub_mail.MailServer(certificate=certificate, login=(USER, PASSWORD), **{how: True})
    with stub_mail.running(server):
        more = {"ANALYTICS_SMTP_URL": f"{scheme}://{USER}@localhost:{server.port}"}
        results, waited = send(by_mail(server, **more, ANALYTICS_SMTP_PASSWORD=PASSWORD), outbox)
    assert (outcome(results), waited, server.kept) == (["failed"] * 3, [], [])
    assert "服务器的证书没有通过核验" in told(results)
    assert_tight(told(results))


def test_no_encryption_no_mail_unless_the_server_is_this_computer(mails, outbox, monkeypatch):
    monkeypatch.setattr(mail, "is_local", lambda _host: False)
    results, waited = send(by_mail(mails), outbox)
    assert (outcome(results), waited, mails.kept) == (["failed"] * 3, [], [])
    assert "加密一步，服务器不支持加密" in told(results)


def test_a_wrong_password_is_said_and_not_repeated(outbox):
    with stub_mail.running(stub_mail.MailServer(login=(USER, "another"))) as server:
        more = {"ANALYTICS_SMTP_URL": f"smtp://{USER}@localhost:{server.port}"}
        results, waited = send(by_mail(server, **more, ANALYTICS_SMTP_PASSWORD=PASSWORD), outbox)
    assert waited == []
    assert "登录一步，服务器答复 535：账号或密码不对" in told(results)
    assert_tight(told(results))


# WeCom ---------------------------------------------------------------------------------------------------


def test_the_group_gets_the_message_and_then_the_file(group, outbox):
    results, waited = send(to_group(group), outbox)
    assert (outcome(results), waited) == (["sent", "sent"], [])
    assert group.posted == [
        {"msgtype": "markdown", "markdown": {"content": "**2024年6月情况通报**\n共 34 件诉求。"}},
        {"msgtype": "file", "file": {"media_id": "media-1"}},
    ]
    head, _end, rest = group.uploads[0].partition(b"\r\n\r\n")
    assert f'name="media"; filename="{FILE.name}"; filelength={len(FILE.data)}'.encode() in head
    assert rest.startswith(FILE.data + b"\r\n--")


def test_a_letter_without_a_file_is_one_message(group, outbox):
    assert outcome(send(to_group(group), outbox, paper(file=None))[0]) == ["sent"]
    assert (len(group.posted), len(group.uploads)) == (1, 0)


def test_the_group_is_not_told_twice(group, outbox):
    send(to_group(group), outbox)
    assert outcome(send(to_group(group), outbox)[0]) == ["already", "already"]
    assert group.requests == 3


def test_when_only_the_file_failed_only_the_file_is_sent_again(group, outbox):
    group.answers = [0, 0, 93004]
    results, _waited = send(to_group(group), outbox)
    assert outcome(results) == ["sent", "failed"]
    assert outcome(send(to_group(group), outbox)[0]) == ["already", "sent"]
    assert [posted["msgtype"] for posted in group.posted] == ["markdown", "file"]


@pytest.mark.parametrize("fault", [45009, -1, "HTTP 500", "HTTP 429", "slow", "drop"])
def test_a_moments_trouble_is_waited_for(group, outbox, fault):
    group.answers = [fault]
    results, waited = send(to_group(group), outbox)
    assert (outcome(results), waited) == (["sent", "sent"], [2])
    assert [posted["msgtype"] for posted in group.posted] == ["markdown", "file"]


def test_too_many_messages_for_more_than_a_minute_is_said(group, outbox):
    group.answers = [45009] * 9
    results, waited = send(to_group(group), outbox)
    assert (outcome(results), waited) == (["failed", "failed"], [2, 10, 40])
    assert "企业微信答复 45009：一分钟内发得太多" in told(results)


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (93000, "企业微信答复 93000：机器人地址不对，或机器人已被移出群"),
        (81013, "企业微信答复 81013：invalid"),
        ("HTTP 404", "服务器答复 HTTP 404"),
        ("HTTP 302", "服务器答复 HTTP 302"),
        ("<html>登录</html>", "对方的答复看不懂"),
        ('{"errcode": 0}', "对方的答复看不懂"),
        ("[]", "对方的答复看不懂"),
    ],
)
def test_what_waiting_does_not_help_is_said_at_once_without_the_key(group, outbox, fault, words):
    group.answers = [fault]
    results, waited = send(to_group(group), outbox)
    assert (outcome(results), waited, group.requests) == (["failed", "failed"], [], 1)
    assert f"上传文件一步，{words}" in told(results)
    assert_tight(told(results))


def test_the_key_is_told_only_to_a_server_whose_certificate_is_known(outbox, certificate, monkeypatch):
    with stub_wecom.running(stub_wecom.Group(certificate=certificate)) as group:
        results, waited = send(to_group(group), outbox)
        assert (outcome(results), waited, group.requests) == (["failed", "failed"], [], 0)
        assert "服务器的证书没有通过核验，没有发送任何内容" in told(results)
        assert_tight(told(results))
        monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
        assert outcome(send(to_group(group), outbox)[0]) == ["sent", "sent"]


def test_a_file_that_the_robot_does_not_take_is_not_uploaded(group, outbox):
    for data in (b"1234", bytes(20 * 1024 * 1024 + 1)):
        results, _waited = send(
            to_group(group), outbox, paper(file=sending.File("a.pdf", data, "application/pdf"))
        )
        assert outcome(results) == ["failed", "failed"]
    assert "文件要在 5 字节到 20 MB 之间" in told(results)
    assert group.requests == 0


# The record ----------------------------------------------------------------------------------------------


def test_the_record_holds_hashes_and_no_address(mails, group, outbox, tmp_path):
    mails.refuse = {PEOPLE[0]: [550]}
    send({**by_mail(mails), **to_group(group)}, outbox)
    text = (tmp_path / "records.sent.jsonl").read_text()
    lines = [json.loads(line) for line in text.splitlines()]
    assert [line["result"] for line in lines] == ["failed", "sent", "sent", "sent", "sent"]
    assert lines[0]["at"] == "2024-07-01T08:00:00+08:00"
    assert_tight(text)


def test_nobody_sends_at_the_same_time(mails, outbox):
    with outbox.alone(), pytest.raises(sending.SendingError, match="另一次发送正在进行"):
        send(by_mail(mails), outbox)
    assert mails.connections == 0


def test_what_cannot_be_recorded_is_not_sent(mails, tmp_path):
    with pytest.raises(sending.SendingError, match="记不下来就不能发"):
        send(by_mail(mails), sending.Outbox(tmp_path / "no folder" / "x.jsonl"))
    assert mails.connections == 0


def test_a_damaged_record_stops_it(mails, outbox, tmp_path):
    send(by_mail(mails), outbox)
    with (tmp_path / "records.sent.jsonl").open("a") as file:
        file.write('{"paper": "x')
    with pytest.raises(sending.SendingError, match="第 4 行看不懂"):
        send(by_mail(mails), outbox)
    assert len(mails.kept) == 3


def test_what_was_sent_but_not_recorded_is_said_and_ends_it(mails, outbox, monkeypatch):
    def full(*_given):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("analytics.sending.outbox.os.fsync", full)
    with pytest.raises(sending.SendingError, match=r"l…@example\.cn 的结果（已发出）记不进") as caught:
        send(by_mail(mails), outbox)
    assert len(mails.kept) == 1
    assert "li.hua" not in "".join(traceback.format_exception(caught.value)).partition("SendingError: ")[2]


@pytest.mark.parametrize("fault", ["refused", "busy", 93000, "HTTP 404", "slow", "drop", "[]"])
def test_a_steps_error_keeps_nothing_of_the_librarys(mails, group, fault):
    mails.refuse, mails.sessions = {PEOPLE[0]: [550]}, ["busy"] if fault == "busy" else []
    group.answers = [fault]
    settings = sending.read({**by_mail(mails, PEOPLE[:1]), **to_group(group)})
    letter = paper(file=None)
    if fault in ("refused", "busy"):
        tried = mail.attempt(settings.mail, letter, mail.targets(settings.mail), NOW, {})
    else:
        tried = robot.attempt(settings.robot, letter, robot.targets(settings.robot, letter))
    ((target, failure),) = tried
    assert isinstance(failure, StepError)
    assert (failure.__context__, failure.__cause__) == (None, None)
    assert_tight(repr(failure) + repr(settings) + repr(target))


# The command ---------------------------------------------------------------------------------------------


@pytest.fixture
def command(tmp_path, monkeypatch, capsys, caplog):
    """Runs ``send`` on the samples; what it says, writes and logs must not hold an address."""
    copy = tmp_path / "records.db"
    shutil.copy(sample_url().removeprefix("sqlite:///"), copy)
    caplog.set_level(logging.DEBUG)
    monkeypatch.setenv("ANALYTICS_DEBUG", "1")
    monkeypatch.setattr("analytics.commands.send.time.sleep", lambda _seconds: None)

    def run(environment, *words):
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        code = main(["send", *words, "--db", str(copy), "--as-of", "2024-07-01T08:00"])
        said = capsys.readouterr()
        assert_tight(said.out + said.err + caplog.text)
        return code, said

    return run


def test_off_is_said_and_exits_2_without_a_record(command, tmp_path):
    code, said = command({}, "report", "2024-06")
    assert code == 2
    assert said.err.splitlines()[-1] == "发送没有开启，什么也没有发。设法见 docs/sending.md。"
    assert not list(tmp_path.glob("*.jsonl"))


def test_the_report_goes_out_once(command, mails, group):
    code, said = command({**by_mail(mails), **to_group(group)}, "report", "2024-06", "--json")
    found = json.loads(said.out)
    assert (code, found["status"], found["file"]) == (0, "sent", "2024-06 情况通报.docx")
    assert [(each["channel"], each["to"], each["status"]) for each in found["recipients"]] == [
        ("mail", "l…@example.cn", "sent"), ("mail", "w…@example.cn", "sent"), ("mail", "z…@example.cn", "sent"),
        ("wecom", "文字消息", "sent"), ("wecom", "文件", "sent"),
    ]  # fmt: skip
    assert mails.messages[0].get_body().get_content().startswith("共 34 件诉求")
    code, said = command({}, "report", "2024-06")
    assert (code, len(mails.kept), len(group.posted)) == (0, 3, 2)
    assert "以前都发过了，这次没有再发" in said.out
    code, _said = command({}, "report", "2024-06", "--again", "--format", "docx")
    assert (code, len(mails.kept)) == (0, 6)


def test_a_failure_exits_1_and_the_same_command_sends_the_rest(command, mails):
    mails.refuse = {PEOPLE[2]: [550]}
    code, said = command(by_mail(mails), "report", "2024-06")
    assert code == 1
    assert "照原样再发一次：只补发没有发出的，不会重复" in said.out
    assert command({}, "report", "2024-06")[0] == 0
    assert sorted(mails.recipients) == sorted(PEOPLE[:3])


def test_a_dry_run_contacts_nobody(command, mails, group):
    code, said = command({**by_mail(mails), **to_group(group)}, "report", "2024-06", "--dry-run")
    assert (code, mails.connections, group.requests) == (0, 0, 0)
    assert (
        "邮件 3 位（l…@example.cn、w…@example.cn、z…@example.cn）；企业微信群 2 条（文字消息、文件）"
        in said.out
    )
    assert "不含诉求人的姓名和电话，引用的原文隐去了电话和证件号" in said.out


def test_the_supervision_list_goes_out_once_a_day_and_names_nobody(command, group):
    code, _said = command(to_group(group), "supervise")
    text = group.posted[0]["markdown"]["content"]
    assert code == 0
    assert text.startswith("**【督办】截至 2024年7月1日 08:00，共 75 项**\n全部社区")
    assert len(text.encode()) <= 4096
    assert command({}, "supervise")[0] == 0
    assert len(group.posted) == 1


def test_wrong_settings_exit_2(command):
    code, said = command({"ANALYTICS_WECOM_WEBHOOK": f"ftp://x/send?key={stub_wecom.KEY}"}, "supervise")
    assert code == 2
    assert said.err.splitlines()[-1].startswith("ANALYTICS_WECOM_WEBHOOK 不能用")


# The page ------------------------------------------------------------------------------------------------


@pytest.fixture
def page(tmp_path, monkeypatch):
    """The page 月报 on a copy of the samples, its environment set up as a test says."""
    url = f"sqlite:///{shutil.copy(sample_url().removeprefix('sqlite:///'), tmp_path / 'page.db')}"
    monkeypatch.setattr("ui.sending.time.sleep", lambda _seconds: None)

    def opened(environment):
        for name, value in {**environment, "DATABASE_URL": url}.items():
            monkeypatch.setenv(name, value)
        st.cache_resource.clear()
        app = AppTest.from_file(str(ROOT / "dashboard.py"), default_timeout=30)
        app.switch_page("pages/report.py")
        return app.run()

    return opened


def words(app):
    blocks = [block.proto.body for block in app.get("html")]
    said = [each.value for kind in ("success", "error", "warning", "checkbox") for each in getattr(app, kind)]
    return "\n".join([*blocks, *map(str, said)])


def press(app, key):
    app.button(key=key).click().run()
    assert not app.exception, [each.message for each in app.exception]
    assert_tight(words(app))
    return words(app)


def keys(app):
    return {button.key for button in app.button}


def test_the_page_says_in_one_line_that_sending_is_off(page):
    app = page({})
    assert "没有开启。由管理员在服务器上设好邮箱或企业微信群" in words(app)
    assert not [key for key in keys(app) if str(key).startswith("sending")]


def test_the_page_names_what_is_wrong_with_the_settings_without_their_value(page):
    app = page({"ANALYTICS_MAIL_TO": PEOPLE[0]})
    assert [each.value for each in app.error] == [
        r"设了 ANALYTICS\_MAIL\_TO，但没有设 ANALYTICS\_SMTP\_URL。"
    ]


def test_the_page_asks_before_it_sends_and_sends_once(page, mails, group):
    app = page({**by_mail(mails), **to_group(group)})
    said = press(app, "sending-ask")
    assert (mails.connections, group.requests) == (0, 0)
    assert (
        "邮件 3 位（l…@example.cn、w…@example.cn、z…@example.cn）；企业微信群 2 条（文字消息、文件）" in said
    )
    assert "附件「2024-06 情况通报.docx」" in said
    assert "不含诉求人的姓名和电话，引用的原文隐去了电话和证件号" in said
    said = press(app, "sending-go")
    assert (len(mails.kept), len(group.posted)) == (3, 2)
    assert "已发出「2024-06 情况通报」：邮件共 3 位，这次发出 3；企业微信群共 2 条，这次发出 2。" in said
    said = press(app, "sending-ask")
    assert "以前发过、不再发的有 5 个" in said
    assert app.button(key="sending-go").disabled
    app.checkbox(key="sending-again").check().run()
    press(app, "sending-go")
    assert len(mails.kept) == 6


def test_the_page_says_aloud_who_is_missing(page, mails):
    mails.refuse = {PEOPLE[0]: [550]}
    app = page(by_mail(mails))
    press(app, "sending-ask")
    press(app, "sending-go")
    (error,) = [each.value for each in app.error]
    assert "没有发全：邮件共 3 位，这次发出 2，没有发出 1。" in error
    assert "没有发出：邮件（l…@example.cn），收件人一步，服务器答复 550" in error


def test_a_list_of_petitions_is_not_sent(page, group):
    app = page(to_group(group))
    app.segmented_control(key="report-format-internal").set_value("xlsx").run()
    assert "只发 Word 或 PDF" in press(app, "sending-ask")
    assert group.requests == 0
