-- Keys of participants count within their round, so that who stores submissions of one round needs
-- nothing that another round changes.

ALTER TABLE rounds ADD COLUMN last_participant INTEGER NOT NULL DEFAULT 0;
UPDATE rounds SET last_participant = coalesce((SELECT max(key) FROM participants WHERE round = rounds.key), 0);

CREATE TABLE participants_by_round (
    round INTEGER NOT NULL REFERENCES rounds (key),
    key INTEGER NOT NULL,
    id TEXT NOT NULL,
    -- JSON object of text.
    attributes TEXT NOT NULL,
    weight REAL,
    PRIMARY KEY (round, key),
    UNIQUE (round, id)
) STRICT, WITHOUT ROWID;
INSERT INTO participants_by_round (round, key, id, attributes, weight)
    SELECT round, key, id, attributes, weight FROM participants ORDER BY round, key;
DROP TABLE participants;
ALTER TABLE participants_by_round RENAME TO participants;

DROP INDEX receipts_by_participant;
CREATE INDEX receipts_by_participant ON receipts (round, participant);
