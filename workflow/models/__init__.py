"""Columns and constraints, nothing else."""

from sqlalchemy.orm import configure_mappers

from workflow.models.base import Record, UtcTime
from workflow.models.cases import (
    Case,
    CaseCategory,
    CaseCounter,
    Epoch,
    Readership,
    SealedObject,
    SeenEnvelope,
    Statement,
)
from workflow.models.drills import Drill
from workflow.models.members import (
    BackupCode,
    DeviceMark,
    EnrolmentLink,
    EnrolmentSession,
    MemberKey,
    MemberSession,
    Notice,
    SignInFailure,
)
from workflow.models.organisation import (
    Body,
    Custodian,
    CustodianSet,
    Inspection,
    InspectionPerson,
    InspectionUnit,
    Installation,
    Person,
    Roster,
    Seat,
    Unit,
)
from workflow.models.packages import CasePackage, OutsideBody
from workflow.models.record import Checkpoint, LedgerEntry
from workflow.models.relations import Relation
from workflow.models.rotation import Charge, RotationAct
from workflow.models.succession import BodySuccessor

__all__ = [
    "BackupCode",
    "Body",
    "BodySuccessor",
    "Case",
    "CaseCategory",
    "CaseCounter",
    "CasePackage",
    "Charge",
    "Checkpoint",
    "Custodian",
    "CustodianSet",
    "DeviceMark",
    "Drill",
    "EnrolmentLink",
    "EnrolmentSession",
    "Epoch",
    "Inspection",
    "InspectionPerson",
    "InspectionUnit",
    "Installation",
    "LedgerEntry",
    "MemberKey",
    "MemberSession",
    "Notice",
    "OutsideBody",
    "Person",
    "Readership",
    "Record",
    "Relation",
    "Roster",
    "RotationAct",
    "SealedObject",
    "Seat",
    "SeenEnvelope",
    "SignInFailure",
    "Statement",
    "Unit",
    "UtcTime",
]

configure_mappers()  # now, and not at the first query: what is copied from a process has them in common
