"""导入: what came in? Drop zone, preview, dry run, confirm; then history and undo."""

from analytics.i18n import gettext as _
from ui import components, frame, import_history, importing

frame.guard()

components.heading(_("导入了什么？还能撤销吗？"))
importing.tell_last()
uploads = importing.choose_files()
found = [importing.one_file(upload, alone=len(uploads) == 1) for upload in uploads]
importing.confirm([tried for tried in found if tried])
importing.rules()

components.section(_("导入历史"))
import_history.show()
components.small_print(_("合格的行一次全部写入；中途出错则一行也不写。同一个文件再导入一次不会重复"))
