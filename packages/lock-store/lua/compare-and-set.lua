#!lua
-- Reads locks, and changes each lock that still has the version that the caller knows. All changes of locks use this
-- script. It does not know what a lock means, so no rule in Lua can disagree with the rules in TypeScript.
--
-- One call carries many entries, of one shard or several. Each entry stands alone: if it fails, the others do not.
--
-- KEYS the generation of each shard that the call touches. The other keys of a shard have the same tag:
--   TAG:lock:KEY   a hash of version, value, write, deadline, owner. After a delete, only write stays, for a minute
--   TAG:deadlines  a sorted set of lock keys, whose scores are the deadlines in milliseconds
--   TAG:owners     a sorted set of "owner NUL lock key", ordered by its bytes, as all scores are 0
--   TAG:version    the highest version that the shard has given
--   TAG:writers    a hash: the newest version that each writer made in the shard
-- ARGV[1] the id of the calling store, as a writer
-- ARGV, for each of KEYS: the newest version that this writer knows it made in the shard; "0": none
-- ARGV, for each entry, ten arguments:
--   the position of its shard in KEYS
--   the generation in which the lock was read
--   "load", "set" or "delete"; the rest is "" with "load", except the key
--   the key of the lock in the indexes
--   the expected version; "0": there must be no lock
--   "due" or "not-due", if only such a lock may change; "": any may
--   the id of this write, used only once
--   the new value; "" with delete
--   the new deadline in milliseconds; "+" and a number: so long after now; "keep": as before; "": none
--   the new owner, or "" for none
--
-- Returns {reply, reply, ...}, one for each entry. A reply is an error, or
--   {1, version, version} after a set, {1, 0, version} after a delete, {1, version} if the write was made before
--   {0, now in ms, version, value, deadline} after a load, or if the lock has another version
--   {0, now in ms} if there is no lock
--   {2, now in ms, ...} with the same rest, if the lock has this version but is not due, or is due

local time = redis.call("TIME")
local nowMs = time[1] * 1000 + math.floor(time[2] / 1000)
local nowMicroseconds = time[1] * 1000000 + time[2]

local function shardOf(nth)
  local tag = string.sub(KEYS[nth], 1, -11)
  return {
    generation = redis.call("GET", KEYS[nth]),
    isOlder = (tonumber(redis.call("HGET", tag .. "writers", ARGV[1])) or 0) < tonumber(ARGV[1 + nth]),
    highest = tonumber(redis.call("GET", tag .. "version")) or 0,
    tag = tag,
    deadlines = tag .. "deadlines",
    owners = tag .. "owners",
  }
end

local function apply(shard, generation, act, key, expected, when, write, value, deadline, owner)
  if shard.generation ~= generation then
    return { err = "GENERATION the shard is not as it was known" }
  end
  if shard.isOlder then
    return { err = "OLDER the shard does not have what it was given" }
  end

  local name = shard.tag .. "lock:" .. key
  local lock = redis.pcall("HMGET", name, "version", "value", "write", "deadline", "owner")
  if lock.err then
    return { err = "UNREADABLE the key of the lock holds something else" }
  end
  local current, lastWrite, oldDeadline, oldOwner = lock[1], lock[3], lock[4] or "", lock[5] or ""

  -- The caller sends the same write again if it lost the first answer.
  if act ~= "load" and lastWrite == write then
    return { 1, tonumber(current or 0) }
  end
  local isOther = act == "load" or (current or "0") ~= expected
  local isDue = oldDeadline ~= "" and nowMs >= tonumber(oldDeadline)
  if isOther or when ~= "" and isDue ~= (when == "due") then
    local code = isOther and 0 or 2
    return current and { code, nowMs, tonumber(current), lock[2], oldDeadline } or { code, nowMs }
  end

  local delete = act == "delete"
  if delete and not current then
    return { 1, 0 }
  end
  if deadline == "keep" then
    deadline = oldDeadline
  elseif string.sub(deadline, 1, 1) == "+" then
    deadline = string.format("%.0f", nowMs + string.sub(deadline, 2))
  end
  if deadline ~= "" then
    redis.call("ZADD", shard.deadlines, deadline, key)
  elseif oldDeadline ~= "" then
    redis.call("ZREM", shard.deadlines, key)
  end
  if owner ~= oldOwner then
    if oldOwner ~= "" then
      redis.call("ZREM", shard.owners, oldOwner .. "\0" .. key)
    end
    if owner ~= "" then
      redis.call("ZADD", shard.owners, 0, owner .. "\0" .. key)
    end
  end

  -- A Lua number holds microseconds exactly until the year 2255, but tostring would round them.
  shard.highest = math.max(nowMicroseconds, shard.highest + 1)
  shard.made = string.format("%.0f", shard.highest)
  if delete then
    redis.call("DEL", name)
    redis.call("HSET", name, "write", write)
    redis.call("PEXPIRE", name, 60000)
    return { 1, 0, shard.highest }
  end
  redis.call("HSET", name, "version", shard.made, "value", value, "write", write, "deadline", deadline, "owner", owner)
  if not current and lastWrite then
    redis.call("PERSIST", name)
  end
  return { 1, shard.highest, shard.highest }
end

-- The caught error is a text in Redis 7.0, and may be a table with the field err in later versions. A text without a
-- code is an error in this script.
local function resultOf(call, ...)
  local ok, result = pcall(call, ...)
  if ok then
    return result
  end
  local text = type(result) == "table" and result.err or result
  return { err = string.find(text, "^%u+ ") and text or "ERR " .. text }
end

local shards, replies = {}, {}
for nth = 1, #KEYS do
  shards[nth] = resultOf(shardOf, nth)
end
for at = #KEYS + 2, #ARGV, 10 do
  local shard = shards[tonumber(ARGV[at])]
  replies[#replies + 1] = shard.err and { err = shard.err } or resultOf(apply, shard, unpack(ARGV, at + 1, at + 9))
end
for _, shard in ipairs(shards) do
  if shard.made then
    redis.call("SET", shard.tag .. "version", shard.made)
    redis.call("HSET", shard.tag .. "writers", ARGV[1], shard.made)
  end
end
return replies
