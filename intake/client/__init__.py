"""What a browser does, in Python: a reporter's and a member's whole way over HTTP (architecture, *Commands*).

Nothing is taken from the server that a signed document doesn't prove. The command line, the load generator and the
end-to-end tests use it; so may others.
"""

from intake.client.account import AccountClient
from intake.client.errors import ClientFault, Refused
from intake.client.http import Answer, FlaskTransport, Transport, UrlTransport
from intake.client.member import MemberClient
from intake.client.memory import Memory
from intake.client.reporter import Identity, Report, ReporterClient, Supplement

__all__ = [
    "AccountClient",
    "Answer",
    "ClientFault",
    "FlaskTransport",
    "Identity",
    "MemberClient",
    "Memory",
    "Refused",
    "Report",
    "ReporterClient",
    "Supplement",
    "Transport",
    "UrlTransport",
]
