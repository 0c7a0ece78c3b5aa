-- Plugins, and which of them found a result. Times are milliseconds since 1970.

-- Components that tenants registered. Their bytes lie in a folder beside, each once, whoever has them.
CREATE TABLE plugins (
    key            INTEGER PRIMARY KEY AUTOINCREMENT,
    tenant         TEXT NOT NULL,
    component      TEXT NOT NULL,          -- SHA-256 of the bytes, 64 hexadecimal digits
    method         TEXT NOT NULL,          -- id and version out of the description
    version        TEXT NOT NULL,
    description    TEXT NOT NULL,          -- JSON of what it says of itself, so that lists load no plugin
    bytes          INTEGER NOT NULL,
    world          TEXT NOT NULL,
    signature      BLOB CHECK (length(signature) = 64),
    public_key     BLOB CHECK (length(public_key) = 32),
    created        INTEGER NOT NULL,
    disabled       INTEGER,
    disable_reason TEXT,
    UNIQUE (tenant, component),
    UNIQUE (tenant, method, version),
    CHECK ((signature IS NULL) = (public_key IS NULL)),
    CHECK ((disabled IS NULL) = (disable_reason IS NULL))
) STRICT;

CREATE INDEX plugins_by_tenant ON plugins (tenant, key);
CREATE INDEX plugins_by_component ON plugins (component);

-- Answers to writes of plugins, written with their effects: a retry gets the same bytes.
CREATE TABLE replies (
    tenant      TEXT NOT NULL,
    request_id  TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    reply       BLOB NOT NULL,
    PRIMARY KEY (tenant, request_id)
) STRICT, WITHOUT ROWID;

-- The component of the method, where it was a plugin.
ALTER TABLE results ADD COLUMN component TEXT;
