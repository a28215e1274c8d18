"""Where a history of mail can come from: one module a source, and its line here."""

from touchline.importers.mbox import Mbox

IMPORTERS = {"mbox": Mbox}
