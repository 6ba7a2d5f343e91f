INSERT INTO owners
SELECT DISTINCT (line ->> 'owner')::uuid, 0 FROM json_array_elements($1::json) AS lines(line)
ON CONFLICT DO NOTHING;

INSERT INTO by_column
SELECT (contact ->> 'id')::uuid, owner,
    contact ->> 'first_name', contact ->> 'last_name', contact ->> 'middle_name', contact ->> 'nickname',
    contact ->> 'organization', contact ->> 'job_title', contact ->> 'notes',
    CASE WHEN contact ->> 'birthday' NOT LIKE '--%' THEN left(contact ->> 'birthday', 4)::smallint END,
    replace(right(contact ->> 'birthday', 5), '-', '')::smallint,
    (contact ->> 'favorite')::boolean,
    jsonb_build_object('emails', contact -> 'emails', 'phones', contact -> 'phones', 'addresses', contact -> 'addresses',
        'urls', contact -> 'urls', 'tags', contact -> 'tags'),
    NULL, 1, (contact ->> 'created_at')::timestamptz, (contact ->> 'updated_at')::timestamptz,
    convert_to(coalesce(contact ->> 'first_name', ''), 'UTF8'), convert_to(coalesce(contact ->> 'last_name', ''), 'UTF8')
FROM (SELECT (line ->> 'owner')::uuid AS owner, line -> 'contact' AS contact
    FROM json_array_elements($1::json) AS lines(line)) AS contacts;

INSERT INTO by_document
SELECT (contact ->> 'id')::uuid, owner, contact::text, (contact ->> 'favorite')::boolean,
    concat_ws(E'\n', contact ->> 'first_name', contact ->> 'last_name', contact ->> 'organization', contact ->> 'notes',
        contact -> 'emails' -> 0 ->> 'address'),
    convert_to(coalesce(contact ->> 'first_name', ''), 'UTF8'), convert_to(coalesce(contact ->> 'last_name', ''), 'UTF8'),
    coalesce(replace(right(contact ->> 'birthday', 5), '-', '')::smallint, 9999),
    1, (contact ->> 'created_at')::timestamptz, (contact ->> 'updated_at')::timestamptz, NULL
FROM (SELECT (line ->> 'owner')::uuid AS owner, line -> 'contact' AS contact
    FROM json_array_elements($1::json) AS lines(line)) AS contacts;

INSERT INTO by_card
SELECT (contact ->> 'id')::uuid, owner,
    regexp_replace(regexp_replace(contact::text, '^\{"id":"[^"]*",', '{'), ',"photo_url":[^{]*$', '}'),
    1, NULL, 1, (contact ->> 'created_at')::timestamptz, (contact ->> 'updated_at')::timestamptz,
    convert_to(coalesce(contact ->> 'first_name', ''), 'UTF8'), convert_to(coalesce(contact ->> 'last_name', ''), 'UTF8')
FROM (SELECT (line ->> 'owner')::uuid AS owner, line -> 'contact' AS contact
    FROM json_array_elements($1::json) AS lines(line)) AS contacts
