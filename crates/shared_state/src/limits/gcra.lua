-- Counts one request under every key, or under none when a key is exhausted: the rule of domain::limit::gcra.
-- ARGV has two numbers for each of KEYS: the microseconds after which one request is restored, and the limit.
-- Returns for each of KEYS: allowed (1 or 0), remaining, microseconds to retry after, microseconds to reset after.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
-- Numbers to store when the request is admitted, and when it is rejected.
local answer, counted, corrected, admitted = {}, {}, {}, true

for i, key in ipairs(KEYS) do
    local interval, limit = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
    local latest = now + interval * limit
    local stored = tonumber(redis.call('GET', key)) or now
    local full = math.min(math.max(stored, now), latest)
    local nxt = full + interval
    if nxt <= latest then
        counted[i] = nxt
        local remaining = math.floor((latest - nxt) / interval)
        for _, number in ipairs({1, remaining, 0, nxt - now}) do table.insert(answer, number) end
    else
        admitted = false
        if stored > latest then corrected[i] = latest end
        for _, number in ipairs({0, 0, nxt - latest, full - now}) do table.insert(answer, number) end
    end
end

for i, full in pairs(admitted and counted or corrected) do
    -- Formatted as text: Lua would round a plain number.
    local ttl = math.ceil((full - now) / 1000)
    redis.call('SET', KEYS[i], string.format('%.0f', full), 'PX', string.format('%.0f', ttl))
end
return answer
