"""The colours of printed charts by role: the four colours as on screen, everything else blue or grey.

Red and grey are one dark tone on a grey printer, so grey and the open ones are hatched.
"""

from __future__ import annotations

from typing import Final

INKS: Final = {
    "green": "4DB380",
    "yellow": "FFC833",
    "red": "A61C1C",
    "grey": "6B7280",
    "volume": "4A7BA6",
    "strong": "1F3A54",
    "pale": "C3D4E3",
    "muted": "6B6B66",
    "launch": "A61C1C",
    "grid": "D9D9D9",
    "text": "2A2A28",
}
#: Hatched roles, with the colour of the strokes.
HATCHED: Final = {"grey": "6B7280", "pale": "8FA3B5"}

#: Pale grounds of table cells that name a colour; black text stays readable on them, also copied.
SHADES: Final = {"green": "DDF1E6", "yellow": "FFF3D1", "red": "F3DCDC", "grey": "E5E6E9"}
HEADING_SHADE: Final = "EEF1F5"
