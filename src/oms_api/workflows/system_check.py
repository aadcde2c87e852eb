"""The doctor as a job: asked for over the API, carried out by the worker, its findings the job's errors."""

from oms_api.db.columns import Json
from oms_api.domain.events.jobs import JobRun
from oms_api.workflows.doctor import check


async def system_check(run: JobRun) -> Json:
    """Prove every invariant; what is broken is an error of the job."""
    async with run.work.reads(run.principal) as read:
        findings = await check(read)
    broken = [
        {"check": f.name, "problem": f"{f.name}: {f.violations} violations, such as {'; '.join(f.examples)}"}
        for f in findings
        if not f.ok
    ]
    await run.step(rows=len(findings) - run.done, total=len(findings), errors=broken)
    return {"checks": len(findings), "findings": len(broken)}
