-- Analyses, their results, and the requests that started them. Times are milliseconds since 1970.

-- One row an analysis; `key` gives the order of creation.
CREATE TABLE analyses (
    key          INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant       TEXT NOT NULL,
    id           TEXT NOT NULL,
    round        TEXT NOT NULL,
    snapshot     TEXT NOT NULL,            -- content hash, 64 hexadecimal digits
    spec         TEXT NOT NULL,            -- canonical JSON of the whole spec, positions filled in
    state        TEXT NOT NULL CHECK (state IN ('running', 'succeeded', 'failed', 'cancelled')),
    result       TEXT,                     -- hash of the result once it succeeded
    error_code   TEXT,                     -- code, reason and words of the failure, if it failed
    error_reason TEXT,
    error        TEXT,
    created      INTEGER NOT NULL,
    ended        INTEGER,
    UNIQUE (tenant, id)
) STRICT;

CREATE INDEX analyses_by_snapshot ON analyses (tenant, round, snapshot, key);
CREATE INDEX analyses_running ON analyses (state) WHERE state = 'running';

-- The bytes of results, each once, whoever found them.
CREATE TABLE contents (
    sha256 TEXT PRIMARY KEY,
    json   BLOB NOT NULL                   -- canonical JSON whose SHA-256 is the key
) STRICT, WITHOUT ROWID;

-- Which analysis found which bytes.
CREATE TABLE results (
    key            INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant         TEXT NOT NULL,
    analysis       INTEGER NOT NULL REFERENCES analyses (key),
    sha256         TEXT NOT NULL REFERENCES contents (sha256),
    method         TEXT NOT NULL,
    method_version TEXT NOT NULL,
    engine_version TEXT NOT NULL,
    class          TEXT NOT NULL CHECK (class IN ('public', 'auditor', 'suppressed')),
    created        INTEGER NOT NULL,
    UNIQUE (analysis, sha256)
) STRICT;

CREATE INDEX results_by_tenant ON results (tenant, key);
CREATE INDEX results_by_hash ON results (tenant, sha256, key);

-- Request ids that started an analysis; written in the same transaction as the analysis.
CREATE TABLE requests (
    tenant      TEXT NOT NULL,
    request_id  TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    analysis    INTEGER NOT NULL REFERENCES analyses (key),
    PRIMARY KEY (tenant, request_id)
) STRICT, WITHOUT ROWID;
