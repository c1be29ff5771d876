-- What HAProxy's own rules cannot tell. `hung` runs once per request that is unanswered after `inspect-delay`, `cause` once per line of the log.

-- Not L6TOUT, which the checks give to an answer that began and did not end.
local TIMED_OUT = { L4TOUT = true, L7TOUT = true }

-- Servers that went down because their last check was not answered, until they are up again. One that leaves DNS after that,
-- as on Kubernetes, where the kubelet's check fails as well, is in maintenance: HAProxy forgets the check's status then.
local silent = {}

local function unanswered(stats)
  -- '* ' marks a check that is under way.
  local last = (stats.check_status or ''):gsub('^%* ', '')
  return TIMED_OUT[last] == true
end

core.register_init(function()
  core.event_sub({ 'SERVER_DOWN', 'SERVER_UP' }, function(event, data)
    local server = data.reference
    local key = data.proxy_name .. '/' .. data.name
    silent[key] = event == 'SERVER_DOWN' and server ~= nil and unanswered(server:get_stats()) or nil
  end)
end)

-- Whether the server of this request hangs: it is down, and its last check was not answered. A server that answers its
-- check otherwise, refuses connections or has left DNS before finishes what it works on.
local function hangs(txn)
  local backend, name = txn.f:be_name(), txn.f:srv_name()
  local server = core.backends[backend] and core.backends[backend].servers[name]
  if server == nil then return false end
  local stats = server:get_stats()
  if stats.status:sub(1, 5) == 'MAINT' then return silent[backend .. '/' .. name] == true end
  return stats.status:sub(1, 4) == 'DOWN' and unanswered(stats)
end

core.register_fetches('hung', hangs)

-- A status for a request that may not be sent again, and whose server is gone or hangs. After a used connection HAProxy
-- itself only resets the client's stream, as if the server had not seen the request: gRPC clients would send it again.
core.register_action('unanswered', { 'tcp-res' }, function(txn)
  if txn.res:may_recv() and not hangs(txn) then return end
  txn:done(txn:reply({ status = 502, reason = 'Bad Gateway' }))
end)

-- HAProxy's termination state: who ended the request, and in which phase.
local CAUSES = {
  CC = 'the client aborted before a replica was connected',
  CD = 'the client aborted during the answer',
  CH = 'the client aborted before the answer',
  CQ = 'the client aborted while it waited for a replica',
  CR = 'the client aborted before its request was complete',
  IC = 'internal error of the proxy',
  LH = 'the replica closed the connection before it answered, or was found to hang',
  LR = 'answered by the proxy: a limit is reached',
  PR = 'refused by the proxy: the request is not valid or too large',
  PH = 'the answer is not valid or too large',
  PD = 'the answer is not valid',
  RC = 'the proxy is out of resources',
  SC = 'connection to the replica failed',
  SD = 'the replica closed the connection during the answer',
  SH = 'the replica closed the connection before it answered, did not read the request for timeout, or was found to hang',
  SQ = 'no replica is ready',
  cD = 'the client was silent for idleTimeout',
  cH = 'the client was silent for idleTimeout while it sent its request',
  cR = 'the client did not send its request in time',
  sC = 'connecting to the replica timed out',
  sD = 'the replica was silent for idleTimeout during the answer',
  sH = 'no answer within timeout',
  sQ = 'no replica was free in time',
  ['--'] = 'the answer of the service',
}

core.register_fetches('cause', function(txn)
  local state = (txn.f:txn_sess_term_state() or '--'):sub(1, 2)
  if state == 'SC' and txn.f:srv_name() == nil then return 'no replica is ready' end
  return CAUSES[state] or ('termination state ' .. state)
end)
