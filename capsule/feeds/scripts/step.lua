-- Purpose: a worker's whole round in one call: report on what it holds, then claim more.
-- KEYS:    1 the queue's prefix, cap1:{actions}:jobs:
-- ARGV:    1 lease in ms  2 how many jobs to claim, 0 .. 1000  3 the worker's name
--          4 attempts before a job is a dead letter  5 first backoff in ms, doubled each time  6 the longest backoff
--          7 how long a result is kept, in ms  8 number of claims reported on; then for each: group, epoch, number of
--          entries, and entries of 3: finish ID result | fail ID result | bury ID result | release "" ""
--          (the result of fail is answered if that was the last attempt; bury makes a dead letter now)
-- Returns: 1 for each entry: ok (also for a job that has ended already), retry (its group backs off and the claim is
--            over), dead, or lost (the claim was not current any more: nothing was changed)
--          2 ms until a lease or a backoff ends, -1 if there is none; only looked up when nothing was claimed
--          3 the claims: group, epoch, and a list of id, data, failed attempts for each job, in order
-- Events:  id and result on the reply stream of each job that ended; one token in `wake` if groups are left
-- Errors:  CAP ARGS; WRONGTYPE when a key holds something else
--
-- A group is in one place: idle (no jobs), in the ring, claimed (in `leases` and `claims`), or in `delayed`.

local REPLIES, REPLY_SECONDS, DEAD, REAP = 10000, 3600, 10000, 100

local call = redis.call
local P = KEYS[1]
local JOB, RING, LEASES, CLAIMS = P .. 'job', P .. 'ring', P .. 'leases', P .. 'claims'
local DELAYED, SOLO, FAILS, META, WAKE = P .. 'delayed', P .. 'solo', P .. 'fails', P .. 'meta', P .. 'wake'
local lease, want, owner, attempts_most = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local backoff_first, backoff_most, keep = tonumber(ARGV[5]), tonumber(ARGV[6]), tonumber(ARGV[7])

-- Everything is understood before anything is written.
local reports, at = {}, 9
for n = 1, tonumber(ARGV[8]) or 0 do
  local count = tonumber(string.match(ARGV[at + 2] or '', '^%d+$'))
  local report = { group = ARGV[at], epoch = ARGV[at + 1], count = count, first = at + 3 }
  if not report.count then return redis.error_reply('CAP ARGS Report ' .. n .. ' is malformed.') end
  at = report.first + report.count * 3
  for e = report.first, at - 1, 3 do
    local verb = ARGV[e]
    if verb ~= 'finish' and verb ~= 'fail' and verb ~= 'bury' and verb ~= 'release' then
      return redis.error_reply('CAP ARGS Report ' .. n .. ' has an unknown verb.')
    end
  end
  reports[n] = report
end
if at ~= #ARGV + 1 or not (lease and want and attempts_most and backoff_first and backoff_most and keep)
  or want < 0 or want > 1000 or keep < 1
then return redis.error_reply('CAP ARGS The arguments of a step are malformed.') end
call('HLEN', JOB); call('LLEN', RING); call('ZCARD', LEASES); call('HLEN', CLAIMS); call('ZCARD', DELAYED)
call('HLEN', SOLO); call('HLEN', META); call('LLEN', WAKE); call('XLEN', P .. 'dead')
local failing = call('HLEN', FAILS) > 0

local function int(n) return string.format('%.0f', n) end
local time = call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

-- A claim is `<epoch> <jobs handed out and not ended> <owner>`; the epoch is its fencing token.
local function claim_of(group)
  local epoch, left, name = string.match(call('HGET', CLAIMS, group) or '', '^(%d+) (%d+) (.*)$')
  return epoch, tonumber(left), name
end
local function close(group, due)
  call('ZREM', LEASES, group)
  call('HDEL', CLAIMS, group)
  if call('EXISTS', P .. 'group:' .. group) == 0 then return end
  if due then call('ZADD', DELAYED, int(due), group) else call('RPUSH', RING, group) end
end

-- The job ends: it leaves its group, and whoever asked gets the result. Returns its data, nil if it is not there.
local function settle(group, id, result)
  local job = call('HGET', JOB, id)
  local of, reply, data = string.match(job or '', '^(%S+) (%S*)\n()')
  if of ~= group then return end
  if call('LINDEX', P .. 'group:' .. group, 0) == id then call('LPOP', P .. 'group:' .. group)
  else call('LREM', P .. 'group:' .. group, 1, id) end
  call('HDEL', JOB, id)
  if failing then call('HDEL', FAILS, id) end
  call('SET', P .. 'result:' .. id, result, 'PX', int(keep))
  if reply ~= '' then
    local stream = P .. 'reply:' .. reply
    call('XADD', stream, 'MAXLEN', '~', REPLIES, '*', 'id', id, 'result', result)
    if call('TTL', stream) < REPLY_SECONDS / 2 then call('EXPIRE', stream, REPLY_SECONDS) end
  end
  return string.sub(job, data)
end
local function mine(group, id) return string.match(call('HGET', JOB, id) or '', '^%S+') == group end
local function bury(group, id, attempts, result)
  call('XADD', P .. 'dead', 'MAXLEN', '~', DEAD, '*', 'id', id, 'group', group, 'attempts', attempts,
    'reason', result, 'data', settle(group, id, result))
end
local function charge(id)
  failing = true
  return call('HINCRBY', FAILS, id, 1)
end
local function succeeded(group)
  local solo = tonumber(call('HGET', SOLO, group))
  if solo and solo > 1 then call('HSET', SOLO, group, solo - 1) elseif solo then call('HDEL', SOLO, group) end
end

-- 1. Reports.
local outcomes = {}
for _, report in ipairs(reports) do
  local group = report.group
  local epoch, left, name = claim_of(group)
  local held = epoch == report.epoch
  for e = report.first, report.first + report.count * 3 - 1, 3 do
    local verb, id, text = ARGV[e], ARGV[e + 1], ARGV[e + 2]
    local outcome = held and 'ok' or 'lost'
    if held and verb == 'release' then
      close(group)
      held = false
    elseif held and verb == 'finish' then
      if settle(group, id, text) then
        left = left - 1
        succeeded(group)
      end
    elseif held and mine(group, id) then
      local attempts = charge(id)
      if verb == 'fail' and attempts < attempts_most then
        close(group, now + math.min(backoff_most, backoff_first * 2 ^ (attempts - 1)))
        held, outcome = false, 'retry'
      else
        bury(group, id, attempts, text)
        left, outcome = left - 1, 'dead'
      end
    end
    outcomes[#outcomes + 1] = outcome
  end
  if held and left <= 0 then close(group)
  elseif held then call('HSET', CLAIMS, group, epoch .. ' ' .. left .. ' ' .. name) end
end

local claims, due = {}, -1
if want > 0 then
  -- 2. Leases that ran out. Which job of a batch brought its worker down is unknown, so nobody is charged and as many
  --    are handed out one at a time; a job that was out alone is charged.
  for _, group in ipairs(call('ZRANGE', LEASES, '-inf', int(now), 'BYSCORE', 'LIMIT', 0, REAP)) do
    local _, left = claim_of(group)
    if left == 1 then
      local id = call('LINDEX', P .. 'group:' .. group, 0)
      local attempts = id and charge(id) or 0
      if id and attempts >= attempts_most then
        bury(group, id, attempts, '{"code":500,"name":"INTERNAL","sentence":"The workers that began this job did not '
          .. 'finish it: ' .. attempts .. ' attempts."}')
      elseif call('HEXISTS', SOLO, group) == 0 then call('HSET', SOLO, group, 1) end
    else
      call('HSET', SOLO, group, left or 1)
    end
    close(group)
  end
  for _, group in ipairs(call('ZRANGE', DELAYED, '-inf', int(now), 'BYSCORE', 'LIMIT', 0, REAP)) do
    call('ZREM', DELAYED, group)
    call('RPUSH', RING, group)
  end

  -- 3. Claims: one batch a group, groups in turn.
  local epoch = tonumber(call('HGET', META, 'epoch') or 0)
  -- Microseconds: a claim takes several, so the epoch never runs ahead of the clock and survives the loss of `meta`.
  local clock = time[1] * 1000000 + time[2]
  while want > 0 do
    local group = call('LPOP', RING)
    if not group then break end
    local most = call('HEXISTS', SOLO, group) == 1 and 1 or want
    local ids = call('LRANGE', P .. 'group:' .. group, 0, most - 1)
    if #ids > 0 then
      epoch = math.max(epoch + 1, clock)
      call('ZADD', LEASES, int(now + lease), group)
      call('HSET', CLAIMS, group, int(epoch) .. ' ' .. #ids .. ' ' .. owner)
      local found = call('HMGET', JOB, unpack(ids))
      local fails = failing and call('HMGET', FAILS, unpack(ids))
      local jobs = {}
      for i, id in ipairs(ids) do
        jobs[#jobs + 1] = id
        jobs[#jobs + 1] = string.sub(found[i], (string.find(found[i], '\n', 1, true)) + 1)
        jobs[#jobs + 1] = fails and tonumber(fails[i]) or 0
      end
      claims[#claims + 1] = { group, int(epoch), jobs }
      want = want - #ids
    end
  end
  if #claims > 0 then
    call('HSET', META, 'epoch', int(epoch))
  else
    for _, key in ipairs({ LEASES, DELAYED }) do
      local score = tonumber(call('ZRANGE', key, 0, 0, 'WITHSCORES')[2])
      if score and (due < 0 or score - now < due) then due = math.max(0, score - now) end
    end
  end
end
if call('LLEN', RING) > 0 and call('EXISTS', WAKE) == 0 then call('RPUSH', WAKE, '1') end
return { outcomes, due, claims }
