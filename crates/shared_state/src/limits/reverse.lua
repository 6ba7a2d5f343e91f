-- Reverts the counting of one request under every key: the rule of domain::limit::gcra::reverse.
-- ARGV has two numbers for each of KEYS: the microseconds after which one request is restored, and the limit.
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

for i, key in ipairs(KEYS) do
    local interval, limit = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
    local full = tonumber(redis.call('GET', key))
    if full then
        local earlier = math.min(full, now + interval * limit) - interval
        if earlier > now then
            local ttl = math.ceil((earlier - now) / 1000)
            redis.call('SET', key, string.format('%.0f', earlier), 'PX', string.format('%.0f', ttl))
        else
            redis.call('DEL', key)
        end
    end
end
return #KEYS
