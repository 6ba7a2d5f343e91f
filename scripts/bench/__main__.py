"""Compares the service with the least code that does the same work: `make bench`.

Everything is measured in one run and in turns: first each measurement once, then each again, three times. The result is
the median of the three, and what counts is the ratio of two results. docs/performance.md explains it and gets the
result.

BENCH_SECONDS   duration of a measurement (5)
BENCH_USERS     with more than the default of 2000, the run compares a database of 2,000 users with one of as many
                users, 20 contacts each, instead of the service with its floors
BENCH_WRITE     "no" prints the result, and does not write it into docs/performance.md
"""

import os
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

# No folder of compiled scripts beside the scripts.
sys.dont_write_bytecode = True

import devices
import growth
import programs
import report
import resources
from plan import FLOODED, READS, SERVICE, Plan, Setup, ratios
from programs import Postgres, Programs, Sqlite

TURNS = 3
USERS, CONTACTS = 2000, 50
# For the measurement of new contacts of one user.
HIGH_LIMIT = 1_000_000


def say(text):
    print(f"{time.strftime('%H:%M:%S')} {text}", file=sys.stderr, flush=True)


def prepare(engine, running, folder):
    """Fills the databases of an engine and starts the programs."""
    say(f"{engine.name}: {USERS:,} users with {CONTACTS} contacts")
    folder = folder / engine.name
    url, floors_url = engine.create("service"), engine.create("floors")
    programs.fill(running, url, folder, USERS, CONTACTS)
    programs.run(programs.FLOORS, "fill", floors_url, folder / "contacts.jsonl")
    writes_url = engine.copy(url, "writes")
    for each in (url, writes_url):
        engine.analyze(each)
    memory = resources.start(running, engine, url, folder / "users.tsv")
    return memory, Setup(
        running.service(url), running.service(writes_url, contact_limit=HIGH_LIMIT), running.floors(floors_url),
        floors_url, running.driver_floors(floors_url), folder, USERS,
    )


def compare(engines, running, folder, seconds):
    prepared = {engine.name: prepare(engine, running, folder) for engine in engines}
    setups = {name: setup for name, (_, setup) in prepared.items()}
    bounds = resources.Bounds(list(setups))
    for name, (memory, _) in prepared.items():
        bounds.add(name, memory)
    plan = Plan(setups)
    for turn in range(1, TURNS + 1):
        for row in plan.rows.values():
            row.run(seconds)
            rates = ", ".join(f"{engine} {samples[-1].rate:,.1f}/s" for engine, samples in row.samples.items())
            say(f"turn {turn}: {row.route}, {row.subject}: {rates}")
    for engine in engines:
        setup = setups[engine.name]
        bounds.add(engine.name, {
            resources.FLOODED: plan.median(FLOODED, SERVICE, engine.name, "p99"),
            resources.QUIET: plan.median(READS, SERVICE, engine.name, "p99"),
            resources.PEAK: setup.service.memory("VmHWM"),
            resources.WRITING_PEAK: setup.writing_service.memory("VmHWM"),
        })
        say(f"{engine.name}: clients that do not read")
        bounds.add(engine.name, resources.clients_that_do_not_read(running, engine, folder / f"{engine.name}-long"))
        say(f"{engine.name}: first synchronization")
        bounds.add(engine.name, devices.first_sync(running, engine, folder / f"{engine.name}-devices"))
    versions = {name: setup.floors.get("/version")[1].decode() for name, setup in setups.items()}
    return plan, bounds, versions


def facts(load, seconds, versions):
    cores = os.cpu_count()
    wrk = programs.run("sh", "-c", "wrk --version | head -n 1 || true").split()
    return {
        "cores": f"{cores}, for the service, the database and wrk together",
        **versions,
        "wrk": " ".join(wrk[1:2]),
        "measurement": f"{seconds} s, medians of {TURNS} turns",
        "load of the machine before the run": f"{load:.1f}",
    }


def main():
    missing = list(programs.missing_programs())
    if missing:
        raise SystemExit("bench: " + "\nbench: ".join(missing))
    server = os.environ.get("TEST_POSTGRES_URL")
    if not server:
        raise SystemExit("bench: TEST_POSTGRES_URL is not set: run `make bench`, which starts a private PostgreSQL")
    seconds, users = int(os.environ.get("BENCH_SECONDS", 5)), int(os.environ.get("BENCH_USERS", USERS))
    load = os.getloadavg()[0]
    # Ends the run through the handlers below.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="contacts-bench.")))
        engines = [Postgres(server), Sqlite(folder)]
        for engine in engines:
            stack.callback(engine.close)
        running = Programs(folder)
        stack.callback(running.stop)
        if users > USERS:
            section, lines = "growth", growth.compare(engines, running, folder, seconds, users, TURNS, say)
            versions = {}
        else:
            plan, bounds, versions = compare(engines, running, folder, seconds)
            section, names = "bench", list(plan.found)
            lines = [
                "### Ratios", "", *report.ratios_table(plan), "", "### Requests a second", "",
                *report.requests_table(plan), "", "### Memory, start and waiting times", "",
                *report.bounds_table(names, bounds.lines()),
            ]
            svg = report.plot(list(ratios(plan)), names)
        lines = [*report.header(facts(load, seconds, versions)), "", *lines]
    print("\n".join(lines))
    if os.environ.get("BENCH_WRITE") != "no":
        report.write(section, lines)
        if section == "bench":
            report.PLOT.write_text(svg)


main()
