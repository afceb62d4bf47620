"""The story of activation functions, statement by statement, each with what shows it and what became of it."""

from rheobase.story.telling import Evidence, Row, row, rows
from rheobase.story.words import Text, Verdict

__all__ = ["Evidence", "Row", "Text", "Verdict", "row", "rows"]
