"""Which parameters there are: asked for in a thread, since hundreds of them are tried out."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject, Qt, Signal

from lightlane import LightlaneError, Parameter, Task, list_parameters
from lightlane.toolkit import ground_scenario
from lightlane_gui.session.document import Document, Edited
from lightlane_gui.workers.latest import LatestWorker
from lightlane_gui.workers.mailbox import Mailbox


@dataclass(frozen=True, slots=True)
class ListingRequest:
    """A record of the fabric under a variant; ``kind`` empty: the whole fabric."""

    number: int
    document: Document
    form: Edited
    kind: str
    name: str


@dataclass(frozen=True, slots=True)
class Listing:
    """The parameters of what was asked for.

    Attributes
    ----------
    problem
        Why there are none; empty: there are.
    """

    request: ListingRequest
    parameters: tuple[Parameter, ...] = ()
    problem: str = ""


class ParameterLister(QObject):
    """Answers the latest request."""

    listed = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._mailbox = Mailbox(self)
        self._mailbox.arrived.connect(self._take, Qt.ConnectionType.QueuedConnection)
        mailbox = self._mailbox

        # No method of this object: a thread that holds it would keep it from being deleted with its window.
        def work(request: ListingRequest, _task: Task) -> None:
            mailbox.post("listing", list_for(request))

        def fail(request: ListingRequest, error: Exception) -> None:
            mailbox.post("listing", Listing(request, problem=str(error)))

        self._worker: LatestWorker[ListingRequest] = LatestWorker("parameters", work, fail)
        worker = self._worker
        # Qt passes the object that goes, which close would take for a time.
        self.destroyed.connect(lambda _: worker.close())

    def ask(self, request: ListingRequest) -> None:
        """Ask for parameters; what was asked for before is no longer wanted."""
        self._worker.submit(request)

    def close(self) -> None:
        """End the thread."""
        self._worker.close()

    def _take(self) -> None:
        for listing in self._mailbox.take().values():
            self.listed.emit(listing)


def list_for(request: ListingRequest) -> Listing:
    """Return the parameters of what a request names."""
    document, form = request.document, request.form
    try:
        ground = ground_scenario(form.scenario, document.fabric, document.catalog, variant=form.variant)
        found = list_parameters(ground, request.kind, request.name)
    except LightlaneError as error:
        return Listing(request, problem=str(error))
    return Listing(request, tuple(found))


__all__ = ["Listing", "ListingRequest", "ParameterLister", "list_for"]
