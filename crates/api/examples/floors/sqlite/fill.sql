INSERT INTO owners
SELECT DISTINCT unhex(value ->> 'owner', '-'), 0 FROM json_each($1) WHERE true
ON CONFLICT DO NOTHING;

INSERT INTO by_column
SELECT unhex(contact ->> 'id', '-'), owner,
    contact ->> 'first_name', contact ->> 'last_name', contact ->> 'middle_name', contact ->> 'nickname',
    contact ->> 'organization', contact ->> 'job_title', contact ->> 'notes',
    CASE WHEN contact ->> 'birthday' NOT LIKE '--%' THEN CAST(substr(contact ->> 'birthday', 1, 4) AS INTEGER) END,
    CAST(replace(substr(contact ->> 'birthday', -5), '-', '') AS INTEGER),
    contact ->> 'favorite',
    json_object('emails', contact -> 'emails', 'phones', contact -> 'phones', 'addresses', contact -> 'addresses',
        'urls', contact -> 'urls', 'tags', contact -> 'tags'),
    NULL, 1, contact ->> 'created_at', contact ->> 'updated_at',
    CAST(coalesce(contact ->> 'first_name', '') AS BLOB), CAST(coalesce(contact ->> 'last_name', '') AS BLOB)
FROM (SELECT unhex(value ->> 'owner', '-') AS owner, value -> 'contact' AS contact FROM json_each($1));

INSERT INTO by_document
SELECT unhex(contact ->> 'id', '-'), owner, contact, contact ->> 'favorite',
    concat_ws(char(10), contact ->> 'first_name', contact ->> 'last_name', contact ->> 'organization',
        contact ->> 'notes', contact -> 'emails' -> 0 ->> 'address'),
    CAST(coalesce(contact ->> 'first_name', '') AS BLOB), CAST(coalesce(contact ->> 'last_name', '') AS BLOB),
    coalesce(CAST(replace(substr(contact ->> 'birthday', -5), '-', '') AS INTEGER), 9999),
    1, contact ->> 'created_at', contact ->> 'updated_at', NULL
FROM (SELECT unhex(value ->> 'owner', '-') AS owner, value -> 'contact' AS contact FROM json_each($1));

INSERT INTO by_card
SELECT unhex(contact ->> 'id', '-'), owner,
    json_remove(contact, '$.id', '$.photo_url', '$.created_at', '$.updated_at'),
    1, NULL, 1, contact ->> 'created_at', contact ->> 'updated_at',
    CAST(coalesce(contact ->> 'first_name', '') AS BLOB), CAST(coalesce(contact ->> 'last_name', '') AS BLOB)
FROM (SELECT unhex(value ->> 'owner', '-') AS owner, value -> 'contact' AS contact FROM json_each($1))
