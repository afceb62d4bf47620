"""The conformance suite, public: put a function of your own through it.

>>> import rheobase as rb
>>> from rheobase.testing import conformance
>>> bool(conformance(rb.define("x*sigmoid(x)"), backends=["numpy"]))
True

`rheobase.testing.tasks` holds the suite for tasks of studies.
"""

from rheobase.testing.suite import Failure, Report, conformance

__all__ = ["Failure", "Report", "conformance"]
