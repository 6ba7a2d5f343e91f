"""Compares a small database with a large one: the cost of a user must not depend on the number of the others."""

import statistics

import programs
from measures import Template, Wrk

SMALL, CONTACTS = 2000, 20
# Few clients, so that a request does not wait for others.
CLIENTS = 2
PATHS = {
    "list": "/api/contacts?limit=50",
    "one contact": "/api/contacts/{contact}",
    "search": "/api/contacts?limit=50&q=example",
}


def compare(engines, running, folder, seconds, users, turns, say):
    """Returns the lines of the report."""
    lines = [
        f"| | 2,000 users: p50, ms | {users:,} users: p50, ms | ratio (goal ≤ 1.2) | memory, MiB | memory, MiB |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for engine in engines:
        services, measures = [], {}
        for count in (SMALL, users):
            say(f"{engine.name}: {count:,} users with {CONTACTS} contacts")
            data = folder / f"{engine.name}-{count}"
            url = engine.create(f"users_{count}")
            programs.fill(running, url, data, count, CONTACTS)
            engine.analyze(url)
            service = running.service(url)
            services.append(service)
            for route, path in PATHS.items():
                # As many users in both, so that caches of users are as useful.
                measure = Wrk(Template(data, "GET", path), service.base, data / "users.tsv", CLIENTS, SMALL)
                measures.setdefault(route, []).append((measure, []))
        for turn in range(1, turns + 1):
            for route, pair in measures.items():
                say(f"turn {turn}: {engine.name}, {route}")
                for measure, times in pair:
                    times.append(measure.run(seconds).p50)
        memory = " | ".join(f"{service.memory('VmHWM'):.0f}" for service in services)
        for route, pair in measures.items():
            small, large = (statistics.median(times) for _, times in pair)
            lines.append(f"| {engine.name}, {route} | {small:.2f} | {large:.2f} | {large / small:.2f} | {memory} |")
        for service in services:
            service.stop()
    return lines
