-- Rounds, their items, what participants answered, and sealed snapshots.
-- `key` columns are the database's own and never leave it; `id` columns are public.

CREATE TABLE rounds (
    key INTEGER PRIMARY KEY,
    tenant TEXT NOT NULL,
    id TEXT NOT NULL,
    title TEXT NOT NULL,
    description TEXT NOT NULL,
    -- `specs/{spec}/revisions/{revision}`; empty for a round about no spec.
    spec_revision TEXT NOT NULL,
    -- SHA-256 of the revision's source, 64 hexadecimal digits; empty for none.
    spec_text_hash TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('draft', 'open', 'closed', 'sealed')),
    simulated INTEGER NOT NULL,
    supersede_allowed INTEGER NOT NULL,
    -- JSON object of text.
    disclosure TEXT NOT NULL,
    -- Milliseconds since 1970.
    created INTEGER NOT NULL,
    opened INTEGER,
    closed INTEGER,
    -- SHA-256 of the newest snapshot.
    snapshot TEXT,
    item_count INTEGER NOT NULL DEFAULT 0,
    participant_count INTEGER NOT NULL DEFAULT 0,
    response_count INTEGER NOT NULL DEFAULT 0,
    -- Place of the newest accepted submission.
    last_sequence INTEGER NOT NULL DEFAULT 0,
    -- Rises with every change but those of the two counts of answers: the etag.
    version INTEGER NOT NULL,
    -- Rises with every change: the cursor of watchers.
    changes INTEGER NOT NULL,
    UNIQUE (tenant, id)
) STRICT;

CREATE TABLE items (
    key INTEGER PRIMARY KEY,
    round INTEGER NOT NULL REFERENCES rounds (key),
    id TEXT NOT NULL,
    -- The item as canonical JSON.
    body TEXT NOT NULL,
    UNIQUE (round, id)
) STRICT;

-- A participant is here as long as there is at least one answer.
CREATE TABLE participants (
    key INTEGER PRIMARY KEY,
    round INTEGER NOT NULL REFERENCES rounds (key),
    id TEXT NOT NULL,
    -- JSON object of text.
    attributes TEXT NOT NULL,
    weight REAL,
    UNIQUE (round, id)
) STRICT;

-- What counts. Clustered by participant, so that a new participant's answers are appended.
CREATE TABLE answers (
    round INTEGER NOT NULL,
    participant INTEGER NOT NULL,
    item INTEGER NOT NULL,
    -- 0 personal, 1 world.
    view INTEGER NOT NULL,
    -- Canonical bytes.
    answer BLOB NOT NULL,
    rationale TEXT,
    weight REAL,
    duration_ms INTEGER,
    -- The submission it came with.
    sequence INTEGER NOT NULL,
    PRIMARY KEY (round, participant, item, view)
) STRICT, WITHOUT ROWID;

-- Answers that a later one replaced: out of every count, kept so that accepted = counted +
-- superseded + withdrawn can be checked.
CREATE TABLE superseded (
    round INTEGER NOT NULL,
    participant INTEGER NOT NULL,
    item INTEGER NOT NULL,
    view INTEGER NOT NULL,
    answer BLOB NOT NULL,
    rationale TEXT,
    weight REAL,
    duration_ms INTEGER,
    sequence INTEGER NOT NULL,
    PRIMARY KEY (round, participant, item, view, sequence)
) STRICT, WITHOUT ROWID;

-- Accepted submissions; also what recognises a retry.
CREATE TABLE receipts (
    round INTEGER NOT NULL,
    -- The caller's; `withdrawn/<sequence>` once withdrawn: it and the fingerprint could be tested
    -- against guesses.
    request_id TEXT NOT NULL,
    -- Empty once withdrawn.
    fingerprint BLOB NOT NULL,
    -- The receipt as it was sent; without name, participant and salt once withdrawn.
    receipt BLOB NOT NULL,
    -- NULL once withdrawn.
    participant INTEGER,
    PRIMARY KEY (round, request_id)
) STRICT, WITHOUT ROWID;

CREATE INDEX receipts_by_participant ON receipts (participant);

CREATE TABLE snapshots (
    key INTEGER PRIMARY KEY,
    round INTEGER NOT NULL REFERENCES rounds (key),
    sha256 TEXT NOT NULL,
    participant_count INTEGER NOT NULL,
    response_count INTEGER NOT NULL,
    manifest TEXT NOT NULL,
    simulated INTEGER NOT NULL,
    created INTEGER NOT NULL,
    UNIQUE (round, sha256)
) STRICT;

-- Answers to writes other than submissions, so that a retry gets the same bytes. The fingerprint of a
-- withdrawal leaves out the participant, so that nobody can be looked for in it.
CREATE TABLE requests (
    tenant TEXT NOT NULL,
    request_id TEXT NOT NULL,
    fingerprint BLOB NOT NULL,
    reply BLOB NOT NULL,
    PRIMARY KEY (tenant, request_id)
) STRICT, WITHOUT ROWID;
