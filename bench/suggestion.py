"""How often the category suggested for a text is the one the town chose, on another town's cases.

Run: python -m bench.suggestion CASES.csv[.gz]

Columns: text, category, reported_at (ISO 8601), lon, lat (may be empty). Cases of categories with
ten rows or more; the first 80 % by time are learned from, the rest is the test. Nothing is tuned on
the test: sharpness and thresholds come from splits inside the learned part. Beside it, in the same
run, TF-IDF of words and characters with a linear support vector machine.
"""

import argparse
import csv
import gzip
import io
import statistics
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.pipeline import make_pipeline, make_union
from sklearn.svm import LinearSVC

from suggestion.context import Seen
from suggestion.judging import Case, Judged, judge, threshold
from suggestion.learning import LEARNED_SHARE, fit, rehearse
from suggestion.linear_model import LinearModel
from suggestion.masking import masked

Hits = NDArray[np.bool_]
FEWEST = 10
PRECISION = 0.9


def main() -> None:
    """Print accuracy, top three, coverage, calibration and time per suggestion."""
    options = _options()
    raw = _cases(options.file)
    split = int(len(raw) * LEARNED_SHARE)
    catch_all = [case.category.endswith(options.catch_all) for case in raw[split:]]
    others = ~np.array(catch_all)
    categories = {case.category for case in raw}
    print(f"{len(raw)} cases, {len(categories)} categories, test on the last {len(raw) - split}")
    _print_line("TF-IDF + linear SVM", _baseline(raw, split), others)
    cases = [replace(case, seen=replace(case.seen, text=masked(case.seen.text))) for case in raw]
    for name, some in (
        ("text alone", _without_place(cases)),
        ("text and place", cases),
        ("and whether one is given", _with_presence(cases)),
    ):
        started = time.process_time()
        model = _learned(some[:split])
        seconds = time.process_time() - started
        judged = judge(model, some[split:])
        _print_line(name, judged.ranks < 1, others)
        _print_rest(model, judged, others)
        print(f"  learned in {seconds:.1f} s CPU; {_milliseconds(model, some[split:])}")


def _learned(cases: Sequence[Case]) -> LinearModel:
    _rehearsal, calibration = rehearse(cases, precision=PRECISION)
    return calibration.applied_to(fit(cases))


def _baseline(cases: Sequence[Case], split: int) -> Hits:
    texts, labels = [case.seen.text for case in cases], [case.category for case in cases]
    features = make_union(
        TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True),
        TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True),
    )
    model = make_pipeline(features, LinearSVC()).fit(texts[:split], labels[:split])
    return np.array(model.predict(texts[split:]) == np.array(labels[split:]))


def _print_line(name: str, right: Hits, others: Hits) -> None:
    print(
        f"{name:25} right {right.mean():6.1%}   without the catch-all {right[others].mean():6.1%}"
    )


def _print_rest(model: LinearModel, judged: Judged, others: Hits) -> None:
    ranks, best = judged.ranks, judged.best
    print(f"  among three {(ranks < 3).mean():.1%}, without {(ranks < 3)[others].mean():.1%}")
    found = threshold([judged], precision=PRECISION, first=1)
    print(
        f"  coverage at {PRECISION:.0%} precision, read off the test: {(best >= found).mean():.1%}"
    )
    for name, lowest, first in (("sure", model.sure_from, 1), ("offered", model.offer_from, 3)):
        said = best >= lowest
        hits = (ranks < first)[said]
        print(
            f"  {name}: threshold {lowest:.2f} set before the test, covers {said.mean():.1%}, "
            f"right {hits.mean() if len(hits) else 0:.1%} (first {first})"
        )
    for low, high in ((0, 0.3), (0.3, 0.5), (0.5, 0.7), (0.7, 0.9), (0.9, 1.01)):
        some = (best >= low) & (best < high)
        if some.any():
            true = (ranks < 1)[some].mean()
            print(f"  said {best[some].mean():4.0%}, was {true:4.0%} ({int(some.sum())} cases)")


def _without_place(cases: Sequence[Case]) -> list[Case]:
    return [replace(case, seen=replace(case.seen, lon=None, lat=None)) for case in cases]


def _with_presence(cases: Sequence[Case]) -> list[Case]:
    """A word in the place of a place: where a form asks for none, that gives the kind away.

    No merit of a model and nothing to be had where every report has a place, as ours have.
    """
    return [
        case
        if case.seen.lon is not None
        else replace(case, seen=replace(case.seen, text=f"ortlos {case.seen.text}"))
        for case in cases
    ]


def _milliseconds(model: LinearModel, cases: Sequence[Case]) -> str:
    spent = []
    for case in cases[:200]:
        started = time.perf_counter()
        model.probabilities(case.seen)
        spent.append(1000 * (time.perf_counter() - started))
    slow = statistics.quantiles(spent, n=20)[-1]
    return f"a suggestion p50 {statistics.median(spent):.1f} ms, p95 {slow:.1f} ms"


def _cases(file: Path) -> list[Case]:
    packed = file.read_bytes()
    text = (gzip.decompress(packed) if file.suffix == ".gz" else packed).decode()
    rows = [row for row in csv.DictReader(io.StringIO(text)) if row["text"].strip()]
    counts = Counter(row["category"] for row in rows)
    cases = [_case(row) for row in rows if counts[row["category"]] >= FEWEST]
    return sorted(cases, key=lambda case: case.seen.at)


def _case(row: dict[str, str]) -> Case:
    lon, lat = (float(row[name]) if row.get(name) else None for name in ("lon", "lat"))
    at = datetime.fromisoformat(row["reported_at"])
    group = row["category"].partition(" > ")[0]
    return Case(Seen(row["text"], at, lon, lat), row["category"], group)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("file", type=Path)
    parser.add_argument("--catch-all", default="Hinweise", help="how the catch-all's name ends")
    return parser.parse_args()


if __name__ == "__main__":
    main()
