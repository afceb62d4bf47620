"""The kinds of facts that story.toml may use, each by its word behind `by`."""

from __future__ import annotations

from rheobase.story.of_evidence import Behind, Counted, Studied
from rheobase.story.of_functions import Checked, Flat, Mends, Moment, Near, Same
from rheobase.story.of_neurons import Able, Fires, Learned, Taught

KINDS = Checked | Same | Moment | Flat | Near | Mends | Fires | Able | Taught | Learned | Studied | Behind | Counted
