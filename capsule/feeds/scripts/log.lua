-- Purpose: read the frames after an event that a reader has applied.
-- KEYS:    1 the scope's prefix, cap1:{team.7}:
-- ARGV:    1 the id of the reader's last event; 0-0 for all of them
-- Returns: the list of frames, oldest first, empty when the reader is current; nil when the event is not in the
--          log, trimmed or rolled back by a crash: the reader needs a new snapshot
-- Events:  none
-- Errors:  CAP ARGS; WRONGTYPE when a key holds something else

local P, since = KEYS[1], ARGV[1]
if not since or not string.find(since, '^%d+-%d+$') then
  return redis.error_reply('CAP ARGS The event id is malformed.')
end
if (redis.call('HGET', P .. 'meta', 'last') or '0-0') == since then return {} end
local first
if since == '0-0' then
  first = redis.call('XRANGE', P .. 'log', '-', '+', 'COUNT', 1)[1]
  -- Only a log that still begins with version 1 is the whole history.
  if not first or string.match(first[1], '^%d+') ~= '1' then return false end
else
  if #redis.call('XRANGE', P .. 'log', since, since) == 0 then return false end
end
local frames = {}
for i, entry in ipairs(redis.call('XRANGE', P .. 'log', '(' .. since, '+')) do frames[i] = entry[2][2] end
return frames
