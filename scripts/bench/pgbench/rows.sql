\set number random(1, :users)
SELECT id, owner_id, first_name, last_name, middle_name, nickname, organization, job_title, notes, birthday_year, birthday_month_day, favorite, details, photo_key, version, created_at, updated_at FROM by_column WHERE owner_id = ('01930000-0000-7000-8000-' || lpad(to_hex(:number::bigint), 12, '0'))::uuid ORDER BY last_name_sort, first_name_sort, id LIMIT 51;
