CREATE TABLE boxes (
    key INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE,
    held INTEGER NOT NULL
) STRICT;

CREATE TABLE things (
    box INTEGER NOT NULL REFERENCES boxes (key),
    id TEXT NOT NULL,
    number INTEGER,
    size REAL,
    words TEXT,
    bytes BLOB,
    PRIMARY KEY (box, id)
) STRICT, WITHOUT ROWID;
