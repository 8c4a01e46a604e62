"""回访满意: were residents really helped?"""

from ui import frame

frame.guard()
