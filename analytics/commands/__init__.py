"""The command line's commands, one module each: ``register(subparsers)`` adds its options and ``run``."""

from typing import Final

#: In the order in which ``--help`` lists them.
COMMANDS: Final = (
    "import_",
    "imports",
    "names",
    "events",
    "review",
    "effect",
    "what_if",
    "supervise",
    "report",
    "freeze",
    "send",
    "sample",
    "load_sample",
    "backup",
)
