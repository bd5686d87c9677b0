"""Work in processes beside this one: in order, of one kind after the other, and errors reach whoever asked."""

from __future__ import annotations

import operator
from collections.abc import Iterator

import pytest

from hub.match.processes import Workers, in_order


@pytest.mark.parametrize("processes", [0, 1])
def test_several_kinds_of_work_share_their_processes_and_results_come_in_order(processes: int) -> None:
    with Workers(processes) as workers:
        assert list(workers.in_order(operator.add, (10,), range(8))) == [10, 11, 12, 13, 14, 15, 16, 17]
        assert list(workers.in_order(operator.sub, (10,), iter([3, 10]))) == [7, 0]
        with pytest.raises(ZeroDivisionError):
            list(workers.in_order(operator.floordiv, (10,), [5, 0]))
        assert list(workers.in_order(operator.mul, (2,), [])) == []


def test_no_more_chunks_are_taken_than_are_worked_on() -> None:
    taken: list[int] = []

    def chunks() -> Iterator[int]:
        for at in range(5):
            taken.append(at)
            yield at

    results = in_order(0, operator.add, (1,), chunks())
    assert (next(results), taken) == (1, [0])
