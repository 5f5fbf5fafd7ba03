"""From how many cases on a town's own are learned from; known also where nothing can learn."""

FEWEST_CASES = 200
FEWEST_OF_A_CATEGORY = 10
FEWEST_CATEGORIES = 3
