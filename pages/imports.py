"""导入: what came in? Drop zone, preview, dry run, confirm; then history and undo."""

from analytics.i18n import gettext as _
from ui import components, frame, importing

frame.guard()

components.heading(_("导入了什么？还能撤回吗？"))
importing.tell_last()
upload = importing.choose_file()
if upload is not None:
    read = importing.choose_reading(upload)
    if read is not None:
        importing.show_reading(read)
        importing.confirm(read)

components.section(_("导入历史"))
importing.history()
components.small_print(_("一次导入要么全部写入，要么一行也不写；同一个文件再导入一次不会重复"))
