"""Harmonize: a pasted object takes on a picture's light and texture and keeps its shape.

Three closed-form denoisers in a row, each the posterior of another quantity under the object's
surroundings: single colours (tone), weak detail (denoise), 7x7 patches of detail (texture).
"""

from sinddm.harmonize.blend import harmonize
from sinddm.harmonize.measure import Belonging, belonging

__all__ = ["Belonging", "belonging", "harmonize"]
