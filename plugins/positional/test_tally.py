import unittest
from fractions import Fraction

from scoring import RULES, scale
from tally import ForeignState, Item, merge, save

ONE = 1 << 20

# Where the capital of Tennessee should be, by distance: the usual textbook electorate, in per cent.
# Memphis, Nashville, Chattanooga, Knoxville.
TENNESSEE = [((0, 1, 2, 3), 42), ((3, 0, 1, 2), 26), ((3, 2, 0, 1), 15), ((3, 2, 1, 0), 17)]


def tennessee(rule: str) -> Item:
    item = Item(4)
    item.add(rule, [bytes(tiers) for tiers, _ in TENNESSEE], [percent * ONE for _, percent in TENNESSEE])
    return item


class Tallies(unittest.TestCase):
    def test_tennessee_by_hand(self) -> None:
        want = {
            "plurality": [42, 26, 15, 17],
            # 42 + 58/4; 26 + 42/2 + 32/3; 15 + 43/2 + 42/3 with 26 and 17 in second place; 17 + 15/2 + 26/3 + 42/4.
            "dowdall": [
                Fraction(113, 2),
                47 + Fraction(32, 3),
                15 + Fraction(43, 2) + 14,
                17 + Fraction(15, 2) + Fraction(26, 3) + Fraction(21, 2),
            ],
            "veto": [42, 100, 100, 58],
        }
        for rule, scores in want.items():
            item = tennessee(rule)
            self.assertEqual([Fraction(won, scale(4) * ONE) for won in item.points], scores, rule)
            self.assertEqual(item.shown, [100 * ONE] * 4)

    def test_parts_in_any_order_leave_the_same_bytes(self) -> None:
        for rule in RULES:
            whole = [tennessee(rule), Item(2)]
            merged = [Item(4), Item(2)]
            for tiers, percent in reversed(TENNESSEE):
                part = [Item(4), Item(2)]
                part[0].add(rule, [bytes(tiers)], [percent * ONE])
                merge(merged, save(part))
            self.assertEqual(save(merged), save(whole))

    def test_ballots_of_weight_nought_leave_no_trace(self) -> None:
        item = Item(2)
        item.add("veto", [bytes([0, 1]), bytes([0, 255])], [0, 0])
        self.assertEqual(save([item]), save([Item(2)]))

    def test_a_state_it_did_not_write_is_refused_and_changes_nothing(self) -> None:
        items = [tennessee("dowdall")]
        saved = save(items)
        for state in [b"", b"other@1.0.0\0", saved[:-1], saved + b"\0", saved + b"\0\0", save([Item(4), Item(4)])]:
            with self.assertRaises(ForeignState):
                merge(items, state)
            self.assertEqual(save(items), saved)


if __name__ == "__main__":
    unittest.main()
