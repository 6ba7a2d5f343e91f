-- The data of a contact depend on its number. The owner has the same contacts whatever the total.
INSERT INTO users (id, username, email, email_verified, password_hash, locale, timezone, created_at)
SELECT ('01930000-0000-7000-9000-' || lpad(to_hex(u), 12, '0'))::uuid, 'User ' || u, 'user' || u || '@example.com', true,
    'hash', 'uk', 'Europe/Kyiv', '2026-11-21 12:00:00+00'
FROM generate_series(0, {users}) AS users(u);

INSERT INTO contacts (id, owner_id, favorite, card,
    change, created_at, updated_at, first_name_folded, last_name_folded, emails_folded, phone_digits, tags_folded,
    search_text, first_name_sort, last_name_sort, birthday_sort, search_version)
SELECT ('01930000-0000-7000-8000-' || lpad(to_hex(i), 12, '0'))::uuid,
    ('01930000-0000-7000-9000-' || lpad(to_hex(CASE WHEN i % {step} = 0 THEN 0 ELSE 1 + i % {users} END), 12, '0'))::uuid,
    person % 10 = 0,
    '{"first_name":"' || first_name || '","last_name":"' || last_name || '","middle_name":null,"nickname":null,'
        || '"organization":"калина","job_title":null,"emails":[{"label":null,"address":"' || email
        || '"}],"phones":[{"label":"mobile","number":"+' || phone || '"}],"addresses":[],"urls":[],"birthday":'
        || coalesce('"--' || lpad((birthday / 100)::text, 2, '0') || '-' || lpad((birthday % 100)::text, 2, '0') || '"', 'null') || ',"notes":"{notes}","tags":' || tags || ',"favorite":'
        || (person % 10 = 0)::text || '}',
    i + 1, '2020-01-01 00:00:00+00'::timestamptz + i * interval '1 second',
    '2022-01-01 00:00:00+00'::timestamptz + (i * 7919 % 9999991) * interval '1 second',
    first_name, last_name, E'\n' || email || E'\n', E'\n+' || phone || E'\n',
    CASE tags WHEN '[]' THEN NULL ELSE replace(replace(replace(tags, '["', E'\n'), '"]', E'\n'), '","', E'\n') END,
    first_name || E'\n' || last_name || E'\nкалина\n{notes}\n' || email || E'\n+' || phone,
    convert_to(first_name, 'UTF8'), convert_to(last_name, 'UTF8'), coalesce(birthday, 9999), {version}
FROM (
    SELECT i, person, '{first_names}'::jsonb ->> (person * 7919 % 16)::int AS first_name,
        ('{last_names}'::jsonb ->> (person * 104729 % 20)::int) || (person * 31 % 9973) AS last_name,
        'person' || person || '@example.com' AS email, '38067' || lpad((person % 10000000)::text, 7, '0') AS phone,
        CASE WHEN person % 3 = 0 THEN NULL ELSE (1 + person % 12) * 100 + 1 + person % 28 END AS birthday,
        CASE person % 4 WHEN 0 THEN '[]' WHEN 1 THEN '["друзі"]' WHEN 2 THEN '["work","друзі"]' ELSE '["tag' || (person % 50) || '"]' END AS tags
    FROM generate_series(0::bigint, {rows} - 1) AS numbers(i),
        LATERAL (SELECT CASE WHEN i % {step} = 0 THEN i / {step} ELSE i END AS person) AS persons
) AS people;

UPDATE users SET contact_count = counted.contacts, contact_changes = counted.changes
FROM (SELECT owner_id, count(*) AS contacts, max(change) AS changes FROM contacts GROUP BY owner_id) AS counted
WHERE counted.owner_id = users.id
