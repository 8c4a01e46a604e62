from ui import frame

frame.guard()
