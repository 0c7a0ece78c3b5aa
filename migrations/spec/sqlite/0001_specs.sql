-- Specs and all that happens to them. Times are milliseconds since 1970; enums are kept by name;
-- lists inside a row are JSON. Keys are internal, ids are what callers see.

CREATE TABLE specs (
    key     INTEGER PRIMARY KEY,
    tenant  TEXT NOT NULL,
    id      TEXT NOT NULL,
    title   TEXT NOT NULL,
    head    TEXT,                          -- id of the newest revision
    version INTEGER NOT NULL,              -- grows with every commit
    created INTEGER NOT NULL,
    UNIQUE (tenant, id)
) STRICT;

-- Immutable. The order of keys is the order of revisions: the parent is the one before.
CREATE TABLE revisions (
    key          INTEGER PRIMARY KEY AUTOINCREMENT,
    spec         INTEGER NOT NULL REFERENCES specs (key),
    id           TEXT NOT NULL,
    source       TEXT NOT NULL,            -- the exact Markdown
    text_hash    TEXT NOT NULL,            -- SHA-256 of the source
    parent       TEXT,                     -- id of the revision before
    clause_count INTEGER NOT NULL,
    warnings     TEXT NOT NULL,            -- JSON: [{"line","code","message"}]
    proposals    TEXT NOT NULL,            -- JSON: ids of the proposals that made it
    note         TEXT NOT NULL,
    created      INTEGER NOT NULL,
    UNIQUE (spec, id)
) STRICT;

CREATE TABLE clauses (
    revision  INTEGER NOT NULL REFERENCES revisions (key),
    anchor    TEXT NOT NULL,
    place     INTEGER NOT NULL,            -- order in the document, from 0
    title     TEXT NOT NULL,
    level     INTEGER NOT NULL,
    authority TEXT,
    parent    TEXT,                        -- anchor of the clause around it
    line      INTEGER NOT NULL,
    body      TEXT NOT NULL,
    text_hash TEXT NOT NULL,
    PRIMARY KEY (revision, anchor)
) STRICT;

CREATE INDEX clauses_in_order ON clauses (revision, place);
CREATE INDEX clauses_by_text ON clauses (anchor, text_hash, revision);

-- What a revision changed against the one before, so that a trace need not compare texts again.
CREATE TABLE changes (
    revision INTEGER NOT NULL REFERENCES revisions (key),
    anchor   TEXT NOT NULL,
    kinds    TEXT NOT NULL,                -- JSON: of added, removed, changed, ...
    PRIMARY KEY (anchor, revision)
) STRICT, WITHOUT ROWID;

CREATE TABLE positions (
    key        INTEGER PRIMARY KEY,
    revision   INTEGER NOT NULL REFERENCES revisions (key),
    id         TEXT NOT NULL,
    round      TEXT NOT NULL,              -- id of the item's round
    item       TEXT NOT NULL,              -- rounds/{round}/items/{item}
    answer     TEXT NOT NULL,
    clauses    TEXT NOT NULL,              -- JSON: anchors
    source     TEXT NOT NULL CHECK (source IN ('expert', 'model', 'import')),
    derived_by TEXT NOT NULL,
    rationale  TEXT NOT NULL,
    created    INTEGER NOT NULL,
    UNIQUE (revision, id)
) STRICT;

CREATE INDEX positions_by_round ON positions (revision, round, id);

CREATE TABLE findings (
    key        INTEGER PRIMARY KEY AUTOINCREMENT,
    spec       INTEGER NOT NULL REFERENCES specs (key),
    id         TEXT NOT NULL,
    revision   TEXT NOT NULL,
    item       TEXT NOT NULL,
    class      TEXT NOT NULL CHECK (class IN ('consensus_against', 'majority_against', 'polarised', 'agrees', 'insufficient')),
    summary    TEXT NOT NULL,
    position   TEXT NOT NULL,
    clauses    TEXT NOT NULL,              -- JSON: anchors
    result     TEXT NOT NULL,              -- analyses/{analysis}/results/{sha256}
    snapshot   TEXT NOT NULL,              -- rounds/{round}/snapshots/{sha256}
    net        TEXT NOT NULL,              -- JSON: {"delta","low","high"}
    adjusted_p REAL NOT NULL,
    segments   TEXT NOT NULL,              -- JSON: [{"segment","net","effective_n","eligible"}]
    simulated  INTEGER NOT NULL,
    created    INTEGER NOT NULL,
    UNIQUE (spec, id)
) STRICT;

CREATE INDEX findings_by_class ON findings (spec, class, key);

CREATE TABLE proposals (
    key        INTEGER PRIMARY KEY AUTOINCREMENT,
    spec       INTEGER NOT NULL REFERENCES specs (key),
    id         TEXT NOT NULL,
    title      TEXT NOT NULL,
    kind       TEXT NOT NULL CHECK (kind IN ('clarification', 'change_of_principle')),
    edits      TEXT NOT NULL,              -- JSON: [{"base_text_hash","change"}]
    rationale  TEXT NOT NULL,
    findings   TEXT NOT NULL,              -- JSON: ids
    author     TEXT NOT NULL,
    state      TEXT NOT NULL CHECK (state IN ('open', 'adopted', 'deferred', 'set_aside', 'applied')),
    decision   TEXT,                       -- id of the latest decision
    applied_in TEXT,                       -- id of the revision that contains it
    created    INTEGER NOT NULL,
    UNIQUE (spec, id)
) STRICT;

CREATE INDEX proposals_by_state ON proposals (spec, state, key);

-- Never changed: a proposal decided again gets another row.
CREATE TABLE decisions (
    key      INTEGER PRIMARY KEY AUTOINCREMENT,
    spec     INTEGER NOT NULL REFERENCES specs (key),
    id       TEXT NOT NULL,
    proposal TEXT NOT NULL,
    outcome  TEXT NOT NULL CHECK (outcome IN ('adopted', 'deferred', 'set_aside_on_principle', 'set_aside_for_feasibility')),
    reason   TEXT NOT NULL,
    deciders TEXT NOT NULL,                -- JSON
    dissents TEXT NOT NULL,                -- JSON
    created  INTEGER NOT NULL,
    UNIQUE (spec, id)
) STRICT;

-- What happened, in the order of commits.
CREATE TABLE events (
    sequence INTEGER PRIMARY KEY AUTOINCREMENT,
    spec     INTEGER NOT NULL REFERENCES specs (key),
    changed  TEXT NOT NULL,                -- name of a resource
    at       INTEGER NOT NULL
) STRICT;

CREATE INDEX events_by_spec ON events (spec, sequence);

-- Answers to requests, written with their effects: a retry gets the same bytes.
CREATE TABLE requests (
    tenant      TEXT NOT NULL,
    request_id  TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    reply       BLOB NOT NULL,
    PRIMARY KEY (tenant, request_id)
) STRICT;
