"""数据真实性: what in the records would surprise whoever knows how such records come about, asked as questions.

Every test compares what is recorded with what is recorded elsewhere in the same data, or with an allowance
that is stated with it. All tests of a page share one false-discovery rate; none of them scores a person.
"""

from analytics.believability.answers import identical_notes
from analytics.believability.examination import examine
from analytics.believability.finding import FDR, MIN_N, TESTS, Examination, Finding

__all__ = ["FDR", "MIN_N", "TESTS", "Examination", "Finding", "examine", "identical_notes"]
