import unittest

from firsts import NOT_SHOWN, UNRANKED, ForeignState, Item, merge, save

ONE = 1 << 20
BALLOTS = [bytes(tiers) for tiers in [(0, 1, 2), (0, 0, 1), (UNRANKED, 0, NOT_SHOWN), (UNRANKED,) * 3]]


def item(ballots: list[bytes], alone: bool = False) -> Item:
    found = Item(3, alone)
    found.add(ballots, [ONE] * len(ballots))
    return found


class Firsts(unittest.TestCase):
    def test_first_is_first_alone_or_tied(self) -> None:
        self.assertEqual(item(BALLOTS).shares(), [0.5, 0.5, 0])
        self.assertEqual(item(BALLOTS, alone=True).shares(), [0.25, 0.25, 0])

    def test_parts_in_any_order_leave_the_same_bytes(self) -> None:
        merged = [Item(3, False)]
        for ballot in reversed(BALLOTS):
            merge(b"t\0", merged, save(b"t\0", [item([ballot])]))
        self.assertEqual(save(b"t\0", merged), save(b"t\0", [item(BALLOTS)]))

    def test_a_state_it_did_not_write_is_refused(self) -> None:
        saved = save(b"t\0", [item(BALLOTS)])
        for state in [b"", saved[:-1], saved + b"\0", saved[1:]]:
            with self.assertRaises(ForeignState):
                merge(b"t\0", [Item(3, False)], state)


if __name__ == "__main__":
    unittest.main()
