"""Selection probabilities of a panel: sortition-algorithms, maximin."""

from collections import defaultdict

from peer import load, main, measure

SEATS = 40


def with_sortition_algorithms():
    from sortition_algorithms.committee_generation import find_distribution_maximin
    from sortition_algorithms.features import FeatureValueMinMax
    from sortition_algorithms.people import People

    # Rows of attribute, level, least and most seats.
    quotas = load("quotas.u32", "<u4").reshape(-1, 4).tolist()
    attributes = sorted({row[0] for row in quotas})
    levels = load("levels.u8", "u1").reshape(len(attributes), -1)
    features = {str(attribute): {} for attribute in attributes}
    for attribute, level, least, most in quotas:
        features[str(attribute)][str(level)] = FeatureValueMinMax(min=least, max=most)
    people = People(columns_to_keep=[])
    for person, answers in enumerate(levels.T.tolist()):
        data = {"id": str(person)} | {str(attribute): str(level) for attribute, level in enumerate(answers)}
        people.add(str(person), data, features, person)

    def distribution():
        return find_distribution_maximin(features, people, SEATS, [])

    def checks(found):
        committees, probabilities = found[0], found[1]
        chance = defaultdict(float)
        for committee, probability in zip(committees, probabilities):
            for person in committee:
                chance[person] += probability
        return {"least": min(chance[str(person)] for person in range(levels.shape[1]))}

    measure(distribution, checks)


main(**{"sortition-algorithms": with_sortition_algorithms})
