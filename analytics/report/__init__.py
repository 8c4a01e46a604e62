"""The monthly report: what the secretary signs and sends, made once and rendered in every format."""

from analytics.report.content import content
from analytics.report.edits import apply, editable
from analytics.report.gathered import ContentError
from analytics.report.model import Content, from_json
from analytics.report.public import public_content

__all__ = ["Content", "ContentError", "apply", "content", "editable", "from_json", "public_content"]
