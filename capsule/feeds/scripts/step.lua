-- Purpose: a worker's whole round in one call: report on what it holds, then claim more.
-- KEYS:    1 the queue's prefix, cap1:{actions}:jobs:
-- ARGV:    1 lease in ms  2 how many jobs to claim, 0 .. 1000  3 the worker's name
--          4 attempts before a job is a dead letter  5 first backoff in ms, doubled each time  6 the longest backoff
--          (4 to 6 are for jobs that did not bring their own)  7 how long a result is kept, in ms
--          8 number of claims reported on; then for each: group (empty: jobs without one), epoch, number of entries, and
--          entries of 3: finish ID result | fail ID result | bury ID result | release "" ""
--          (the result of fail is answered if that was the last attempt; bury makes a dead letter now)
-- Returns: 1 for each entry: ok (also for a job that has ended already), retry (the job backs off, and with it its group,
--            whose claim is over), dead, or lost (the claim was not current any more: nothing was changed)
--          2 ms until a lease, a backoff or a delay ends, -1 if there is none; only looked up when nothing was claimed
--          3 the claims: group, epoch, and a list of id, data, failed attempts for each job, in order
-- Events:  id, `result` and the result on the reply stream of each job that ended; a token in `wake` if jobs are left
-- Errors:  CAP ARGS; WRONGTYPE when a key holds something else

-- include: jobs

local REAP = 100
local EXPIRED = '{"code":410,"name":"EXPIRED","sentence":"The job was dropped: it had not begun in its time."}'

local lease, want, owner, attempts_most = tonumber(ARGV[1]), tonumber(ARGV[2]), ARGV[3], tonumber(ARGV[4])
local backoff_first, backoff_most, keep = tonumber(ARGV[5]), tonumber(ARGV[6]), ARGV[7]

-- Everything is understood before anything is written.
local reports, units, at, asked = {}, {}, 9, {}
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
    asked[#asked + 1] = ARGV[e + 1]
  end
  reports[n], units[n] = report, report.group ~= '' and report.group or ':' .. report.epoch
end
if at ~= #ARGV + 1 or not (lease and want and attempts_most and backoff_first and backoff_most and tonumber(keep))
  or want < 0 or want > 1000 or tonumber(keep) < 1
then return redis.error_reply('CAP ARGS The arguments of a step are malformed.') end
check_keys('job', 'ready', 'ring', 'later', 'delayed', 'leases', 'claims', 'suspects', 'solo', 'held', 'fails',
  'expiring', 'progress', 'dead', 'buried', 'meta', 'wake')
local failing, soloing = call('HLEN', FAILS) > 0, call('HLEN', SOLO) > 0
local records = {}
for i, record in ipairs(read('HMGET', JOB, asked)) do records[asked[i]] = record end

-- A claim is `<epoch> <jobs out> <jobs that its step handed out> <owner>`; the epoch is its fencing token. Jobs without a
-- group are claimed together, under `:<epoch>`.
local claimed, closed, emptied = {}, {}, {}
for n, text in ipairs(read('HMGET', CLAIMS, units)) do claimed[units[n]] = text end
local function claim_of(unit)
  if claimed[unit] == nil then claimed[unit] = call('HGET', CLAIMS, unit) end
  local epoch, left, of, name = string.match(claimed[unit] or '', '^(%d+) (%d+) (%d+) ()')
  return epoch, tonumber(left), tonumber(of), name
end
local function forget(unit)
  closed[#closed + 1] = unit
  claimed[unit] = false
end
local function write_closed()
  for i = 1, #emptied, SLICE do call('DEL', unpack(emptied, i, math.min(i + SLICE - 1, #emptied))) end
  many('ZREM', LEASES, closed)
  many('HDEL', CLAIMS, closed)
  closed, emptied = {}, {}
end
local function wait_again(group, due)
  if due then call('ZADD', DELAYED, int(due), group) else call('ZADD', RING, turn(), group) end
end
local function close(group, due)
  forget(group)
  if call('EXISTS', P .. 'group:' .. group) == 1 then wait_again(group, due) end
end
local function charge(id)
  failing = true
  return call('HINCRBY', FAILS, id, 1)
end
local function succeeded(group)
  local solo = tonumber(call('HGET', SOLO, group))
  if solo and solo > 1 then call('HSET', SOLO, group, solo - 1) elseif solo then call('HDEL', SOLO, group) end
end
local function most_of(options) return option(options, 'a') or attempts_most end
local function due_of(options, attempts)
  local first, most = option(options, 'b') or backoff_first, option(options, 'm') or backoff_most
  return now + math.min(most, first * 2 ^ (attempts - 1))
end

-- A dead letter can be redriven, so all of the job is kept but whom to answer: that is done now.
local function bury(id, record, attempts, result)
  local group, reply, options, text = parts(record)
  local letter = call('XADD', DEAD, '*', 'id', id, 'group', group, 'attempts', attempts, 'reason', result,
    'options', options, 'data', string.sub(record, text))
  call('HSET', BURIED, id, letter)
  if call('XLEN', DEAD) > DEAD_MOST then
    local oldest = call('XRANGE', DEAD, '-', '+', 'COUNT', 1)[1]
    call('XDEL', DEAD, oldest[1])
    if call('HGET', BURIED, oldest[2][2]) == oldest[1] then call('HDEL', BURIED, oldest[2][2]) end
  end
  settle(id, reply, options, result, keep, 'dead')
end

-- include: claims
-- 1. Reports.
local outcomes = {}
local function report_on(report, unit)
  local epoch, left, of, name = claim_of(unit)
  local held, was = epoch == report.epoch, left
  local out = held and open(report, unit, left)
  for e = report.first, report.first + report.count * 3 - 1, 3 do
    local verb, id, text = ARGV[e], ARGV[e + 1], ARGV[e + 2]
    local record = held and not gone[id] and out:has(id) and records[id]
    local outcome = held and 'ok' or 'lost'
    if held and verb == 'release' then
      out:back()
      held = false
    elseif record then
      local _, reply, options = parts(record)
      if verb == 'finish' then
        out:leave(id)
        settle(id, reply, options, text, keep, 'done')
        if soloing then succeeded(report.group) end
        left = left - 1
      else
        local attempts = charge(id)
        if verb == 'bury' or attempts >= most_of(options) then
          out:leave(id)
          bury(id, record, attempts, text)
          left, outcome = left - 1, 'dead'
        else
          outcome, held, left = 'retry', out:later(id, due_of(options, attempts)), left - 1
        end
      end
    end
    outcomes[#outcomes + 1] = outcome
  end
  if held and left <= 0 then out:over()
  elseif held then
    out:write()
    if left ~= was then
      claimed[unit] = table.concat({ epoch, left, of, sub(claimed[unit], name) }, ' ')
      call('HSET', CLAIMS, unit, claimed[unit])
    end
  end
end

-- With its memory full the server refuses a script's first write if that needs memory, and none after it. To end jobs is
-- what frees memory, so a write that needs none comes first.
if #reports > 0 then call('HDEL', CLAIMS, '') end
for n, report in ipairs(reports) do report_on(report, units[n]) end
write_closed()

local claims, due, taken = {}, -1, 0
if want > 0 then
  -- 2. Leases that ran out. Which of several jobs brought its worker down is unknown, so nobody is charged, and they are
  --    handed out one at a time; a job that was handed out alone is charged.
  local function crashed(id)
    local record = call('HGET', JOB, id)
    local attempts = charge(id)
    if attempts < most_of((select(3, parts(record)))) then return false end
    bury(id, record, attempts, '{"code":500,"name":"INTERNAL","sentence":"The workers that began this job did not finish '
      .. 'it: ' .. attempts .. ' attempts."}')
    return true
  end
  for _, unit in ipairs(call('ZRANGE', LEASES, '-inf', int(now), 'BYSCORE', 'LIMIT', 0, REAP)) do
    local epoch, left, of = claim_of(unit)
    if string.sub(unit, 1, 1) == ':' then
      local key = P .. 'batch:' .. (epoch or '')
      for _, id in ipairs(members(key)) do
        if of ~= 1 or not crashed(id) then call('RPUSH', SUSPECTS, id) end
      end
      emptied[#emptied + 1] = key
      forget(unit)
    else
      local list = P .. 'group:' .. unit
      local id = call('LINDEX', list, 0)
      if of == 1 and id and crashed(id) then call('LPOP', list)
      elseif of ~= 1 then call('HSET', SOLO, unit, left or 1)
      elseif call('HEXISTS', SOLO, unit) == 0 then call('HSET', SOLO, unit, 1) end
      soloing = true
      close(unit)
    end
  end
  write_closed()

  -- 3. What is due, and what came too late.
  for _, group in ipairs(call('ZRANGE', DELAYED, '-inf', int(now), 'BYSCORE', 'LIMIT', 0, REAP)) do
    call('ZREM', DELAYED, group)
    call('ZADD', RING, turn(), group)
  end
  local soon = call('ZRANGE', LATER, '-inf', int(now), 'BYSCORE', 'LIMIT', 0, REAP)
  for n, record in ipairs(read('HMGET', JOB, soon)) do
    call('ZREM', LATER, soon[n])
    if record then make_ready(soon[n], (select(3, parts(record)))) end
  end
  local function expire(id, record)
    local _, reply, options = parts(record)
    settle(id, reply, options, EXPIRED, keep, 'expired')
  end
  for _, id in ipairs(call('ZRANGE', EXPIRING, '-inf', int(now), 'BYSCORE', 'LIMIT', 0, REAP)) do
    local record = call('HGET', JOB, id)
    if record then
      remove(id, (parts(record)))
      expire(id, record)
    end
    call('ZREM', EXPIRING, id)
  end

  -- 4. Claims.
  local meta = call('HMGET', META, 'epoch', 'odd', 'held')
  local epoch, odd = tonumber(meta[1] or 0), tonumber(meta[2] or 0)
  -- Microseconds: a claim takes several, so the epoch never runs ahead of the clock and survives the loss of `meta`.
  local clock = time[1] * 1000000 + time[2]
  local room = meta[3] and 0 or want
  local parked = call('HLEN', HELD) > 0

  -- Hand out these jobs of one group, or of none. Those whose time is over are dropped here.
  local function hand_out(group, ids)
    local found = read('HMGET', JOB, ids)
    local fails = failing and read('HMGET', FAILS, ids)
    local jobs, out = {}, {}
    for i, id in ipairs(ids) do
      local record = found[i]
      local break_at = record and find(record, '\n', 1, true)
      local at = record and find(record, ' x', 1, true)
      local x = at and at < break_at and option((select(3, parts(record))), 'x')
      -- One that has begun once does not expire any more.
      if x and call('ZREM', EXPIRING, id) == 1 and x <= now then
        if group ~= '' then remove(id, group) end
        expire(id, record)
      elseif record then
        out[#out + 1] = id
        jobs[#jobs + 1] = id
        jobs[#jobs + 1] = sub(record, break_at + 1)
        jobs[#jobs + 1] = fails and tonumber(fails[i]) or 0
      end
    end
    if #out == 0 then return end
    epoch = math.max(epoch + 1, clock)
    if group == '' then many('SADD', P .. 'batch:' .. int(epoch), out) end
    claims[#claims + 1] = { group, int(epoch), jobs }
    taken, room = taken + #out, room - #out
  end

  -- Groups that wait for their turn: one, then two, four, ... at a time. What is not needed goes back.
  local popped, next_at, many_at_once = {}, 1, 1
  local function next_group()
    while true do
      if next_at > #popped then
        popped, next_at = call('ZPOPMIN', RING, math.min(many_at_once, room)), 1
        many_at_once = many_at_once * 2
      end
      local group, score = popped[next_at], popped[next_at + 1]
      next_at = next_at + 2
      if not group or not (parked and call('HEXISTS', HELD, group) == 1) then return group, score end
      call('HSET', HELD, group, '1')
    end
  end
  local function claim_group(group, most)
    hand_out(group, call('LRANGE', P .. 'group:' .. group, 0, most - 1))
    if #claims > 0 and claims[#claims][1] == group then return end
    if call('EXISTS', P .. 'group:' .. group) == 1 then call('ZADD', RING, turn(), group) end
  end
  local function claim_ready(most)
    local popped, ids = call('ZPOPMIN', READY, most), {}
    for i = 1, #popped, 2 do ids[#ids + 1] = popped[i] end
    hand_out('', ids)
  end

  -- One that may have brought its worker down goes out alone.
  local function alone()
    if call('LLEN', SUSPECTS) > 0 then
      hand_out('', { call('LPOP', SUSPECTS) })
    elseif soloing then
      local group, score = next_group()
      if group and call('HEXISTS', SOLO, group) == 1 then claim_group(group, 1)
      elseif group then call('ZADD', RING, score, group) end
    end
    return taken > 0
  end
  if room > 0 and not alone() then
    -- Those above priority 0 first; then half for the jobs without a group, half for groups in turn, and to either what
    -- the other leaves.
    local count = call('ZCARD', READY)
    local half = math.floor((room + odd) / 2)
    local mine = math.min(count, math.max(half, count > 0 and call('ZCOUNT', READY, '-inf', '(0') or 0), room)
    if mine > 0 then claim_ready(mine) end
    while room > 0 do
      local group, score = next_group()
      if not group then break end
      local solo = soloing and call('HEXISTS', SOLO, group) == 1
      if solo and taken > 0 then
        call('ZADD', RING, score, group)
        break
      end
      claim_group(group, solo and 1 or room)
      if solo and taken > 0 then break end
    end
    for i = next_at, #popped, 2 do call('ZADD', RING, popped[i + 1], popped[i]) end
    while room > 0 and call('ZCARD', READY) > 0 do claim_ready(room) end
    if want % 2 == 1 then call('HSET', META, 'odd', 1 - odd) end
  end
  if #claims > 0 then
    call('HSET', META, 'epoch', int(epoch))
    -- Padded past 64 bytes: then the hash is a table from the first one on, and not a list that is searched from its
    -- beginning. With a hundred claims that saves 8 us each.
    local deadlines, texts, deadline, ending = {}, {}, int(now + lease), ' ' .. taken .. ' ' .. owner
    ending = ending .. string.rep(' ', 64 - #ending)
    for n, claim in ipairs(claims) do
      local unit = claim[1] ~= '' and claim[1] or ':' .. claim[2]
      deadlines[2 * n - 1], deadlines[2 * n] = deadline, unit
      texts[2 * n - 1], texts[2 * n] = unit, claim[2] .. ' ' .. #claim[3] / 3 .. ending
    end
    many('ZADD', LEASES, deadlines)
    many('HSET', CLAIMS, texts)
  else
    for _, key in ipairs({ LEASES, DELAYED, LATER, EXPIRING }) do
      local score = tonumber(call('ZRANGE', key, 0, 0, 'WITHSCORES')[2])
      if score and (due < 0 or score - now < due) then due = math.max(0, score - now) end
    end
  end
end
write_ended()
keep_turns()
-- A held queue is not woken: whoever woke would find nothing and wake the next.
if call('ZCARD', READY) + call('ZCARD', RING) + call('LLEN', SUSPECTS) > 0 and call('HEXISTS', META, 'held') == 0 then
  wake()
end
return { outcomes, due, claims }
