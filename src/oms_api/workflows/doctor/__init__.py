"""The doctor: proves every invariant that the tables can prove, each by one statement, while others work on.

One statement sees one moment, so that whoever writes meanwhile causes no false finding.
"""

from oms_api.workflows.doctor.check import Finding, check

__all__ = ["Finding", "check"]
