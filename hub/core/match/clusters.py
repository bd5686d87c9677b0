"""From pairs to things, never by plain transitive closure: a union that would put two registered numbers together is refused.

``Clusters`` is the rule online and in batch: pairs in descending score, each refused union with its reason. ``partition`` makes
the best guess of a whole table: it joins the two groups whose pairs speak for it most, until none does.
"""

from __future__ import annotations

import heapq
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from hub.core.match.guards import conflicts

Node = TypeVar("Node", bound=Hashable)


@dataclass(slots=True)
class Clusters(Generic[Node]):
    """Groups under constraints. ``strong``: a node's registered numbers; ``sources``: its system, if that has no duplicates.

    >>> found = Clusters[str](strong={"a": ["vat|DE|1111"], "c": ["vat|DE|9999"]})
    >>> found.join("a", "b"), found.join("b", "c"), sorted(map(sorted, found.groups(["a", "b", "c"])))
    ('', 'vat|DE|1111 and vat|DE|9999', [['a', 'b'], ['c']])
    """

    strong: Mapping[Node, Collection[str]] = field(default_factory=dict)
    sources: Mapping[Node, str] = field(default_factory=dict)
    _parent: dict[Node, Node] = field(default_factory=dict)
    _numbers: dict[Node, frozenset[str]] = field(default_factory=dict)
    _systems: dict[Node, frozenset[str]] = field(default_factory=dict)
    _apart: dict[Node, set[Node]] = field(default_factory=dict)

    def root(self, node: Node) -> Node:
        parent = self._parent.setdefault(node, node)
        while parent != node:
            self._parent[node] = self._parent[parent]
            node, parent = parent, self._parent[parent]
        return node

    def apart(self, a: Node, b: Node) -> None:
        """These two are never of one group: a person said so, or a guard fired."""
        x, y = self.root(a), self.root(b)
        self._apart.setdefault(x, set()).add(y)
        self._apart.setdefault(y, set()).add(x)

    def refusal(self, a: Node, b: Node) -> str:
        """Why the groups of a and b may not become one; '' when they may."""
        x, y = self.root(a), self.root(b)
        if x == y:
            return ""
        if y in self._apart.get(x, ()):
            return "not the same"
        shared = self._systems_of(x) & self._systems_of(y)
        if shared:
            return f"two records of {min(shared)}"
        mine, theirs = self._numbers_of(x), self._numbers_of(y)
        if mine and theirs:
            for one, other in conflicts(mine, theirs):
                return f"{one} and {other}"
        return ""

    def join(self, a: Node, b: Node) -> str:
        """Make one group of two, or say why not."""
        x, y = self.root(a), self.root(b)
        if x == y:
            return ""
        why = self.refusal(x, y)
        if why:
            return why
        numbers, systems = self._numbers_of(x) | self._numbers_of(y), self._systems_of(x) | self._systems_of(y)
        self._parent[y] = x
        self._numbers[x], self._systems[x] = numbers, systems
        for other in self._apart.pop(y, ()):
            self._apart[other].discard(y)
            self._apart[other].add(x)
            self._apart.setdefault(x, set()).add(other)
        return ""

    def _numbers_of(self, root: Node) -> frozenset[str]:
        found = self._numbers.get(root)
        return frozenset(self.strong.get(root, ())) if found is None else found

    def _systems_of(self, root: Node) -> frozenset[str]:
        found = self._systems.get(root)
        if found is None:
            return frozenset((self.sources[root],)) if root in self.sources else frozenset()
        return found

    def groups(self, nodes: Iterable[Node]) -> list[list[Node]]:
        """The groups that these nodes make, in the order they first appear."""
        found: dict[Node, list[Node]] = {}
        for node in nodes:
            found.setdefault(self.root(node), []).append(node)
        return list(found.values())


def partition(pairs: Iterable[tuple[Node, Node, float]], clusters: Clusters[Node]) -> list[tuple[Node, Node, str]]:
    """Join greedily while the sum of scores between two groups is positive, the largest first; returns refused unions.

    ``pairs`` are (a, b, bits above the threshold); negative ones hold groups apart. This is greedy additive edge contraction:
    one high score between two groups no longer outweighs many low ones, so chains do not form.
    """
    between: dict[Node, dict[Node, float]] = {}
    for a, b, bits in pairs:
        x, y = clusters.root(a), clusters.root(b)
        if x != y:
            total = between.setdefault(x, {}).get(y, 0.0) + bits
            between[x][y] = total
            between.setdefault(y, {})[x] = total
    count = 0
    heap: list[tuple[float, int, Node, Node]] = []
    done: set[tuple[Node, Node]] = set()
    for x, others in between.items():
        for y, bits in others.items():
            if bits > 0 and (y, x) not in done:
                done.add((x, y))
                count += 1
                heap.append((-bits, count, x, y))
    heapq.heapify(heap)
    refused: list[tuple[Node, Node, str]] = []
    while heap:
        bits, _, x, y = heapq.heappop(heap)
        if x not in between or y not in between or between[x].get(y) != -bits:
            continue
        why = clusters.join(x, y)
        if why:
            refused.append((x, y, why))
            del between[x][y], between[y][x]
            continue
        keep = clusters.root(x)
        gone = y if keep == x else x
        links = between.pop(gone)
        mine = between[keep]
        mine.pop(gone, None)
        for other, more in links.items():
            if other == keep:
                continue
            total = mine.get(other, 0.0) + more
            mine[other] = total
            theirs = between[other]
            theirs.pop(gone, None)
            theirs[keep] = total
            if total > 0:
                count += 1
                heapq.heappush(heap, (-total, count, keep, other))
    return refused
