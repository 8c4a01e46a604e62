"""The line in every footer: of which moment, definitions and content a paper is, so that it can be defended later."""

from __future__ import annotations

from analytics.i18n import gettext as _
from analytics.present import wording
from analytics.report.model import Content
from analytics.report.plain import moment


def footing(content: Content, version: int | None = None) -> str:
    """「截至 … · 口径 … · 未冻结 · 校验码 …」; ``version``: of the frozen month this is."""
    state = _("未冻结") if version is None else _("已冻结第 {n} 版").format(n=version)
    text = _("{as_of} · 口径 {policy} · {state} · 校验码 {fingerprint}")
    return text.format(
        as_of=wording.as_of_words(moment(content)),
        policy=content.policy,
        state=state,
        fingerprint=content.fingerprint,
    )
