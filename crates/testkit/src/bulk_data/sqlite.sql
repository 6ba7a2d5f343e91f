-- Like postgres.sql. Here `||` binds tighter than arithmetic.
WITH RECURSIVE users_(u) AS (SELECT 0 UNION ALL SELECT u + 1 FROM users_ WHERE u < {users})
INSERT INTO users (id, username, email, email_verified, password_hash, locale, timezone, created_at)
SELECT unhex(printf('01930000000070009000%012x', u)), 'User ' || u, 'user' || u || '@example.com', true,
    'hash', 'uk', 'Europe/Kyiv', '2026-11-21T12:00:00+00:00'
FROM users_;

WITH RECURSIVE numbers(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i < {rows} - 1),
people AS (
    SELECT i, person, '{first_names}' ->> (person * 7919 % 16) AS first_name,
        ('{last_names}' ->> (person * 104729 % 20)) || (person * 31 % 9973) AS last_name,
        'person' || person || '@example.com' AS email, printf('38067%07d', person % 10000000) AS phone,
        CASE WHEN person % 3 = 0 THEN NULL ELSE (1 + person % 12) * 100 + 1 + person % 28 END AS birthday,
        CASE person % 4 WHEN 0 THEN '[]' WHEN 1 THEN '["друзі"]' WHEN 2 THEN '["work","друзі"]' ELSE '["tag' || (person % 50) || '"]' END AS tags
    FROM (SELECT i, CASE WHEN i % {step} = 0 THEN i / {step} ELSE i END AS person FROM numbers)
)
INSERT INTO contacts (id, owner_id, favorite, card,
    change, created_at, updated_at, first_name_folded, last_name_folded, emails_folded, phone_digits, tags_folded,
    search_text, first_name_sort, last_name_sort, birthday_sort, search_version)
SELECT unhex(printf('01930000000070008000%012x', i)),
    unhex(printf('01930000000070009000%012x', CASE WHEN i % {step} = 0 THEN 0 ELSE 1 + i % {users} END)),
    person % 10 = 0,
    '{"first_name":"' || first_name || '","last_name":"' || last_name || '","middle_name":null,"nickname":null,'
        || '"organization":"калина","job_title":null,"emails":[{"label":null,"address":"' || email
        || '"}],"phones":[{"label":"mobile","number":"+' || phone || '"}],"addresses":[],"urls":[],"birthday":'
        || iif(birthday IS NULL, 'null', printf('"--%02d-%02d"', birthday / 100, birthday % 100)) || ',"notes":"{notes}","tags":' || tags || ',"favorite":'
        || iif(person % 10 = 0, 'true', 'false') || '}',
    i + 1, strftime('%Y-%m-%dT%H:%M:%S+00:00', 1577836800 + i, 'unixepoch'),
    strftime('%Y-%m-%dT%H:%M:%S+00:00', 1640995200 + i * 7919 % 9999991, 'unixepoch'),
    first_name, last_name, char(10) || email || char(10),
    char(10) || '+' || phone || char(10),
    CASE tags WHEN '[]' THEN NULL
        ELSE replace(replace(replace(tags, '["', char(10)), '"]', char(10)), '","', char(10)) END,
    concat_ws(char(10), first_name, last_name, 'калина', '{notes}', email, '+' || phone),
    CAST(first_name AS BLOB), CAST(last_name AS BLOB), coalesce(birthday, 9999), {version}
FROM people;

UPDATE users SET contact_count = counted.contacts, contact_changes = counted.changes
FROM (SELECT owner_id, count(*) AS contacts, max(change) AS changes FROM contacts GROUP BY owner_id) AS counted
WHERE counted.owner_id = users.id
