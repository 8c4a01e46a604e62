"""Entrypoint of the dashboard: the frame (menu, scope), then the page that was chosen."""

from ui import frame

frame.run()
