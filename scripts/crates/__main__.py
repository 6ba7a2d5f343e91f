"""The crates of other authors: their list in docs/dependencies.md, and the bill of materials of the program.

    python3 scripts/crates check    fails when the list differs from Cargo.lock or from the sources of the crates, or when a
                                    crate that is unsafe and new was not read in the version that is used: part of
                                    `make check`
    python3 scripts/crates list     writes the list; needs the registry
    python3 scripts/crates sbom     writes target/sbom/contacts-api.cdx.json: `make sbom`
    python3 scripts/crates compare-sboms
                                    writes it twice, and fails when the bytes differ: part of `make soak`
"""

import sys

import listing
import sbom

COMMANDS = {"check": listing.check, "list": listing.write, "sbom": sbom.write, "compare-sboms": sbom.compare}

if len(sys.argv) != 2 or sys.argv[1] not in COMMANDS:
    sys.exit(f"usage: python3 scripts/crates {'|'.join(COMMANDS)}")
COMMANDS[sys.argv[1]]()
