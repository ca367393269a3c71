"""Work on its way: every event handled, every job alive, everything due done or explained."""

from palier.flows.invariants.rule import Invariant, all_of, rows

_EVENTS = rows("""
SELECT NULL::bigint, 'gev', id, kind || ' about ' || reference || ' is not handled' FROM gateways_gatewayevent
WHERE handled_at IS NULL AND received_at < %(settled_before)s
""")

_EVENTS_ONCE = rows("""
SELECT NULL::bigint, 'gev', min(id), external_id || ' was kept ' || count(*) || ' times' FROM gateways_gatewayevent
GROUP BY gateway, external_id HAVING count(*) > 1
""")

_JOBS = rows("""
SELECT NULL::bigint, '', job.task_name, 'job ' || job.id || ' runs without a live worker'
FROM procrastinate_jobs job LEFT JOIN procrastinate_workers worker ON worker.id = job.worker_id
WHERE job.status = 'doing' AND CASE WHEN worker.id IS NULL THEN NOT EXISTS (
        SELECT FROM procrastinate_events begun WHERE begun.job_id = job.id AND begun.type = 'started'
            AND begun.at > %(now)s - interval '2 minutes')
    ELSE worker.last_heartbeat < %(now)s - interval '2 minutes' END
""")

_DUE = rows("""
SELECT due.account_id, '', due.kind, 'is due since ' || due.due_at || ' and neither done nor explained'
FROM agenda_due due JOIN accounts_account account ON account.id = due.account_id
WHERE due.due_at < %(settled_before)s + account.clock_ahead AND account.parked_at IS NULL
    AND NOT EXISTS (SELECT FROM agenda_failure failure
        WHERE failure.kind = due.kind AND failure.subject = due.subject AND failure.resolved_at IS NULL)
UNION ALL
SELECT NULL, '', 'chunk ' || chunk.id, 'is planned since ' || run.planned_at || ' and not done'
FROM agenda_billingchunk chunk JOIN agenda_billingrun run ON run.id = chunk.run_id
WHERE chunk.done_at IS NULL AND run.planned_at < %(settled_before)s
""")

INVARIANTS = (
    Invariant(
        "I24",
        "Every verified event of a gateway is kept once and has led to the question that it hints at",
        all_of(_EVENTS, _EVENTS_ONCE),
    ),
    Invariant("I28", "No job is stuck, and what is due is done or explained", all_of(_JOBS, _DUE)),
)
