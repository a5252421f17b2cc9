import pytest
from conversations import trajectory
from pydantic import ValidationError

from callsheet.train.filters import ScoreFilter, accepted
from callsheet.trajectories.reading import TrajectoriesUnreadable, read_trajectories


def test_only_whole_successes_pass_by_default():
    given = [
        trajectory("a"),
        trajectory("b", score=0.5),
        trajectory("c", score=None),
        trajectory("d", status="limit"),
    ]
    good, refused = accepted(given, ScoreFilter())
    assert [t.id for t in good] == ["a"]
    assert refused == {"score below 1 (of 1)": 1, "no score": 1, "ended as limit": 1}


def test_a_threshold_beyond_the_fields_scale_is_refused():
    ScoreFilter(field="rater_score", at_least=4)
    with pytest.raises(ValidationError, match="runs from 0 to 1"):
        ScoreFilter(field="score", at_least=4)


def test_a_bad_line_is_named(tmp_path):
    path = tmp_path / "t.jsonl"
    path.write_text(trajectory().model_dump_json() + "\n{}\n")
    with pytest.raises(TrajectoriesUnreadable, match=r"t\.jsonl:2: "):
        list(read_trajectories(path))
