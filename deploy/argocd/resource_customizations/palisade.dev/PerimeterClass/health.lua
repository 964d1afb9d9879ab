-- Stalled is what only a person can help, a halted rollout as well; what somebody suspended is nobody's trouble. A rollout may take
-- days by design: whoever waits for its end could not correct it meanwhile.
if obj.status == nil or obj.status.observedGeneration ~= obj.metadata.generation then
  return {status = "Progressing", message = "Palisade has not looked at it yet"}
end
local found = {}
for _, condition in ipairs(obj.status.conditions or {}) do
  found[condition.type] = condition
end
local ready, stalled, rolled = found.Ready or {}, found.Stalled or {}, found.RolledOut or {}
if stalled.status == "True" then
  return {status = "Degraded", message = stalled.message}
end
if rolled.reason == "Suspended" then
  return {status = "Suspended", message = rolled.message}
end
if ready.status == "True" then
  return {status = "Healthy", message = rolled.status == "False" and rolled.message or ready.message}
end
return {status = "Progressing", message = ready.message or "work is under way"}
