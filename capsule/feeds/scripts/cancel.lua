-- Purpose: cancel jobs that have not begun, or of which another attempt waits. Each ends now, with the given result.
-- KEYS:    1 the queue's prefix, cap1:{actions}:jobs:
-- ARGV:    1 how long the result is kept, in ms  2 the result; then the ids
-- Returns: for each id cancelled, active (it is handed out: nothing was changed), done (it has ended), or unknown
-- Events:  id, `result` and the result on the reply stream of each job that was cancelled
-- Errors:  CAP ARGS; WRONGTYPE when a key holds something else

-- include: jobs

local keep, result = ARGV[1], ARGV[2]
if #ARGV < 3 or not (tonumber(keep) and tonumber(keep) >= 1) then
  return redis.error_reply('CAP ARGS The arguments of a cancellation are malformed.')
end
check_keys('job', 'ready', 'ring', 'later', 'delayed', 'claims', 'suspects', 'solo', 'held', 'fails', 'expiring',
  'progress', 'meta')

local states = {}
for i = 3, #ARGV do
  local id = ARGV[i]
  local record = not gone[id] and call('HGET', JOB, id)
  if not record then
    states[#states + 1] = call('EXISTS', P .. 'result:' .. id) == 1 and 'done' or 'unknown'
  else
    local group, reply, options = parts(record)
    local out = tonumber(group ~= '' and string.match(call('HGET', CLAIMS, group) or '', '^%d+ (%d+)') or 0)
    local active = false
    for _, held in ipairs(out > 0 and call('LRANGE', P .. 'group:' .. group, 0, out - 1) or {}) do
      active = active or held == id
    end
    -- A job without a group that waits nowhere is in somebody's batch.
    if active or not remove(id, group) then states[#states + 1] = 'active'
    else
      settle(id, reply, options, result, keep, 'cancelled')
      states[#states + 1] = 'cancelled'
    end
  end
end
write_ended()
return states
