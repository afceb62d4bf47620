"""The story of activation functions, statement by statement, each with what shows it and what became of it."""

from rheobase.story.repairs import Edge, lineage
from rheobase.story.telling import Evidence, Row, row, rows
from rheobase.story.words import Text, Verdict

__all__ = ["Edge", "Evidence", "Row", "Text", "Verdict", "lineage", "row", "rows"]
