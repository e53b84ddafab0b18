-- Purpose: recurring jobs: keep what is to be put, and when next. When that is, is worked out by the client, which enqueues
--          a tick by a put that names it (option s): one of any number of schedulers succeeds.
-- KEYS:    1 the queue's prefix, cap1:{actions}:jobs:
-- ARGV:    set, name, specification (any text), next due in ms: begins it, or changes it; the same text changes nothing
--          | remove, name
--          | skip, name, due, next due in ms: let a tick pass
--          | due, or all
-- Returns: set, remove, skip: 1, or 0 if there was nothing to do
--          due, all: the server's time in ms, the ms at which the next one is due or -1, then for each (due: only those whose
--          time has come, at most 100, oldest first) name, due in ms, specification
-- Events:  none
-- Errors:  CAP ARGS, CAP LIMIT; WRONGTYPE when a key holds something else

-- include: jobs

local TICKS, SCHEDULES, MAX_BYTES = P .. 'ticks', P .. 'schedules', 1048576
local verb, name = ARGV[1], ARGV[2]
local function malformed() return redis.error_reply('CAP ARGS The arguments of a schedule are malformed.') end
call('ZCARD', TICKS); call('HLEN', SCHEDULES)

if verb == 'due' or verb == 'all' then
  local ticks = verb == 'all' and call('ZRANGE', TICKS, 0, -1, 'WITHSCORES')
    or call('ZRANGE', TICKS, '-inf', int(now), 'BYSCORE', 'LIMIT', 0, 100, 'WITHSCORES')
  local reply = { int(now), call('ZRANGE', TICKS, 0, 0, 'WITHSCORES')[2] or '-1' }
  for i = 1, #ticks, 2 do
    reply[#reply + 1] = ticks[i]; reply[#reply + 1] = ticks[i + 1]
    reply[#reply + 1] = call('HGET', SCHEDULES, ticks[i]) or ''
  end
  return reply
end
if not name_ok(name, 128) then return malformed() end
if verb == 'remove' then
  call('ZREM', TICKS, name)
  return call('HDEL', SCHEDULES, name)
end
local next = ARGV[4]
if #ARGV ~= 4 or not string.match(next, '^%d+$') or #next > 15 then return malformed() end
if verb == 'set' then
  if #ARGV[3] > MAX_BYTES then return redis.error_reply('CAP LIMIT A specification takes at most 1 MiB.') end
  if call('HGET', SCHEDULES, name) == ARGV[3] then return 0 end
  call('HSET', SCHEDULES, name, ARGV[3])
  call('ZADD', TICKS, next, name)
  return 1
elseif verb == 'skip' then
  if tonumber(call('ZSCORE', TICKS, name)) ~= tonumber(ARGV[3]) then return 0 end
  call('ZADD', TICKS, next, name)
  return 1
end
return malformed()
