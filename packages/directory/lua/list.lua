#!lua flags=no-writes
-- Returns the presences of servers that have not expired.
--
-- KEYS[1] presences: a hash, by id
-- KEYS[2] when they expire: a sorted set of ids, whose scores are times in milliseconds
--
-- Returns {text, text, ...}

local time = redis.call("TIME")
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)

local found = {}
for _, id in ipairs(redis.call("ZRANGEBYSCORE", KEYS[2], "(" .. string.format("%.0f", nowMs), "+inf")) do
  found[#found + 1] = redis.call("HGET", KEYS[1], id)
end
return found
