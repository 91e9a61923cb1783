"""The camera check: goes up the ladder of one camera, and says where it ended, why, and what to do.

For the first person with a model that nobody has tried, and for everybody whose camera does not play. Nothing
is changed at the camera. A report holds no key, address or name, by its types:

    report = await Climb(credentials, networks, clock=…, catalog=…, controls=…).run()
    as_text(report, words), as_json(report, version)

`script/check-camera` runs it alone (`engine/start.py check`), the relay for Home Assistant's button.
"""

from .values import Diagnosis, Note, Outcome, Report, Rung, Saying, Step
from .words import PREFIX, Words
from .writing import as_data, as_json, as_text, from_data

__all__ = [
    "PREFIX",
    "Diagnosis",
    "Note",
    "Outcome",
    "Report",
    "Rung",
    "Saying",
    "Step",
    "Words",
    "as_data",
    "as_json",
    "as_text",
    "from_data",
]
