CREATE TABLE owners (id BLOB PRIMARY KEY NOT NULL, contacts INTEGER NOT NULL);

CREATE TABLE by_column (
    id BLOB PRIMARY KEY NOT NULL,
    owner_id BLOB NOT NULL REFERENCES owners ON DELETE CASCADE,
    first_name TEXT, last_name TEXT, middle_name TEXT, nickname TEXT, organization TEXT, job_title TEXT, notes TEXT,
    birthday_year INTEGER, birthday_month_day INTEGER,
    favorite BOOLEAN NOT NULL, details TEXT NOT NULL, photo_key TEXT, version INTEGER NOT NULL,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
    first_name_sort BLOB NOT NULL, last_name_sort BLOB NOT NULL
);

CREATE INDEX by_column_name ON by_column (owner_id, last_name_sort, first_name_sort, id);

CREATE TABLE by_document (
    id BLOB PRIMARY KEY NOT NULL,
    owner_id BLOB NOT NULL REFERENCES owners ON DELETE CASCADE,
    document TEXT NOT NULL, favorite BOOLEAN NOT NULL, search_text TEXT NOT NULL,
    first_name_sort BLOB NOT NULL, last_name_sort BLOB NOT NULL, birthday_sort INTEGER NOT NULL,
    version INTEGER NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL, deleted_at TEXT
);

CREATE INDEX by_document_owner ON by_document (owner_id, id);

CREATE INDEX by_document_last_name ON by_document (owner_id, last_name_sort, first_name_sort, id) WHERE deleted_at IS NULL;

CREATE INDEX by_document_first_name ON by_document (owner_id, first_name_sort, id) WHERE deleted_at IS NULL;

CREATE INDEX by_document_birthday ON by_document (owner_id, birthday_sort, id) WHERE deleted_at IS NULL;

CREATE INDEX by_document_created_at ON by_document (owner_id, created_at, id) WHERE deleted_at IS NULL;

CREATE INDEX by_document_updated_at ON by_document (owner_id, updated_at, id) WHERE deleted_at IS NULL;

CREATE TABLE by_card (
    id BLOB PRIMARY KEY NOT NULL,
    owner_id BLOB NOT NULL REFERENCES owners ON DELETE CASCADE,
    card TEXT NOT NULL, search_version INTEGER NOT NULL, photo_key TEXT, change INTEGER NOT NULL,
    created_at TEXT NOT NULL, updated_at TEXT NOT NULL,
    first_name_sort BLOB NOT NULL, last_name_sort BLOB NOT NULL
);

CREATE INDEX by_card_name ON by_card (owner_id, last_name_sort, first_name_sort, id);

CREATE TABLE created (
    id BLOB PRIMARY KEY NOT NULL,
    owner_id BLOB NOT NULL REFERENCES owners ON DELETE CASCADE,
    document TEXT NOT NULL, favorite BOOLEAN NOT NULL, search_text TEXT NOT NULL,
    first_name_sort BLOB NOT NULL, last_name_sort BLOB NOT NULL, birthday_sort INTEGER NOT NULL,
    version INTEGER NOT NULL, created_at TEXT NOT NULL, updated_at TEXT NOT NULL, deleted_at TEXT
);

CREATE INDEX created_owner ON created (owner_id, id);

CREATE INDEX created_last_name ON created (owner_id, last_name_sort, first_name_sort, id) WHERE deleted_at IS NULL;

CREATE INDEX created_first_name ON created (owner_id, first_name_sort, id) WHERE deleted_at IS NULL;

CREATE INDEX created_birthday ON created (owner_id, birthday_sort, id) WHERE deleted_at IS NULL;

CREATE INDEX created_created_at ON created (owner_id, created_at, id) WHERE deleted_at IS NULL;

CREATE INDEX created_updated_at ON created (owner_id, updated_at, id) WHERE deleted_at IS NULL
