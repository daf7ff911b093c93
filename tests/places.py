"""Points round directions that are at right angles: what is of one place is beyond doubt."""

import numpy as np

from nlp.records import Floats


def places(*sizes: int) -> Floats:
    """As many points as asked round each of several directions that are at right angles."""
    rng = np.random.default_rng(0)
    rows = [np.eye(8)[place] + rng.normal(scale=0.02, size=(n, 8)) for place, n in enumerate(sizes)]
    points = np.concatenate(rows)
    return (points / np.linalg.norm(points, axis=1, keepdims=True)).astype(np.float32)
