CREATE TABLE owners (id uuid PRIMARY KEY, contacts bigint NOT NULL);

CREATE TABLE by_column (
    id uuid PRIMARY KEY,
    owner_id uuid NOT NULL REFERENCES owners ON DELETE CASCADE,
    first_name text, last_name text, middle_name text, nickname text, organization text, job_title text, notes text,
    birthday_year smallint, birthday_month_day smallint,
    favorite boolean NOT NULL, details jsonb NOT NULL, photo_key text, version bigint NOT NULL,
    created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
    first_name_sort bytea NOT NULL, last_name_sort bytea NOT NULL
);

CREATE INDEX by_column_name ON by_column (owner_id, last_name_sort, first_name_sort, id);

CREATE TABLE by_document (
    id uuid PRIMARY KEY,
    owner_id uuid NOT NULL REFERENCES owners ON DELETE CASCADE,
    document text NOT NULL, favorite boolean NOT NULL, search_text text NOT NULL,
    first_name_sort bytea NOT NULL, last_name_sort bytea NOT NULL, birthday_sort smallint NOT NULL,
    version bigint NOT NULL, created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL, deleted_at timestamptz
);

CREATE INDEX by_document_owner ON by_document (owner_id, id);

CREATE INDEX by_document_last_name ON by_document (owner_id, last_name_sort, first_name_sort, id) WHERE deleted_at IS NULL;

CREATE INDEX by_document_first_name ON by_document (owner_id, first_name_sort, id) WHERE deleted_at IS NULL;

CREATE INDEX by_document_birthday ON by_document (owner_id, birthday_sort, id) WHERE deleted_at IS NULL;

CREATE INDEX by_document_created_at ON by_document (owner_id, created_at, id) WHERE deleted_at IS NULL;

CREATE INDEX by_document_updated_at ON by_document (owner_id, updated_at, id) WHERE deleted_at IS NULL;

CREATE TABLE by_card (
    id uuid PRIMARY KEY,
    owner_id uuid NOT NULL REFERENCES owners ON DELETE CASCADE,
    card text NOT NULL, search_version smallint NOT NULL, photo_key text, change bigint NOT NULL,
    created_at timestamptz NOT NULL, updated_at timestamptz NOT NULL,
    first_name_sort bytea NOT NULL, last_name_sort bytea NOT NULL
);

CREATE INDEX by_card_name ON by_card (owner_id, last_name_sort, first_name_sort, id);

CREATE TABLE created (LIKE by_document INCLUDING ALL, FOREIGN KEY (owner_id) REFERENCES owners ON DELETE CASCADE)
