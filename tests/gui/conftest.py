"""Windows are drawn into memory: no test of the application needs a screen."""

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
