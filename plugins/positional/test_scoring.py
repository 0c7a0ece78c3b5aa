import unittest
from fractions import Fraction

from scoring import NOT_SHOWN, UNRANKED, points, scale


def score(rule: str, *tiers: int) -> list[Fraction | None]:
    given = points(rule, bytes(tiers))
    assert given is not None
    return [None if won is None else Fraction(won, scale(len(tiers))) for won in given]


class Places(unittest.TestCase):
    def test_strict_orders(self) -> None:
        third, quarter, half = Fraction(1, 3), Fraction(1, 4), Fraction(1, 2)
        self.assertEqual(score("plurality", 2, 0, 1, 3), [0, 1, 0, 0])
        self.assertEqual(score("dowdall", 2, 0, 1, 3), [third, 1, half, quarter])
        self.assertEqual(score("veto", 2, 0, 1, 3), [1, 1, 1, 0])

    def test_ties_share_the_places_they_take_up(self) -> None:
        # Second and third place are one half and one third: five twelfths each.
        self.assertEqual(score("dowdall", 0, 1, 1, 3), [1, Fraction(5, 12), Fraction(5, 12), Fraction(1, 4)])
        self.assertEqual(score("plurality", 0, 0, 1), [Fraction(1, 2), Fraction(1, 2), 0])
        self.assertEqual(score("veto", 0, 1, 1), [1, Fraction(1, 2), Fraction(1, 2)])

    def test_tiers_count_by_their_order_alone(self) -> None:
        self.assertEqual(score("dowdall", 7, 3, 200), score("dowdall", 1, 0, 2))

    def test_unranked_candidates_tie_at_the_end(self) -> None:
        self.assertEqual(score("veto", 0, UNRANKED, UNRANKED), [1, Fraction(1, 2), Fraction(1, 2)])
        self.assertEqual(score("plurality", UNRANKED, UNRANKED), [Fraction(1, 2), Fraction(1, 2)])

    def test_candidates_not_shown_take_up_no_place(self) -> None:
        self.assertEqual(score("dowdall", 1, NOT_SHOWN, 0), [Fraction(1, 2), None, 1])
        self.assertEqual(score("veto", 1, NOT_SHOWN, 0), [0, None, 1])

    def test_a_ballot_that_compares_nothing_is_none(self) -> None:
        self.assertIsNone(points("plurality", bytes([0, NOT_SHOWN, NOT_SHOWN])))
        self.assertIsNone(points("plurality", bytes([NOT_SHOWN, NOT_SHOWN])))

    def test_every_ballot_gives_away_the_same_points(self) -> None:
        # Ties only spread them: 1, the harmonic number of 4, and 3.
        for rule, total in [("plurality", Fraction(1)), ("dowdall", Fraction(25, 12)), ("veto", Fraction(3))]:
            for tiers in [(0, 1, 2, 3), (0, 0, 0, 0), (1, 1, 0, 0), (0, UNRANKED, UNRANKED, UNRANKED)]:
                self.assertEqual(sum(won for won in score(rule, *tiers) if won is not None), total)

    def test_wide_ballots_stay_exact(self) -> None:
        self.assertEqual(score("dowdall", *range(40)), [Fraction(1, place) for place in range(1, 41)])


if __name__ == "__main__":
    unittest.main()
