#!lua
-- Begins a generation of one shard, unless there is one: its first, or the one after it was lost with all its locks.
--
-- KEYS[1] the generation of the shard: an id, a colon, and until when on this clock its locks are put back
-- ARGV[1] the id of a new one
-- ARGV[2] for how many milliseconds its locks are put back; "0": it never had any
--
-- Returns {the generation, now in ms}

local time = redis.call("TIME")
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local generation = redis.call("GET", KEYS[1])
if not generation then
  generation = ARGV[1] .. ":" .. string.format("%.0f", nowMs + ARGV[2])
  redis.call("SET", KEYS[1], generation)
end
return { generation, nowMs }
