"""Tests against mesh-local: AWS's services on this machine, with a universe for each test.

    with Mesh.find() as mesh, mesh.universe().fork() as universe:
        universe.client("sqs").create_queue(QueueName="orders")
        universe.clock.advance("15m")

With pytest none of this is written by hand: see the fixtures in `mesh_local.pytest_plugin`.
"""

from mesh_local.clock import Clock
from mesh_local.errors import MeshError, NotStarted, Refused, Unsettled, WaitedInVain
from mesh_local.faults import Fault, Faults
from mesh_local.mesh import Mesh
from mesh_local.times import Moment, Span
from mesh_local.universe import Advanced, Universe

__all__ = [
    "Advanced",
    "Clock",
    "Fault",
    "Faults",
    "Mesh",
    "MeshError",
    "Moment",
    "NotStarted",
    "Refused",
    "Span",
    "Universe",
    "Unsettled",
    "WaitedInVain",
]
